import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { ImageBatch, MaskedImageModel, MaskedImageModelOptions } from '../src/index.ts';

/** Images of 8×8 pixels in 4×4 patches of 2×2. */
export const tinyImage = {
  height: 8,
  width: 8,
  numChannels: 3 as const,
  normalization: { mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3] },
};

export const tinyOptions: MaskedImageModelOptions = {
  image: tinyImage,
  patchSize: 2,
  encoder: { kind: 'vit', dim: 16, depth: 1, numHeads: 2 },
  decoder: { dim: 16, depth: 1, numHeads: 2 },
};

/** Pixels from 0 to 1 that a seed determines: smooth waves and noise, `[batch, 8, 8, 3]`. */
export function tinyImages(batchSize: number, seed = 0): tf.Tensor4D {
  const random = createRandom(seed);
  const values = new Float32Array(batchSize * 192);
  for (let image = 0, i = 0; image < batchSize; image++) {
    const [speedX, speedY, phase] = [random.uniform(), random.uniform(), 6 * random.uniform()];
    for (let pixel = 0; pixel < 64; pixel++) {
      const wave = Math.sin(phase + speedX * (pixel % 8) + speedY * Math.floor(pixel / 8));
      for (let channel = 0; channel < 3; channel++) {
        values[i++] = Math.min(1, Math.max(0, 0.5 + 0.3 * wave * (channel - 1) + 0.05 * random.normal()));
      }
    }
  }
  return tf.tensor4d(values, [batchSize, 8, 8, 3]);
}

/** A batch with visible patches drawn as the model's mask says. */
export function tinyBatch(model: MaskedImageModel, batchSize = 4, seed = 0): ImageBatch {
  const images = tinyImages(batchSize, seed);
  return {
    images,
    labels: new Int32Array(batchSize),
    visibility: model.sampleMask(batchSize, createRandom(seed).fork('mask')),
    numItems: batchSize,
    dispose: () => images.dispose(),
  };
}
