import type { Parameters } from '@qb-heat/core';
import {
  collectParameters,
  Convolution2d,
  ConvNextBlock,
  createRandom,
  gelu,
  GroupNorm,
  Linear,
  softmaxCrossEntropy,
} from '@qb-heat/training';
import type { ForwardContext, Layer, PretrainingModel, Random } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { convolutionFlops, depthwiseFlops, linearFlops, trainingFlops } from './flops.ts';
import { normalBatches } from './workload.ts';
import type { TensorBatch, Workload } from './workload.ts';

export interface ConvnetStepSize {
  readonly batchSize: number;
  /** Height and width of the images; a multiple of 4. */
  readonly imageSize: number;
  /** Channels of the first stage, at half the image's size; the second has twice as many, at a quarter. */
  readonly channels: number;
  /** Residual blocks of two 3 × 3 convolutions in the first stage. */
  readonly numResidualBlocks: number;
  /** Depthwise blocks that end each stage. */
  readonly numDepthwiseBlocks: readonly [number, number];
  readonly numClasses: number;
}

/** About 59 GFLOP a step, as much as the ViT step. */
export const referenceConvnetStep: ConvnetStepSize = {
  batchSize: 128,
  imageSize: 32,
  channels: 64,
  numResidualBlocks: 2,
  numDepthwiseBlocks: [1, 3],
  numClasses: 10,
};

const MLP_RATIO = 4;
const KERNEL_SIZE = 3;
const NUM_GROUPS = 8;

/** `y = x + norm(conv(gelu(norm(conv(x)))))`. */
class ResidualBlock implements Layer {
  readonly parameters: Parameters;
  readonly #layers: readonly [Convolution2d, GroupNorm, Convolution2d, GroupNorm];

  constructor(channels: number, random: Random) {
    const convolution = (name: string) =>
      new Convolution2d({
        inChannels: channels,
        outChannels: channels,
        kernelSize: KERNEL_SIZE,
        random: random.fork(name),
      });
    const norm = () => new GroupNorm({ channels, numGroups: NUM_GROUPS });
    this.#layers = [convolution('first'), norm(), convolution('second'), norm()];
    const [first, firstNorm, second, secondNorm] = this.#layers;
    this.parameters = collectParameters({ first, firstNorm, second, secondNorm });
  }

  apply(x: tf.Tensor): tf.Tensor {
    const [first, firstNorm, second, secondNorm] = this.#layers;
    return tf.tidy(() => tf.add(x, secondNorm.apply(second.apply(gelu(firstNorm.apply(first.apply(x)))))));
  }

  dispose(): void {
    for (const layer of this.#layers) layer.dispose();
  }
}

/** A small ConvNet that classifies: 3 × 3 and depthwise convolutions, group norm, GELU, mean over the map, classes. */
class ConvnetModel implements PretrainingModel<TensorBatch> {
  readonly parameters: Parameters;
  readonly #layers: readonly Layer[];
  readonly #head: Linear;
  readonly #labels: tf.Tensor1D;

  constructor(size: ConvnetStepSize, seed: number) {
    const { channels, numResidualBlocks, numDepthwiseBlocks, batchSize, numClasses } = size;
    const random = createRandom(seed);
    const downsample = (name: string, inChannels: number, outChannels: number) =>
      new Convolution2d({ inChannels, outChannels, kernelSize: KERNEL_SIZE, stride: 2, random: random.fork(name) });
    const depthwise = (name: string, width: number) =>
      new ConvNextBlock({
        channels: width,
        kernelSize: KERNEL_SIZE,
        mlpRatio: MLP_RATIO,
        norm: 'group',
        random: random.fork(name),
      });
    const named: Record<string, Layer> = { stem: downsample('stem', 3, channels) };
    for (let i = 0; i < numResidualBlocks; i++) {
      named[`residual.${i}`] = new ResidualBlock(channels, random.fork('residual').fork(i));
    }
    for (let i = 0; i < numDepthwiseBlocks[0]; i++) named[`depthwise.${i}`] = depthwise(`depthwise.${i}`, channels);
    named['downsample'] = downsample('downsample', channels, 2 * channels);
    for (let i = 0; i < numDepthwiseBlocks[1]; i++) named[`wide.${i}`] = depthwise(`wide.${i}`, 2 * channels);
    this.#layers = Object.values(named);
    this.#head = new Linear({ inputDim: 2 * channels, outputDim: numClasses, random: random.fork('head') });
    this.parameters = collectParameters({ ...named, head: this.#head });
    this.#labels = tf.tensor1d(
      Int32Array.from({ length: batchSize }, (_, image) => image % numClasses),
      'int32',
    );
  }

  loss({ values }: TensorBatch, context: ForwardContext): tf.Scalar {
    return tf.tidy(() => {
      let features = values; // [batch, height, width, channels]
      for (const layer of this.#layers) features = layer.apply(features, context);
      const pooled = tf.mean(features, [1, 2]); // [batch, channels]
      return softmaxCrossEntropy(this.#head.apply(pooled) as tf.Tensor2D, this.#labels);
    });
  }

  diagnostics(): Promise<Record<string, number>> {
    return Promise.resolve({});
  }

  dispose(): void {
    for (const layer of this.#layers) layer.dispose();
    this.#head.dispose();
    this.#labels.dispose();
  }
}

/** The ConvNet step of a size, with weights and data that `seed` determines. The caller disposes its model. */
export function createConvnetStep(size: ConvnetStepSize, seed: number): Workload {
  const { batchSize, imageSize } = size;
  return {
    name: 'convnet',
    model: new ConvnetModel(size, seed),
    batchSize,
    flops: convnetStepFlops(size),
    nextBatch: normalBatches([batchSize, imageSize, imageSize, 3], seed),
  };
}

/** Products and convolutions of one step. */
export function convnetStepFlops(size: ConvnetStepSize): number {
  const { batchSize, imageSize, channels, numResidualBlocks, numDepthwiseBlocks, numClasses } = size;
  const [first, second] = [batchSize * (imageSize / 2) ** 2, batchSize * (imageSize / 4) ** 2]; // positions
  const depthwiseBlock = (positions: number, width: number) =>
    depthwiseFlops(positions, KERNEL_SIZE, width) + 2 * linearFlops(positions, width, MLP_RATIO * width);
  const stem = convolutionFlops(first, KERNEL_SIZE, 3, channels);
  const forward =
    stem +
    numResidualBlocks * 2 * convolutionFlops(first, KERNEL_SIZE, channels, channels) +
    numDepthwiseBlocks[0] * depthwiseBlock(first, channels) +
    convolutionFlops(second, KERNEL_SIZE, channels, 2 * channels) +
    numDepthwiseBlocks[1] * depthwiseBlock(second, 2 * channels) +
    linearFlops(batchSize, 2 * channels, numClasses);
  return trainingFlops(forward, stem);
}
