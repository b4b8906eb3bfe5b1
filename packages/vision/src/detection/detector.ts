import { InputError } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import type { Module } from '@qb-heat/training';
import type { Parameters } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import type { ImageBackbone } from '../backbone.ts';
import { fullBatches } from '../data/full-batches.ts';
import type { Detections } from './boxes.ts';
import type { AnnotatedPicture } from './data/detection-dataset.ts';
import { loadPictures } from './data/load-pictures.ts';
import { decodeGrid } from './decode-grid.ts';
import { DetectionHead } from './detection-head.ts';
import type { FeatureStatistics, HeadOutput } from './detection-head.ts';
import { resizeBackbone } from './resize-backbone.ts';

export interface DetectorOptions {
  readonly classes: readonly string[];
  /** Size in pixels that pictures are resized to, multiples of the patch size. */
  readonly height: number;
  readonly width: number;
  /** Channels of the head. Default 64. */
  readonly dim?: number;
  /**
   * ConvNeXt blocks of the head. Default 1: with more, the head makes up for what an encoder lacks, and encoders score
   * alike.
   */
  readonly depth?: number;
  /** Half the side of a usual box in cells: where the boxes start. Default 4. */
  readonly typicalReach?: number;
  /** Mean and deviation of each channel of the features; by default those of a layer norm, 0 and 1. */
  readonly statistics?: FeatureStatistics;
  /** Draws the head's initial weights. Default 0. */
  readonly seed?: number;
}

export interface DetectOptions {
  /** Detections that are less sure are left out. Default 0.01. */
  readonly minScore?: number;
  /** Of two detections of a class whose intersection over union is more, the surer one is kept. Default 0.6. */
  readonly maxOverlap?: number;
  /** The most detections of a picture, the surest. Default 100. */
  readonly limit?: number;
  /** Pictures at a time; bounds the memory. Default 8. */
  readonly batchSize?: number;
  /** Stops after the batch under way by throwing the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A detection head on a frozen backbone, any encoder that `ImageBackbone` takes. */
export class Detector implements Module {
  /** The head's; the backbone is frozen. */
  readonly parameters: Parameters;
  readonly classes: readonly string[];
  /** A copy of the given one for the detector's size of pictures. */
  readonly backbone: ImageBackbone;
  readonly #head: DetectionHead;

  /**
   * @param backbone is copied; whoever made it disposes it.
   * @throws InputError if there is no class, or patches don't tile the size.
   */
  constructor(backbone: ImageBackbone, options: DetectorOptions) {
    const { classes, height, width, dim = 64, depth = 1, typicalReach = 4, statistics, seed = 0 } = options;
    if (classes.length === 0) throw new InputError('Detector: classes must name at least one class, got none');
    this.classes = classes;
    this.backbone = resizeBackbone(backbone, { height, width });
    const { grid, dim: inputDim } = this.backbone;
    this.#head = new DetectionHead({
      inputDim,
      numClasses: classes.length,
      grid,
      dim,
      depth,
      typicalReach,
      statistics: statistics ?? { mean: new Float32Array(inputDim), std: new Float32Array(inputDim).fill(1) },
      random: createRandom(seed).fork('detector'),
    });
    this.parameters = this.#head.parameters;
  }

  /** @param features of the backbone, float32 `[batch, gridHeight, gridWidth, dim]`. The caller disposes the result. */
  apply(features: tf.Tensor4D): HeadOutput {
    return this.#head.apply(features);
  }

  dispose(): void {
    this.backbone.dispose();
    this.#head.dispose();
  }
}

/**
 * What a detector finds on pictures, the surest first, boxes in the pictures' own pixels.
 *
 * @throws InputError that names a picture that doesn't decode.
 */
export async function detect(
  detector: Detector,
  pictures: readonly Pick<AnnotatedPicture, 'file' | 'width' | 'height'>[],
  options: DetectOptions = {},
): Promise<Detections[]> {
  const { minScore = 0.01, maxOverlap = 0.6, limit = 100, batchSize = 8, signal } = options;
  if (!(minScore > 0 && minScore < 1)) {
    throw new InputError(`detect: minScore must lie between 0 and 1, got ${minScore}`);
  }
  const { backbone, classes } = detector;
  const { image } = backbone.config;
  const { grid } = backbone;
  const numCells = grid.height * grid.width;
  const images = await loadPictures(pictures, image);
  const split = { images, labels: new Int32Array(pictures.length) };
  const detections: Detections[] = [];
  for (const batch of fullBatches(split, image, Math.min(batchSize, Math.max(1, pictures.length)))) {
    const { logits, boxes } = tf.tidy(() => detector.apply(backbone.encode(batch.images)));
    const [logitValues, boxValues] = await Promise.all([logits.data<'float32'>(), boxes.data<'float32'>()]);
    tf.dispose([batch.images, logits, boxes]);
    for (let i = 0; i < batch.count; i++) {
      const ofPicture = (values: Float32Array, size: number) => values.subarray(i * size, (i + 1) * size);
      detections.push(
        decodeGrid(
          ofPicture(logitValues, numCells * classes.length),
          ofPicture(boxValues, numCells * 4),
          grid,
          pictures[batch.first + i]!,
          { minScore, maxOverlap, limit },
        ),
      );
    }
    signal?.throwIfAborted();
  }
  return detections;
}
