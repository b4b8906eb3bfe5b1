import { InputError } from '@qb-heat/core';
import type { Grid, Parameters, Visibility } from '@qb-heat/core';
import { Convolution2d, LayerNorm, collectParameters, normalVariable } from '@qb-heat/training';
import type { ForwardContext, Module } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { unpatchify } from '../patches.ts';
import type { EncoderContext, ImageEncoder } from './encoder.ts';
import { MobileFormerBlock, countBlockProducts } from './mobile-former-block.ts';
import { planStages } from './stages.ts';
import type { StagePlan } from './stages.ts';

export interface MobileFormerOptions {
  /** Channels of the last stage; each stage before has half as many. */
  readonly dim: number;
  /** Blocks of the three stages; a patch size that can't be halved twice leaves out the first ones. */
  readonly depths: readonly [number, number, number];
  /** Global tokens beside the map. */
  readonly numTokens: number;
  readonly tokenDim: number;
  /** Of all attention; divides `tokenDim` and the channels of each stage that has blocks. */
  readonly numHeads: number;
  /** Window of the depthwise convolutions, odd. */
  readonly kernelSize: number;
  /** Channels within an inverted bottleneck over those outside. */
  readonly expansion: number;
  /** Of the last block; it grows from 0 at the first. */
  readonly stochasticDepthRate: number;
}

/** Widths, depths and tokens by name. */
export const mobileFormerPresets = {
  atto: { dim: 64, depths: [0, 1, 2], numTokens: 3, tokenDim: 64, numHeads: 2 },
  femto: { dim: 96, depths: [0, 1, 3], numTokens: 3, tokenDim: 96, numHeads: 2 },
  pico: { dim: 128, depths: [0, 1, 4], numTokens: 4, tokenDim: 128, numHeads: 4 },
  nano: { dim: 192, depths: [0, 2, 5], numTokens: 6, tokenDim: 128, numHeads: 4 },
  tiny: { dim: 256, depths: [1, 2, 8], numTokens: 6, tokenDim: 192, numHeads: 4 },
  small: { dim: 384, depths: [1, 3, 12], numTokens: 6, tokenDim: 192, numHeads: 6 },
  base: { dim: 768, depths: [2, 3, 18], numTokens: 6, tokenDim: 384, numHeads: 6 },
} as const;

interface Stage {
  readonly plan: StagePlan;
  readonly entry: Convolution2d;
  readonly norm: LayerNorm;
  readonly blocks: readonly MobileFormerBlock[];
}

/**
 * A light hybrid: convolutions over the image of the visible block, and a few learned tokens that see all of it, bridged
 * in every block (Mobile-Former, arXiv 2108.05895: the kind of encoder that QB-Heat is published with). Like the convnet
 * it computes on the block and nothing else; unlike there, every feature knows of the whole block through the tokens.
 */
export class MobileFormerEncoder implements ImageEncoder {
  readonly dim: number;
  readonly parameters: Parameters;
  readonly #options: MobileFormerOptions;
  readonly #patchSize: number;
  /** `[1, numTokens, tokenDim]`. */
  readonly #tokens: tf.Variable;
  readonly #stages: readonly Stage[];
  readonly #norm: LayerNorm;

  constructor(options: MobileFormerOptions, { patchSize, numChannels, random }: EncoderContext) {
    const { dim, numTokens, tokenDim, stochasticDepthRate } = options;
    const plans = planStages('mobile-former', options, patchSize, numChannels);
    checkHeads(options, plans);
    this.dim = dim;
    this.#options = options;
    this.#patchSize = patchSize;
    this.#tokens = normalVariable(random.fork('tokens'), 0.02, [1, numTokens, tokenDim]);
    const numBlocks = plans.reduce((sum, plan) => sum + plan.depth, 0);
    const rateStep = stochasticDepthRate / Math.max(1, numBlocks - 1);
    let numBefore = 0;
    this.#stages = plans.map((plan, index) => {
      const draw = random.fork('stages').fork(index);
      const { inChannels, channels, entryKernel, factor, depth } = plan;
      return {
        plan,
        entry: new Convolution2d({
          inChannels,
          outChannels: channels,
          kernelSize: entryKernel,
          stride: factor,
          random: draw.fork('entry'),
          initialization: 'xavier-uniform',
        }),
        norm: new LayerNorm({ dim: channels }),
        blocks: Array.from(
          { length: depth },
          (_, block) =>
            new MobileFormerBlock({
              ...options,
              channels,
              stochasticDepthRate: rateStep * numBefore++,
              random: draw.fork(block),
            }),
        ),
      };
    });
    this.#norm = new LayerNorm({ dim });
    this.parameters = new Map([['tokens', this.#tokens], ...collectParameters(this.#modules())]);
  }

  encode(patches: tf.Tensor3D, visibility: Visibility, context?: ForwardContext): tf.Tensor3D {
    if (visibility.kind !== 'block') {
      throw new InputError('mobile-former: a convolutional encoder needs a visible block, got scattered patches');
    }
    const block = visibility.blocks[0]!;
    const { batchSize } = visibility;
    return tf.tidy(() => {
      let map: tf.Tensor4D = unpatchify(patches, block, this.#patchSize); // [batch, height, width, channels] of the block
      let tokens = this.#tokens.tile<tf.Tensor3D>([batchSize, 1, 1]);
      for (const { entry, norm, blocks } of this.#stages) {
        map = norm.apply(entry.apply(map));
        for (const layer of blocks) ({ map, tokens } = layer.apply({ map, tokens }, context));
      }
      const features = this.#norm.apply(map);
      return features.reshape<tf.Tensor3D>([batchSize, block.height * block.width, this.dim]);
    });
  }

  countFlops(visible: Grid): number {
    const numPatches = visible.height * visible.width;
    const perStage = this.#stages.map(({ plan: { entryKernel, inChannels, channels, depth, numCells } }) => {
      const cells = numPatches * numCells;
      const entry = cells * entryKernel ** 2 * inChannels * channels;
      return entry + depth * countBlockProducts({ ...this.#options, channels }, cells, this.#options.numTokens);
    });
    return 2 * perStage.reduce((sum, products) => sum + products, 0);
  }

  dispose(): void {
    this.#tokens.dispose();
    for (const module of Object.values(this.#modules())) module.dispose();
  }

  /** Everything but the tokens, by path. */
  #modules(): Record<string, Module> {
    const entries = this.#stages.flatMap(({ entry, norm, blocks }, index): [string, Module][] => [
      [`stages.${index}.entry`, entry],
      [`stages.${index}.norm`, norm],
      ...blocks.map((block, number): [string, Module] => [`stages.${index}.blocks.${number}`, block]),
    ]);
    return Object.fromEntries([...entries, ['norm', this.#norm]]);
  }
}

function checkHeads({ numHeads, tokenDim }: MobileFormerOptions, plans: readonly StagePlan[]): void {
  const widths = [tokenDim, ...plans.filter(({ depth }) => depth > 0).map(({ channels }) => channels)];
  const odd = widths.find((width) => width % numHeads !== 0);
  if (odd === undefined) return;
  throw new InputError(
    `encoder.numHeads must divide tokenDim and the channels of each stage (${widths.join(', ')}), got ${numHeads} for ${odd}`,
  );
}
