import { InputError } from '@qb-heat/core';
import type { Parameters } from '@qb-heat/core';
import { Linear, TransformerStack, collectParameters, createRandom, softmaxCrossEntropy } from '@qb-heat/training';
import type { ForwardContext, PretrainingModel } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { ImageBackbone } from './backbone.ts';
import { fullBatches } from './data/full-batches.ts';
import type { ImageBatch } from './data/image-batches.ts';
import type { ImageSplit } from './data/image-dataset.ts';

export interface ImageClassifierOptions {
  readonly numClasses: number;
  /** `linear`: the mean of the feature map, then a linear map; `tran-1`: one transformer block over the map before. */
  readonly head: 'linear' | 'tran-1';
  /** True trains the head alone on the frozen encoder, a probe; false trains both: fine-tuning. */
  readonly isFrozen: boolean;
  /** Heads of the transformer block; divides the encoder's channels. Default 4. */
  readonly numHeads?: number;
  /** Draws the head's initial weights. */
  readonly seed: number;
}

const evaluationContext: ForwardContext = { training: false, step: 0 };

/**
 * A classifier of full images on a pre-trained encoder, trained with `pretrain` like any model: fine-tuning, the tran-1
 * probe of QB-Heat (arXiv 2211.13228), or, with an encoder fresh from its seed, supervised training from scratch.
 */
export class ImageClassifier implements PretrainingModel<ImageBatch> {
  /** The head's variables, and the encoder's unless it is frozen. */
  readonly parameters: Parameters;
  readonly backbone: ImageBackbone;
  readonly #isFrozen: boolean;
  readonly #block: TransformerStack | undefined;
  readonly #classes: Linear;

  /**
   * @param backbone is trained in place unless frozen; whoever made it disposes it. Start from a copy to keep it.
   * @throws InputError if a size doesn't fit.
   */
  constructor(backbone: ImageBackbone, options: ImageClassifierOptions) {
    const { numClasses, head, isFrozen, numHeads = 4, seed } = options;
    const { dim } = backbone;
    if (!(Number.isInteger(numClasses) && numClasses >= 2)) {
      throw new InputError(`ImageClassifier: numClasses must be a whole number of at least 2, got ${numClasses}`);
    }
    if (head === 'tran-1' && dim % numHeads !== 0) {
      throw new InputError(`ImageClassifier: numHeads must divide the encoder's ${dim} channels, got ${numHeads}`);
    }
    this.backbone = backbone;
    this.#isFrozen = isFrozen;
    const random = createRandom(seed).fork('classifier');
    this.#block =
      head === 'tran-1' ? new TransformerStack({ dim, depth: 1, numHeads, random: random.fork('block') }) : undefined;
    this.#classes = new Linear({
      inputDim: dim,
      outputDim: numClasses,
      random: random.fork('classes'),
      initialization: 'truncated-normal',
    });
    this.parameters = collectParameters({
      ...(!isFrozen && { encoder: backbone }),
      ...(this.#block && { block: this.#block }),
      classes: this.#classes,
    });
  }

  /**
   * The features whose mean over the places is classified.
   *
   * @param images pixels from 0 to 1, float32 `[batch, height, width, channels]`.
   * @returns float32 `[batch, gridHeight, gridWidth, dim]`. The caller disposes it.
   */
  featureMap(images: tf.Tensor4D, context: ForwardContext = evaluationContext): tf.Tensor4D {
    return tf.tidy(() => {
      // A frozen encoder is used as in evaluation, without its stochastic depth.
      const map = this.backbone.encode(images, this.#isFrozen ? evaluationContext : context);
      if (this.#block === undefined) return map;
      const { grid, dim } = this.backbone;
      const tokens = map.reshape<tf.Tensor3D>([images.shape[0], grid.height * grid.width, dim]);
      return this.#block.apply(tokens, context).reshape<tf.Tensor4D>(map.shape);
    });
  }

  /**
   * Scores of the classes, with a gradient for the images too: mean(featureMap) · weight + bias.
   *
   * @param images pixels from 0 to 1, float32 `[batch, height, width, channels]`.
   * @returns float32 `[batch, numClasses]`. The caller disposes it.
   */
  logits(images: tf.Tensor4D, context: ForwardContext = evaluationContext): tf.Tensor2D {
    return tf.tidy(() => this.#classes.apply(this.featureMap(images, context).mean([1, 2])) as tf.Tensor2D);
  }

  /** Mean cross-entropy of the batch's labels, a float32 scalar. What its mask says is not looked at. */
  loss({ images, labels }: ImageBatch, context: ForwardContext): tf.Scalar {
    return tf.tidy(() => softmaxCrossEntropy(this.logits(images, context), tf.tensor1d(labels, 'int32')));
  }

  /** `accuracy`, the share of the batch that is classified rightly. */
  async diagnostics({ images, labels }: ImageBatch): Promise<Record<string, number>> {
    const predictions = await this.predict(images);
    return { accuracy: labels.filter((label, i) => label === predictions[i]).length / labels.length };
  }

  /**
   * The most likely class of each image.
   *
   * @param images pixels from 0 to 1, float32 `[batch, height, width, channels]`.
   */
  async predict(images: tf.Tensor4D): Promise<Int32Array> {
    const classes = tf.tidy(() => this.logits(images).argMax(-1));
    const predictions = await classes.data<'int32'>();
    classes.dispose();
    return predictions;
  }

  /** Disposes the head; the encoder belongs to whoever made it. */
  dispose(): void {
    this.#block?.dispose();
    this.#classes.dispose();
  }
}

/**
 * The most likely class of each image, int32 `[numImages]`.
 *
 * @param batchSize images at a time; bounds the memory.
 */
export async function classifyImages(
  classifier: ImageClassifier,
  split: ImageSplit,
  batchSize = 128,
): Promise<Int32Array> {
  const predictions = new Int32Array(split.labels.length);
  for (const { images, first, count } of fullBatches(split, classifier.backbone.config.image, batchSize)) {
    predictions.set((await classifier.predict(images)).subarray(0, count), first);
    images.dispose();
  }
  return predictions;
}
