import * as tf from '@tensorflow/tfjs';
import type { Fill, FillName } from '../fill.ts';
import { placeVisible } from '../gather.ts';
import { checkVisibility } from '../positions.ts';
import type { Visibility } from '../visibility.ts';
import { applyWeights } from '../weighted-fill.ts';
import type { FillWeights } from '../weighted-fill.ts';

/** Zeros at every masked position. */
export function createZeroFill(): Fill {
  return parameterless('zero', (features, visibility) =>
    tf.tidy(() => placeVisible(features, tf.zeros([1, features.shape[2]]), visibility)),
  );
}

/** The mean of a sample's visible features at each of its masked positions. */
export function createMeanFill(): Fill {
  return parameterless('mean', (features, visibility) =>
    tf.tidy(() => placeVisible(features, features.mean<tf.Tensor2D>(1), visibility)),
  );
}

/**
 * A weighted sum of the visible features at each masked position. The weights depend on the visibility alone and are
 * kept with it, so that a batch that comes again costs one product.
 */
export function createWeightedFill(name: FillName, computeWeights: (visibility: Visibility) => FillWeights): Fill {
  const known = new WeakMap<Visibility, FillWeights>();
  return parameterless(name, (features, visibility) => {
    let weights = known.get(visibility);
    if (weights === undefined) {
      checkVisibility(visibility);
      weights = computeWeights(visibility);
      known.set(visibility, weights);
    }
    return applyWeights(features, weights, visibility);
  });
}

function parameterless(name: FillName, apply: Fill['apply']): Fill {
  return { name, parameters: new Map(), apply, diagnostics: () => Promise.resolve({}), dispose: () => {} };
}
