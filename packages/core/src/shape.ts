import type * as tf from '@tensorflow/tfjs';
import { InputError } from './input-error.ts';

/**
 * Throws an `InputError` such as `propagate: operator must be [dim, dim] = [8, 8], got [8, 4]` unless `tensor` has the
 * wanted shape.
 *
 * @param axes names of the axes, `['batch', 'dim']`.
 * @param sizes the size wanted of each axis; null takes any.
 */
export function checkShape(
  operation: string,
  name: string,
  tensor: tf.Tensor,
  axes: readonly string[],
  sizes: readonly (number | null)[],
): void {
  const fits =
    tensor.rank === sizes.length && sizes.every((size, axis) => size === null || size === tensor.shape[axis]);
  if (fits) return;
  const wanted = sizes.map((size, axis) => size ?? axes[axis]);
  const known = sizes.some((size) => size !== null) ? ` = [${wanted.join(', ')}]` : '';
  throw new InputError(`${operation}: ${name} must be [${axes.join(', ')}]${known}, got [${tensor.shape.join(', ')}]`);
}

/** Throws an `InputError` unless `value` is an integer of at least `minimum`. */
export function checkCount(operation: string, name: string, value: number, minimum: number): void {
  if (Number.isInteger(value) && value >= minimum) return;
  throw new InputError(`${operation}: ${name} must be an integer of at least ${minimum}, got ${value}`);
}

/** Throws an `InputError` that lists the choices unless `value` is one of them. */
export function checkChoice<Choice extends string>(
  operation: string,
  name: string,
  value: string,
  choices: readonly Choice[],
): asserts value is Choice {
  if ((choices as readonly string[]).includes(value)) return;
  throw new InputError(`${operation}: ${name} must be one of ${choices.join(', ')}, got '${value}'`);
}
