import * as tf from '@tensorflow/tfjs';
import type { Fill } from '../fill.ts';
import { placeVisible } from '../gather.ts';
import { createSeededNormal } from '../seeded-normal.ts';

/**
 * One learned vector at every masked position, as in MAE (arXiv 2111.06377) and BERT; drawn from N(0, 0.02²). Its only
 * parameter is `token`, `[1, dim]`.
 */
export function createMaskTokenFill(dim: number, seed: number): Fill {
  const token = tf.tidy(() => tf.variable(createSeededNormal([1, dim], 0.02, seed)));
  return {
    name: 'mask-token',
    parameters: new Map<string, tf.Variable>([['token', token]]),
    apply: (features, visibility) => placeVisible(features, token, visibility),
    diagnostics: () => Promise.resolve({}),
    dispose: () => token.dispose(),
  };
}
