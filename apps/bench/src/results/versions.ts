import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';

/** Versions of what computes: Node, this project, tfjs and its backend. */
export function describeVersions(backend: { readonly name: string; readonly version: string }): Record<string, string> {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
  return {
    'qb-heat': version,
    node: process.versions.node,
    '@tensorflow/tfjs': tf.version['tfjs-core'],
    [`backend ${backend.name}`]: backend.version,
  };
}
