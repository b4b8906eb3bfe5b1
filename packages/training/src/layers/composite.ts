import type { Parameters } from '@qb-heat/core';
import type * as tf from '@tensorflow/tfjs';
import type { Module } from '../layer.ts';

/** The parameters of several modules under the names that their owner gives them, as `name.path`. */
export function collectParameters(children: Readonly<Record<string, { readonly parameters: Parameters }>>): Parameters {
  const collected = new Map<string, tf.Variable>();
  for (const [name, child] of Object.entries(children)) {
    for (const [path, variable] of child.parameters) collected.set(`${name}.${path}`, variable);
  }
  return collected;
}

/** Disposes the variables of a module, as its `dispose` does. */
export function disposeParameters(module: Pick<Module, 'parameters'>): void {
  for (const variable of module.parameters.values()) variable.dispose();
}
