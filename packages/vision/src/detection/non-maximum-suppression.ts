import { intersectionOverUnion, orderByScore } from './boxes.ts';
import type { Detections } from './boxes.ts';

/**
 * The detections that remain when each, the best score first, removes those of its class that it overlaps by more than
 * `maxOverlap`; the best score comes first.
 *
 * @param maxOverlap intersection over union, from 0 to 1.
 * @param limit the most to keep.
 */
export function suppressOverlaps(detections: Detections, maxOverlap: number, limit: number): Detections {
  const { boxes, labels, scores } = detections;
  const kept: number[] = [];
  for (const candidate of orderByScore(scores)) {
    if (kept.length === limit) break;
    const isCovered = kept.some(
      (other) =>
        labels[other] === labels[candidate] && intersectionOverUnion(boxes, other, boxes, candidate) > maxOverlap,
    );
    if (!isCovered) kept.push(candidate);
  }
  return {
    boxes: Float32Array.from(kept.flatMap((i) => [...boxes.subarray(4 * i, 4 * i + 4)])),
    labels: Int32Array.from(kept, (i) => labels[i]!),
    scores: Float32Array.from(kept, (i) => scores[i]!),
  };
}
