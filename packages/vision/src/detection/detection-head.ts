import type { Grid, Parameters } from '@qb-heat/core';
import { ConvNextBlock, LayerNorm, Linear, collectParameters, disposeParameters } from '@qb-heat/training';
import type { Module, Random } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';

export interface DetectionHeadOptions {
  /** Channels of the features. */
  readonly inputDim: number;
  readonly numClasses: number;
  /** The grid of features that it works on. */
  readonly grid: Grid;
  /** Channels inside. */
  readonly dim: number;
  /** ConvNeXt blocks. */
  readonly depth: number;
  /** Mean and deviation of each channel of the features, which it takes away. */
  readonly statistics: FeatureStatistics;
  /** Half the side of a usual box in cells: where the boxes start. */
  readonly typicalReach: number;
  readonly random: Random;
}

export interface FeatureStatistics {
  readonly mean: ArrayLike<number>;
  readonly std: ArrayLike<number>;
}

/** What the head says of a batch of feature maps. The caller disposes them. */
export type HeadOutput = {
  /** Of a box's middle lying in the cell, float32 `[batch, height, width, numClasses]`. */
  readonly logits: tf.Tensor4D;
  /** Left, top, right, bottom of that box in cells, float32 `[batch, height, width, 4]`. */
  readonly boxes: tf.Tensor4D;
};

/** How likely a cell is the middle of a box at the start, as in the focal loss's paper: arXiv 1708.02002, section 4.1. */
const PRIOR = 0.01;
/** Of a box's logarithmic distances from where they start: e⁴ = 55 times longer or shorter. */
const MAX_LOG_CHANGE = 4;

/**
 * An anchor-free detection head on one feature map: for each cell, how likely the middle of a box of each class lies in
 * it, and how far from the cell's middle that box's four sides are. Standardised features, a linear map, ConvNeXt
 * blocks, and two linear maps; the outputs are those of CenterNet (arXiv 1904.07850) and TTFNet (arXiv 1909.00700).
 */
export class DetectionHead implements Module {
  readonly parameters: Parameters;
  readonly #project: Linear;
  readonly #blocks: readonly ConvNextBlock[];
  readonly #norm: LayerNorm;
  readonly #classes: Linear;
  readonly #distances: Linear;
  readonly #mean: tf.Tensor1D;
  readonly #std: tf.Tensor1D;
  readonly #typicalReach: number;
  /** The middle of each cell, twice: x, y, x, y; float32 `[1, height, width, 4]`. */
  readonly #middles: tf.Tensor4D;

  constructor(options: DetectionHeadOptions) {
    const { inputDim, numClasses, grid, dim, depth, statistics, typicalReach, random } = options;
    this.#project = new Linear({ inputDim, outputDim: dim, random: random.fork('project') });
    this.#blocks = Array.from(
      { length: depth },
      (_, i) => new ConvNextBlock({ channels: dim, random: random.fork('blocks').fork(i) }),
    );
    this.#norm = new LayerNorm({ dim });
    const output = (outputDim: number, label: string) =>
      new Linear({ inputDim: dim, outputDim, random: random.fork(label), initialization: 'truncated-normal' });
    this.#classes = output(numClasses, 'classes');
    this.#distances = output(4, 'distances');
    const initial = Math.log(PRIOR / (1 - PRIOR));
    tf.tidy(() => this.#classes.bias!.assign(tf.onesLike(this.#classes.bias!).mul(initial)));
    this.#mean = tf.tensor1d(Float32Array.from(statistics.mean));
    this.#std = tf.tensor1d(Float32Array.from(statistics.std));
    this.#typicalReach = typicalReach;
    const middles = Array.from({ length: grid.height * grid.width }, (_, cell) => {
      const [x, y] = [(cell % grid.width) + 0.5, Math.floor(cell / grid.width) + 0.5];
      return [x, y, x, y];
    });
    this.#middles = tf.tensor4d(middles.flat(), [1, grid.height, grid.width, 4]);
    this.parameters = collectParameters({
      project: this.#project,
      ...Object.fromEntries(this.#blocks.map((block, i) => [`blocks.${i}`, block])),
      norm: this.#norm,
      classes: this.#classes,
      distances: this.#distances,
    });
  }

  /** @param features float32 `[batch, height, width, inputDim]`. */
  apply(features: tf.Tensor4D): HeadOutput {
    return tf.tidy(() => {
      let x = this.#project.apply(features.sub(this.#mean).div(this.#std)); // [batch, height, width, dim]
      for (const block of this.#blocks) x = block.apply(x);
      x = this.#norm.apply(x);
      const change = tf.clipByValue(this.#distances.apply(x), -MAX_LOG_CHANGE, MAX_LOG_CHANGE);
      const reach = tf.mul(tf.exp(change), tf.tensor1d([-1, -1, 1, 1].map((sign) => sign * this.#typicalReach)));
      return {
        logits: this.#classes.apply(x) as tf.Tensor4D,
        boxes: tf.add<tf.Tensor4D>(this.#middles, reach),
      };
    });
  }

  dispose(): void {
    disposeParameters(this);
    tf.dispose([this.#mean, this.#std, this.#middles]);
  }
}
