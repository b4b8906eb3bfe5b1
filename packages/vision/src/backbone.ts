import { InputError } from '@qb-heat/core';
import type { Grid, Parameters, Visibility } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import type { ForwardContext, Module } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { parseBackboneOptions } from './config.ts';
import type { BackboneConfig, BackboneOptions } from './config.ts';
import { createEncoder } from './encoders/create-encoder.ts';
import type { ImageEncoder } from './encoders/encoder.ts';
import { fullVisibility } from './masks.ts';
import { patchGrid, patchify, unpatchify } from './patches.ts';

/**
 * What pre-training leaves behind: an encoder together with the normalisation and the patches that it was trained on, so
 * that whoever loads it can't feed it other ones. Its `config` and `parameters` are what an encoder's checkpoint holds.
 */
export class ImageBackbone implements Module {
  readonly config: BackboneConfig;
  readonly parameters: Parameters;
  /** The grid of patches, and of features, of a full image. */
  readonly grid: Grid;
  readonly #encoder: ImageEncoder;
  readonly #mean: tf.Tensor1D;
  readonly #std: tf.Tensor1D;

  /** @throws InputError on an unknown option, or if patches don't tile the image. */
  constructor(options: BackboneOptions) {
    const config = parseBackboneOptions(options);
    const { image, patchSize, seed } = config;
    this.config = config;
    this.grid = patchGrid(image, patchSize);
    const { mean, std } = image.normalization;
    if (mean.length !== image.numChannels || std.length !== image.numChannels) {
      throw new InputError(
        `ImageBackbone: image.normalization must hold ${image.numChannels} means and deviations, one per channel, ` +
          `got ${mean.length} and ${std.length}`,
      );
    }
    this.#encoder = createEncoder(config.encoder, {
      grid: this.grid,
      patchSize,
      numChannels: image.numChannels,
      random: createRandom(seed).fork('encoder'),
    });
    this.parameters = this.#encoder.parameters;
    this.#mean = tf.tensor1d([...mean]);
    this.#std = tf.tensor1d([...std]);
  }

  /** Channels of the features. */
  get dim(): number {
    return this.#encoder.dim;
  }

  /** Values of a patch: its pixels × channels. */
  get patchDim(): number {
    return this.config.patchSize ** 2 * this.config.image.numChannels;
  }

  /**
   * Normalised patches of images.
   *
   * @param images pixels from 0 to 1, float32 `[batch, height, width, channels]`.
   * @returns float32 `[batch, numPatches, patchDim]`, raster order. The caller disposes it.
   */
  toPatches(images: tf.Tensor4D): tf.Tensor3D {
    this.#checkImages(images);
    return tf.tidy(() => patchify(images.sub(this.#mean).div(this.#std), this.config.patchSize));
  }

  /**
   * Images of normalised patches: the inverse of `toPatches`.
   *
   * @param patches float32 `[batch, numPatches, patchDim]`, raster order.
   * @returns pixels, from 0 to 1 where the patches came from such, float32 `[batch, height, width, channels]`. The
   * caller disposes it.
   */
  toImages(patches: tf.Tensor3D): tf.Tensor4D {
    return tf.tidy(() => unpatchify(patches, this.grid, this.config.patchSize).mul(this.#std).add(this.#mean));
  }

  /**
   * Features of visible patches.
   *
   * @param patches float32 `[batch, numVisible, patchDim]`, normalised, raster order.
   * @returns float32 `[batch, numVisible, dim]`, raster order. The caller disposes it.
   */
  encodePatches(patches: tf.Tensor3D, visibility: Visibility, context?: ForwardContext): tf.Tensor3D {
    return this.#encoder.encode(patches, visibility, context);
  }

  /**
   * The feature map of full images, with a gradient, so that it serves fine-tuning too.
   *
   * @param images pixels from 0 to 1, float32 `[batch, height, width, channels]`.
   * @returns float32 `[batch, gridHeight, gridWidth, dim]`. The caller disposes it.
   */
  encode(images: tf.Tensor4D, context?: ForwardContext): tf.Tensor4D {
    const batchSize = images.shape[0];
    const { height, width } = this.grid;
    return tf.tidy(() =>
      this.encodePatches(this.toPatches(images), fullVisibility(this.grid, batchSize), context).reshape<tf.Tensor4D>([
        batchSize,
        height,
        width,
        this.dim,
      ]),
    );
  }

  /** Another backbone with the same weights, to train on without touching this one. The caller disposes it. */
  copy(): ImageBackbone {
    const copy = new ImageBackbone(this.config);
    for (const [path, variable] of this.parameters) copy.parameters.get(path)!.assign(variable);
    return copy;
  }

  /** Floating-point operations to encode one image of which a block of that many patches is visible. */
  countFlops(visible: Grid = this.grid): number {
    return this.#encoder.countFlops(visible);
  }

  dispose(): void {
    this.#encoder.dispose();
    this.#mean.dispose();
    this.#std.dispose();
  }

  #checkImages(images: tf.Tensor4D): void {
    const { height, width, numChannels } = this.config.image;
    const [batch, ...shape] = images.shape;
    if (shape[0] !== height || shape[1] !== width || shape[2] !== numChannels) {
      throw new InputError(
        `ImageBackbone: images must be [batch, height, width, channels] = [${batch}, ${height}, ${width}, ` +
          `${numChannels}], got [${images.shape.join(', ')}]`,
      );
    }
  }
}
