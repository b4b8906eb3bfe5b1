import { InputError } from '@qb-heat/core';
import type { Grid, Parameters, Visibility } from '@qb-heat/core';
import { ConvNextBlock, Convolution2d, LayerNorm, collectParameters } from '@qb-heat/training';
import type { ForwardContext, Layer } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { unpatchify } from '../patches.ts';
import type { EncoderContext, ImageEncoder } from './encoder.ts';
import { planStages } from './stages.ts';
import type { StagePlan } from './stages.ts';

export interface ConvNetOptions {
  /** Channels of the last stage; each stage before has half as many. */
  readonly dim: number;
  /** Blocks of the three stages; a patch size that can't be halved twice leaves out the first ones. */
  readonly depths: readonly [number, number, number];
  /** Window of the depthwise convolutions, odd. */
  readonly kernelSize: number;
  /** Of the last block; it grows from 0 at the first. */
  readonly stochasticDepthRate: number;
}

/**
 * Widths and depths by name. The small ones have no blocks in the first stages: on many cells and few channels these take
 * the most time for the least.
 */
export const convNetPresets = {
  atto: { dim: 96, depths: [0, 0, 3] },
  femto: { dim: 128, depths: [0, 0, 4] },
  pico: { dim: 160, depths: [0, 1, 4] },
  nano: { dim: 192, depths: [1, 2, 5] },
  tiny: { dim: 256, depths: [2, 2, 8] },
  small: { dim: 384, depths: [2, 3, 12] },
  base: { dim: 768, depths: [3, 3, 18] },
} as const;

/**
 * A plain convolutional encoder of ConvNeXt blocks. It computes on the image of the visible block and nothing else, so
 * that it needs no trick for masks: at the block's edge it pads with zeros as at the edge of any image (QB-Heat, arXiv
 * 2211.13228: a contiguous block is what lets the encoder be a CNN).
 *
 * Up to three stages lower the resolution by convolutions without overlap, until the last has one feature per patch.
 */
export class ConvNetEncoder implements ImageEncoder {
  readonly dim: number;
  readonly parameters: Parameters;
  readonly #patchSize: number;
  readonly #kernelSize: number;
  readonly #stages: readonly StagePlan[];
  readonly #layers: readonly Layer[];

  constructor(options: ConvNetOptions, { patchSize, numChannels, random }: EncoderContext) {
    const { dim, kernelSize, stochasticDepthRate } = options;
    this.dim = dim;
    this.#patchSize = patchSize;
    this.#kernelSize = kernelSize;
    this.#stages = planStages('convnet', options, patchSize, numChannels);

    const numBlocks = this.#stages.reduce((sum, stage) => sum + stage.depth, 0);
    const rateStep = stochasticDepthRate / Math.max(1, numBlocks - 1);
    const layers: [string, Layer][] = [];
    let numBefore = 0;
    this.#stages.forEach(({ factor, entryKernel, inChannels, channels, depth }, index) => {
      const draw = random.fork('stages').fork(index);
      const path = `stages.${index}`;
      layers.push([
        `${path}.entry`,
        new Convolution2d({
          inChannels,
          outChannels: channels,
          kernelSize: entryKernel,
          stride: factor,
          random: draw.fork('entry'),
        }),
      ]);
      // A norm after each change of resolution keeps the scale of the residual stream in hand.
      layers.push([`${path}.norm`, new LayerNorm({ dim: channels })]);
      for (let block = 0; block < depth; block++) {
        const stage = { channels, kernelSize, stochasticDepthRate: rateStep * numBefore++ };
        layers.push([`${path}.blocks.${block}`, new ConvNextBlock({ ...stage, random: draw.fork(block) })]);
      }
    });
    layers.push(['norm', new LayerNorm({ dim })]);
    this.#layers = layers.map(([, layer]) => layer);
    this.parameters = collectParameters(Object.fromEntries(layers));
  }

  encode(patches: tf.Tensor3D, visibility: Visibility, context?: ForwardContext): tf.Tensor3D {
    if (visibility.kind !== 'block') {
      throw new InputError('convnet: a convolutional encoder needs a visible block, got scattered patches');
    }
    const block = visibility.blocks[0]!;
    return tf.tidy(() => {
      let x: tf.Tensor = unpatchify(patches, block, this.#patchSize); // [batch, height, width, channels] of the block
      for (const layer of this.#layers) x = layer.apply(x, context);
      return x.reshape<tf.Tensor3D>([visibility.batchSize, block.height * block.width, this.dim]);
    });
  }

  countFlops(visible: Grid): number {
    const perPatch = this.#stages.reduce((sum, { entryKernel, inChannels, channels, depth, numCells }) => {
      const entry = entryKernel ** 2 * inChannels * channels;
      const block = this.#kernelSize ** 2 * channels + 8 * channels * channels;
      return sum + numCells * (entry + depth * block);
    }, 0);
    return 2 * visible.height * visible.width * perPatch;
  }

  dispose(): void {
    for (const layer of this.#layers) layer.dispose();
  }
}
