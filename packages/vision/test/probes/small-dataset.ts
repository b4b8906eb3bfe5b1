import { createRandom } from '@qb-heat/training';
import type { ImageDataset, ImageSplit } from '../../src/index.ts';

/** Pictures of 8×8: class 0 is brighter above, class 1 below, under noise. */
export function smallDataset(numTrain = 40, numTest = 20): ImageDataset {
  return {
    name: 'halves',
    synthetic: true,
    height: 8,
    width: 8,
    numChannels: 3,
    classes: ['above', 'below'],
    train: drawSplit(numTrain, 1),
    test: drawSplit(numTest, 2),
    warnings: [],
  };
}

function drawSplit(numImages: number, seed: number): ImageSplit {
  const random = createRandom(seed);
  const labels = Int32Array.from({ length: numImages }, (_, i) => i % 2);
  const images = Uint8Array.from({ length: numImages * 192 }, (_, i) => {
    const isAbove = i % 192 < 96;
    const isBright = (labels[Math.floor(i / 192)] === 0) === isAbove;
    return (isBright ? 150 : 90) + 40 * random.uniform();
  });
  return { images, labels };
}
