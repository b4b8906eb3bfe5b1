import type { Parameters } from '@qb-heat/core';
import {
  DepthwiseConvolution2d,
  LayerNorm,
  Linear,
  TransformerBlock,
  attention,
  collectParameters,
  gelu,
  stochasticDepth,
} from '@qb-heat/training';
import type { ForwardContext, Layer, Module, Random } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';

export interface MobileFormerBlockOptions {
  /** Of the feature map. */
  readonly channels: number;
  /** Of the global tokens. */
  readonly tokenDim: number;
  /** Divides `channels` and `tokenDim`. */
  readonly numHeads: number;
  /** Window of the depthwise convolution, odd. */
  readonly kernelSize: number;
  /** Channels within the bottleneck over `channels`. */
  readonly expansion: number;
  readonly stochasticDepthRate: number;
  readonly random: Random;
}

/** A feature map, float32 `[batch, height, width, channels]`, and global tokens, float32 `[batch, numTokens, tokenDim]`. */
export interface MapAndTokens {
  readonly map: tf.Tensor4D;
  readonly tokens: tf.Tensor3D;
}

/**
 * Local convolutions beside a few global tokens, with a bridge in both directions: the tokens attend to the map, a
 * transformer block mixes them, an inverted bottleneck convolves the map, and the map attends to the tokens. The bridges
 * project the side of the tokens alone, which is what keeps them light.
 *
 * @see Chen et al., "Mobile-Former", arXiv 2108.05895, section 3.2; with layer norms before each branch in the place of
 * batch norm, whose statistics would differ between a visible block and a full image, and GELU for dynamic ReLU.
 */
export class MobileFormerBlock implements Module {
  readonly parameters: Parameters;
  readonly #layers: ReturnType<typeof createLayers>;
  readonly #options: MobileFormerBlockOptions;
  readonly #seed: number;

  constructor(options: MobileFormerBlockOptions) {
    this.#options = options;
    this.#layers = createLayers(options);
    this.#seed = options.random.fork('depth').integer(2 ** 32);
    this.parameters = collectParameters(this.#layers);
  }

  /** The caller disposes both results, of the shapes of the inputs. */
  apply({ map, tokens }: MapAndTokens, context?: ForwardContext): MapAndTokens {
    return tf.tidy(() => {
      const gathered = this.#former(this.#gather(map, tokens), context);
      return { map: this.#spread(this.#convolve(map, context), gathered), tokens: gathered };
    });
  }

  dispose(): void {
    for (const layer of Object.values(this.#layers)) layer.dispose();
  }

  /** Mobile → Former: each token asks the map. */
  #gather(map: tf.Tensor4D, tokens: tf.Tensor3D): tf.Tensor3D {
    const { gatherTokenNorm, gatherMapNorm, gatherQuery, gatherOutput } = this.#layers;
    const cells = toCells(gatherMapNorm.apply(map));
    const query = gatherQuery.apply(gatherTokenNorm.apply(tokens)) as tf.Tensor3D; // [batch, numTokens, channels]
    const found = attention(query, cells, cells, { numHeads: this.#options.numHeads });
    return tf.add(tokens, gatherOutput.apply(found));
  }

  #former(tokens: tf.Tensor3D, context: ForwardContext | undefined): tf.Tensor3D {
    return this.#layers.former.apply(tokens, context);
  }

  /** The inverted bottleneck: up to more channels, convolved each on its own, and down again. */
  #convolve(map: tf.Tensor4D, context: ForwardContext | undefined): tf.Tensor4D {
    const { mobileNorm, expand, depthwise, project } = this.#layers;
    const wide = gelu(expand.apply(mobileNorm.apply(map)));
    let branch = project.apply(gelu(depthwise.apply(wide)));
    const { stochasticDepthRate } = this.#options;
    if (context?.training && stochasticDepthRate > 0) {
      branch = stochasticDepth(branch, stochasticDepthRate, { seed: this.#seed, step: context.step });
    }
    return tf.add(map, branch);
  }

  /** Former → Mobile: each cell asks the tokens. */
  #spread(map: tf.Tensor4D, tokens: tf.Tensor3D): tf.Tensor4D {
    const { spreadMapNorm, spreadTokenNorm, spreadKey, spreadValue } = this.#layers;
    const normed = spreadTokenNorm.apply(tokens);
    const cells = toCells(spreadMapNorm.apply(map));
    const [key, value] = [spreadKey.apply(normed) as tf.Tensor3D, spreadValue.apply(normed) as tf.Tensor3D];
    return tf.add(map, attention(cells, key, value, { numHeads: this.#options.numHeads }).reshape(map.shape));
  }
}

/** Multiplications of one sample: a map of that many cells beside that many tokens. */
export function countBlockProducts(
  { channels, tokenDim, kernelSize, expansion }: Omit<MobileFormerBlockOptions, 'random'>,
  numCells: number,
  numTokens: number,
): number {
  const hidden = Math.round(channels * expansion);
  const bridge = 2 * numTokens * (tokenDim * channels + numCells * channels);
  const former = numTokens * (4 * tokenDim ** 2 + 2 * formerMlpRatio * tokenDim ** 2 + 2 * numTokens * tokenDim);
  const mobile = numCells * (2 * channels * hidden + kernelSize ** 2 * hidden);
  return 2 * bridge + former + mobile;
}

/** As the paper's, whose tokens are few, so that width in their MLP is spent on little. */
const formerMlpRatio = 2;

function createLayers(options: MobileFormerBlockOptions) {
  const { channels, tokenDim, numHeads, kernelSize, expansion, stochasticDepthRate, random } = options;
  const hidden = Math.round(channels * expansion);
  const map = (name: string, inputDim: number, outputDim: number) =>
    new Linear({ inputDim, outputDim, random: random.fork(name) });
  return {
    gatherTokenNorm: new LayerNorm({ dim: tokenDim }),
    gatherMapNorm: new LayerNorm({ dim: channels }),
    gatherQuery: map('gatherQuery', tokenDim, channels),
    gatherOutput: map('gatherOutput', channels, tokenDim),
    former: new TransformerBlock({
      dim: tokenDim,
      numHeads,
      mlpRatio: formerMlpRatio,
      stochasticDepthRate,
      random: random.fork('former'),
    }),
    mobileNorm: new LayerNorm({ dim: channels }),
    expand: map('expand', channels, hidden),
    depthwise: new DepthwiseConvolution2d({
      channels: hidden,
      kernelSize,
      random: random.fork('depthwise'),
      initialization: 'xavier-uniform',
    }),
    project: map('project', hidden, channels),
    spreadMapNorm: new LayerNorm({ dim: channels }),
    spreadTokenNorm: new LayerNorm({ dim: tokenDim }),
    spreadKey: map('spreadKey', tokenDim, channels),
    spreadValue: map('spreadValue', tokenDim, channels),
  } satisfies Record<string, Layer>;
}

/** `[batch, height, width, channels]` → `[batch, height · width, channels]`. */
function toCells(map: tf.Tensor): tf.Tensor3D {
  const [batch, height, width, channels] = map.shape as tf.Tensor4D['shape'];
  return map.reshape([batch, height * width, channels]);
}
