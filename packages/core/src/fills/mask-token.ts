import * as tf from '@tensorflow/tfjs';
import type { Fill } from '../fill.ts';
import { placeVisible } from '../gather.ts';

/**
 * One learned vector at every masked position, as in MAE (arXiv 2111.06377) and BERT; drawn from N(0, 0.02²).
 */
export function createMaskTokenFill(dim: number, seed: number): Fill {
  // tfjs takes a seed of 0 for none, so every seed is mapped to an odd number.
  const token = tf.tidy(() => tf.variable(tf.randomNormal<tf.Rank.R2>([1, dim], 0, 0.02, 'float32', 2 * seed + 1)));
  return {
    name: 'mask-token',
    parameters: new Map([['token', token]]),
    apply: (features, visibility) => placeVisible(features, token as tf.Tensor2D, visibility),
    diagnostics: () => Promise.resolve({}),
    dispose: () => token.dispose(),
  };
}
