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
import { describeAnisotropy } from './anisotropy.ts';
import { ImageBackbone } from './backbone.ts';
import { parseModelOptions } from './config.ts';
import type { MaskedImageModelConfig, MaskedImageModelOptions } from './config.ts';
import type { ImageBatch } from './data/image-batches.ts';
import { PixelDecoder } from './decoder.ts';
import { createMaskSampler, fullVisibility } from './masks.ts';
import type { MaskSampler } from './masks.ts';
import { denormalizePatches, normalizePatches } from './patch-normalization.ts';

/** The mean loss of the patches at one distance from what the encoder sees. */
export interface DistanceLoss {
  /** Steps, straight or diagonal, to the nearest visible patch; 0 for the visible ones. */
  readonly distance: number;
  readonly loss: number;
  /** What predicting the mean color of the training set costs there; with normalised patches, each patch's own mean. */
  readonly referenceLoss: number;
  /** Patches that the means are over. */
  readonly numPatches: number;
}

const evaluationContext: ForwardContext = { training: false, step: 0 };

/** Fills that walk away from a block and have nothing to start from where patches are scattered. */
const blockFills = new Set<string>(['linear', 'mlp']);
/** Fills between the tokens before and after, which a grid doesn't have. */
const sequenceFills = new Set<string>(['interpolate', 'least-squares']);
/** Where nothing is masked, a fill does nothing, and parameters of it would never learn. */
const parameterlessFills = new Set<string>(['zero', 'mean', 'nearest', 'harmonic']);

/**
 * Pre-training by predicting masked patches: encode the visible patches alone, fill in features for the masked ones, and
 * decode the pixels of all. With `fillAt: 'patches'` the fill comes before the encoder, which then sees the whole grid.
 *
 * With a visible block and the fill `linear` this is QB-Heat (arXiv 2211.13228); with random patches and the fill
 * `mask-token` it is MAE (arXiv 2111.06377), and with that at the patches SimMIM (arXiv 2111.09886) but for its loss and
 * its lighter decoder; with nothing masked it is a plain autoencoder. Whatever else is combined, only what is named
 * differs. `imageMethods` has the named combinations.
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
    const fillDim = config.fillAt === 'features' ? dim : patchDim;
    this.fill = createFill(fill, { dim: fillDim, grid, seed: random.fork('fill').integer(2 ** 31) });
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
   * nothing sits there), `effectiveRank` of the features of full images (near 1 when they collapse), and the fill's own:
   * spectral radii, commutators, how far those features are from obeying its operators, and S by its eigenvalues.
   */
  async diagnostics({ images, visibility }: ImageBatch): Promise<Record<string, number>> {
    const { grid, dim, patchDim } = this.backbone;
    const { reference, filled, features } = tf.tidy(() => {
      const patches = this.backbone.toPatches(images);
      const target = this.#target(patches);
      const featureMap = this.backbone.encode(images);
      const isOfFeatures = this.config.fillAt === 'features';
      return {
        reference: this.#meanError(tf.zerosLike(target), target, visibility),
        // What the fill's operators act on.
        filled: isOfFeatures
          ? featureMap
          : patches.reshape<tf.Tensor4D>([visibility.batchSize, grid.height, grid.width, patchDim]),
        features: featureMap.reshape<tf.Tensor2D>([-1, dim]),
      };
    });
    try {
      const [referenceLoss] = await reference.data();
      const rank = await effectiveRank(features);
      const { name, parameters } = this.fill;
      return {
        referenceLoss: referenceLoss!,
        effectiveRank: rank,
        ...(await this.fill.diagnostics(filled)),
        ...(name === 'linear' && (await describeAnisotropy(parameters))),
      };
    } finally {
      tf.dispose([reference, filled, features]);
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
      // Where nothing is masked, what there is to look at is the decoded image itself.
      const mask = countMasked(visibility) > 0 ? maskTensor(visibility) : tf.scalar(1);
      const kept = tf.mul(patches, tf.sub(1, mask));
      const predicted = this.config.target === 'pixels' ? prediction : denormalizePatches(prediction, patches);
      const toPicture = (x: tf.Tensor) => this.backbone.toImages(x as tf.Tensor3D).clipByValue(0, 1) as tf.Tensor4D;
      const seen = countMasked(visibility) > 0 ? kept : patches;
      return { visible: toPicture(seen), reconstruction: toPicture(tf.add(kept, tf.mul(predicted, mask))) };
    });
  }

  /**
   * Features of every patch as the decoder is given them, predicted by the fill from the visible ones or encoded from
   * filled patches, and as the encoder computes them when it sees the whole image.
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

  /** Floating-point operations of the decoder's forward pass over one image. */
  countDecoderFlops(): number {
    return this.#decoder.countFlops();
  }

  dispose(): void {
    this.backbone.dispose();
    this.fill.dispose();
    this.#decoder.dispose();
  }

  #forward(images: tf.Tensor4D, visibility: Visibility, context: ForwardContext) {
    const patches = this.backbone.toPatches(images); // [batch, numPatches, patchDim]
    const visible = gatherVisible(patches, visibility); // [batch, numVisible, patchDim]
    const filled = this.#encodeAndFill(visible, visibility, context); // [batch, numPatches, dim]
    const prediction = this.#decoder.apply(filled, context); // [batch, numPatches, patchDim]
    return { patches, filled, prediction };
  }

  /** Features of all patches from the visible ones, `[batch, numPatches, dim]`. */
  #encodeAndFill(visible: tf.Tensor3D, visibility: Visibility, context: ForwardContext): tf.Tensor3D {
    const fill = (x: tf.Tensor3D) => (countMasked(visibility) > 0 ? this.fill.apply(x, visibility) : x);
    if (this.config.fillAt === 'features') return fill(this.backbone.encodePatches(visible, visibility, context));
    const whole = fullVisibility(this.backbone.grid, visibility.batchSize);
    return this.backbone.encodePatches(fill(visible), whole, context);
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

function checkMaskSuits({ mask, fill, fillAt, encoder, lossOn }: MaskedImageModelConfig): void {
  const fillName = typeof fill === 'string' ? fill : fill.name;
  if (sequenceFills.has(fillName)) {
    throw new InputError(
      `MaskedImageModel: fill '${fillName}' is for sequences, such as text; for images use 'harmonic', or 'linear' from a block`,
    );
  }
  if (mask.kind === 'none') {
    if (lossOn === 'all' && parameterlessFills.has(fillName)) return;
    throw new InputError(
      `MaskedImageModel: with mask.kind 'none' nothing is masked: set lossOn to 'all' and a fill without parameters, ` +
        `such as 'zero', got lossOn '${lossOn}' and fill '${fillName}'`,
    );
  }
  if (mask.kind === 'block') return;
  if (encoder.kind !== 'vit' && fillAt === 'features') {
    throw new InputError(
      `MaskedImageModel: encoder '${encoder.kind}' needs a visible block; set mask.kind to 'block' or fillAt to 'patches'`,
    );
  }
  if (blockFills.has(fillName)) {
    throw new InputError(
      `MaskedImageModel: fill '${fillName}' needs a visible block; set mask.kind to 'block' or choose another fill, such as 'harmonic'`,
    );
  }
}
