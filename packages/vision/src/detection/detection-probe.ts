import type { ImageBackbone } from '../backbone.ts';
import type { Detections } from './boxes.ts';
import type { AnnotatedPicture, DetectionDataset } from './data/detection-dataset.ts';
import { detect } from './detector.ts';
import type { Detector, DetectorOptions } from './detector.ts';
import { evaluateDetections } from './evaluate-detections.ts';
import type { DetectionScores } from './evaluate-detections.ts';
import { createDetector, trainDetector } from './train-detector.ts';
import type { TrainDetectorOptions } from './train-detector.ts';

export interface DetectionProbeOptions
  extends Omit<DetectorOptions, 'classes' | 'statistics' | 'typicalReach'>, TrainDetectorOptions {}

export interface DetectionProbeResult {
  readonly scores: DetectionScores;
  /** On the test pictures, in their order. */
  readonly detections: readonly Detections[];
  /** Mean loss of the batch of each step. */
  readonly losses: readonly number[];
}

/**
 * How well objects can be found by a light head on the frozen feature map of a backbone: trains the head on the training
 * and validation parts of a set and scores it on the test part.
 *
 * Equal backbones, options and seeds give equal scores, on the same backend to the bit.
 *
 * @param backbone of any size of pictures; whoever made it disposes it.
 * @throws InputError if patches don't tile the size, a picture doesn't decode, or the training diverges.
 */
export async function detectionProbe(
  backbone: ImageBackbone,
  { classes, train, val, test }: DetectionDataset,
  options: DetectionProbeOptions,
): Promise<DetectionProbeResult> {
  const pictures: readonly AnnotatedPicture[] = [...train, ...val];
  const detector: Detector = await createDetector(backbone, pictures, { ...options, classes });
  try {
    const losses: number[] = [];
    for await (const { loss } of trainDetector(detector, pictures, options)) losses.push(loss);
    options.signal?.throwIfAborted();
    const detections = await detect(detector, test, { signal: options.signal });
    return { scores: evaluateDetections(detections, test, classes), detections, losses };
  } finally {
    detector.dispose();
  }
}
