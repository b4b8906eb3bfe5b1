import {
  InputError,
  countMasked,
  createFill,
  distanceToVisible,
  effectiveRank,
  gatherVisible,
  visibilityMask,
} from '@qb-heat/core';
import type { Fill, Parameters, Visibility } from '@qb-heat/core';
import { collectParameters, createRandom } from '@qb-heat/training';
import type { ForwardContext, PretrainingModel } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { ImageBackbone } from './backbone.ts';
import { parseModelOptions } from './config.ts';
import type { MaskedImageModelConfig, MaskedImageModelOptions } from './config.ts';
import type { ImageBatch } from './data/image-batches.ts';
import { PixelDecoder } from './decoder.ts';
import { createMaskSampler } from './masks.ts';
import type { MaskSampler } from './masks.ts';
import { denormalizePatches, normalizePatches } from './patch-normalization.ts';

/** The mean loss of the patches at one distance from what the encoder sees. */
export interface DistanceLoss {
  /** Steps, straight or diagonal, to the nearest visible patch; 0 for the visible ones. */
  readonly distance: number;
  readonly loss: number;
  /** What predicting the mean colour of the training set costs there; with normalised patches, each patch's own mean. */
  readonly referenceLoss: number;
  /** Patches that the means are over. */
  readonly numPatches: number;
}

const evaluationContext: ForwardContext = { training: false, step: 0 };

/** Fills that walk away from a block and have nothing to start from where patches are scattered. */
const blockFills = new Set<string>(['linear', 'mlp']);

/**
 * Pre-training by predicting masked patches: encode the visible patches alone, fill in features for the masked ones, and
 * decode the pixels of all.
 *
 * With a visible block and the fill `linear` this is QB-Heat (arXiv 2211.13228); with random patches and the fill
 * `mask-token` it is MAE (arXiv 2111.06377); whatever else is combined, only what is named differs.
 */
export class MaskedImageModel implements PretrainingModel<ImageBatch> {
  readonly config: MaskedImageModelConfig;
  readonly parameters: Parameters;
  /** What is kept after pre-training. */
  readonly backbone: ImageBackbone;
  readonly fill: Fill;
  /** Draws visible patches as `config.mask` says. */
  readonly sampleMask: MaskSampler;
  readonly #decoder: PixelDecoder;

  /** @throws InputError on an unknown option, sizes that don't fit, or a fill or encoder that can't take the mask. */
  constructor(options: MaskedImageModelOptions) {
    const config = parseModelOptions(options);
    const { image, patchSize, encoder, mask, fill, decoder, seed } = config;
    checkMaskSuits(config);
    this.config = config;
    const random = createRandom(seed);
    this.backbone = new ImageBackbone({ image, patchSize, encoder, seed });
    const { grid, dim, patchDim } = this.backbone;
    this.sampleMask = createMaskSampler(mask, grid);
    this.fill = createFill(fill, { dim, grid, seed: random.fork('fill').integer(2 ** 31) });
    this.#decoder = new PixelDecoder({ ...decoder, inputDim: dim, patchDim, grid, random: random.fork('decoder') });
    this.parameters = collectParameters({ encoder: this.backbone, fill: this.fill, decoder: this.#decoder });
  }

  /** Mean squared error over the patches that `config.lossOn` names, a float32 scalar. The caller disposes it. */
  loss({ images, visibility }: ImageBatch, context: ForwardContext): tf.Scalar {
    return tf.tidy(() => {
      const { patches, prediction } = this.#forward(images, visibility, context);
      return this.#meanError(prediction, this.#target(patches), visibility);
    });
  }

  /**
   * Scalars worth logging: `referenceLoss`, what predicting the mean costs on this batch (a model that has learned
   * nothing sits there), `effectiveRank` of the features of full images (near 1 when they collapse), and the fill's own,
   * such as how far those features are from obeying its operators.
   */
  async diagnostics({ images, visibility }: ImageBatch): Promise<Record<string, number>> {
    const { reference, map, features } = tf.tidy(() => {
      const target = this.#target(this.backbone.toPatches(images));
      const featureMap = this.backbone.encode(images);
      return {
        reference: this.#meanError(tf.zerosLike(target), target, visibility),
        map: featureMap,
        features: featureMap.reshape<tf.Tensor2D>([-1, this.backbone.dim]),
      };
    });
    try {
      const [referenceLoss] = await reference.data();
      const rank = await effectiveRank(features);
      return { referenceLoss: referenceLoss!, effectiveRank: rank, ...(await this.fill.diagnostics(map)) };
    } finally {
      tf.dispose([reference, map, features]);
    }
  }

  /** The loss of a batch by distance from the visible patches, nearest first. */
  async lossByDistance({ images, visibility }: ImageBatch): Promise<DistanceLoss[]> {
    const [errors, referenceErrors] = tf.tidy(() => {
      const { patches, prediction } = this.#forward(images, visibility, evaluationContext);
      const target = this.#target(patches);
      return [tf.squaredDifference(prediction, target).mean(-1), target.square().mean(-1)] as const; // [batch, numPatches]
    });
    const [losses, references] = await Promise.all([errors.data(), referenceErrors.data()]);
    tf.dispose([errors, referenceErrors]);
    const distances = distanceToVisible(visibility, 'chebyshev');
    const sums = new Map<number, { loss: number; reference: number; count: number }>();
    distances.forEach((distance, patch) => {
      const sum = sums.get(distance) ?? { loss: 0, reference: 0, count: 0 };
      sum.loss += losses[patch]!;
      sum.reference += references[patch]!;
      sum.count++;
      sums.set(distance, sum);
    });
    return [...sums]
      .toSorted(([a], [b]) => a - b)
      .map(([distance, { loss, reference, count }]) => ({
        distance,
        loss: loss / count,
        referenceLoss: reference / count,
        numPatches: count,
      }));
  }

  /**
   * What the encoder sees and what the model makes of it, for pictures: the visible patches on grey, and the same with
   * the predicted patches in the place of the masked ones. With normalised patches the prediction is given the true
   * patch's mean and deviation, as MAE draws it.
   *
   * @returns two times pixels from 0 to 1, float32 `[batch, height, width, channels]`. The caller disposes them.
   */
  reconstruct({ images, visibility }: ImageBatch): { visible: tf.Tensor4D; reconstruction: tf.Tensor4D } {
    return tf.tidy(() => {
      const { patches, prediction } = this.#forward(images, visibility, evaluationContext);
      const mask = maskTensor(visibility);
      const kept = tf.mul(patches, tf.sub(1, mask));
      const predicted = this.config.target === 'pixels' ? prediction : denormalizePatches(prediction, patches);
      const toPicture = (x: tf.Tensor) => this.backbone.toImages(x as tf.Tensor3D).clipByValue(0, 1) as tf.Tensor4D;
      return { visible: toPicture(kept), reconstruction: toPicture(tf.add(kept, tf.mul(predicted, mask))) };
    });
  }

  /**
   * Features of every patch as the fill predicts them from the visible ones, and as the encoder computes them when it
   * sees the whole image.
   *
   * @returns two times float32 `[batch, gridHeight, gridWidth, dim]`. The caller disposes them.
   */
  predictFeatures({ images, visibility }: ImageBatch): { predicted: tf.Tensor4D; actual: tf.Tensor4D } {
    return tf.tidy(() => {
      const actual = this.backbone.encode(images);
      const { filled } = this.#forward(images, visibility, evaluationContext);
      return { predicted: filled.reshape<tf.Tensor4D>(actual.shape), actual };
    });
  }

  dispose(): void {
    this.backbone.dispose();
    this.fill.dispose();
    this.#decoder.dispose();
  }

  #forward(images: tf.Tensor4D, visibility: Visibility, context: ForwardContext) {
    const patches = this.backbone.toPatches(images); // [batch, numPatches, patchDim]
    const visible = gatherVisible(patches, visibility); // [batch, numVisible, patchDim]
    const features = this.backbone.encodePatches(visible, visibility, context); // [batch, numVisible, dim]
    const filled = this.fill.apply(features, visibility); // [batch, numPatches, dim]
    const prediction = this.#decoder.apply(filled, context); // [batch, numPatches, patchDim]
    return { patches, filled, prediction };
  }

  /** What the decoder has to predict, `[batch, numPatches, patchDim]`. */
  #target(patches: tf.Tensor3D): tf.Tensor3D {
    return this.config.target === 'pixels' ? patches : normalizePatches(patches);
  }

  #meanError(prediction: tf.Tensor3D, target: tf.Tensor3D, visibility: Visibility): tf.Scalar {
    const errors = tf.squaredDifference(prediction, target);
    if (this.config.lossOn === 'all') return errors.mean();
    const numMasked = visibility.batchSize * countMasked(visibility) * this.backbone.patchDim;
    return errors.mul(maskTensor(visibility)).sum().div(numMasked);
  }
}

/** 1 where a patch is masked, float32 `[batch, numPatches, 1]`. */
function maskTensor(visibility: Visibility): tf.Tensor3D {
  const mask = visibilityMask(visibility);
  return tf.tensor3d(mask, [visibility.batchSize, mask.length / visibility.batchSize, 1]);
}

function checkMaskSuits({ mask, fill, encoder }: MaskedImageModelConfig): void {
  if (mask.kind === 'block') return;
  const fillName = typeof fill === 'string' ? fill : fill.name;
  if (encoder.kind === 'convnet') {
    throw new InputError(`MaskedImageModel: encoder 'convnet' needs a visible block; set mask.kind to 'block'`);
  }
  if (blockFills.has(fillName)) {
    throw new InputError(
      `MaskedImageModel: fill '${fillName}' needs a visible block; set mask.kind to 'block' or choose another fill, such as 'harmonic'`,
    );
  }
}
