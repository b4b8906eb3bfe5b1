import { createRandom } from '@qb-heat/training';
import type { GroundTruth } from '../../src/detection/evaluate-detections.ts';
import type { Detections } from '../../src/detection/boxes.ts';

export interface Scene {
  readonly detections: Detections[];
  readonly pictures: GroundTruth[];
}

/**
 * Pictures of 100×100 pixels with boxes at whole pixels, and detections near them: moved, doubled, of other classes, out
 * of nothing, with few different scores so that many are equal, some of them crowds. A seed determines all.
 */
export function randomScene(seed: number, { numPictures = 12, numClasses = 3, crowdShare = 0.15 } = {}): Scene {
  const random = createRandom(seed);
  const between = (low: number, high: number) => low + random.integer(high - low + 1);
  const detections: Detections[] = [];
  const pictures: GroundTruth[] = [];
  for (let picture = 0; picture < numPictures; picture++) {
    const boxes: number[][] = [];
    const labels: number[] = [];
    const isCrowd: number[] = [];
    const found: { box: number[]; label: number; score: number }[] = [];
    const find = (box: number[], label: number) => found.push({ box, label, score: random.integer(20) / 20 });
    for (let i = between(0, 8); i > 0; i--) {
      const box = [between(0, 70), between(0, 70), between(4, 30), between(4, 30)];
      const label = random.integer(numClasses);
      boxes.push(box);
      labels.push(label);
      isCrowd.push(Number(random.uniform() < crowdShare));
      for (let copy = between(0, 2); copy > 0; copy--) {
        const moved = box.map((value, k) => Math.max(k < 2 ? 0 : 1, value + between(-2, 2)));
        find(random.uniform() < 0.3 ? box : moved, random.uniform() < 0.1 ? random.integer(numClasses) : label);
      }
    }
    for (let i = between(0, 3); i > 0; i--) {
      find([between(0, 70), between(0, 70), between(4, 30), between(4, 30)], random.integer(numClasses));
    }
    pictures.push({
      boxes: Float32Array.from(boxes.flat()),
      labels: Int32Array.from(labels),
      isCrowd: Uint8Array.from(isCrowd),
      isDifficult: new Uint8Array(labels.length),
    });
    detections.push({
      boxes: Float32Array.from(found.flatMap(({ box }) => box)),
      labels: Int32Array.from(found, ({ label }) => label),
      scores: Float32Array.from(found, ({ score }) => score),
    });
  }
  return { detections, pictures };
}
