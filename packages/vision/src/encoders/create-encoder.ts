import { InputError } from '@qb-heat/core';
import type { EncoderConfig } from '../config.ts';
import { ConvNetEncoder, convNetPresets } from './convnet.ts';
import type { EncoderContext, ImageEncoder } from './encoder.ts';
import { VitEncoder, vitPresets } from './vit.ts';

/**
 * An encoder of a preset's size, with every size that is given in place of the preset's. The caller disposes it.
 *
 * @throws InputError if the sizes don't go together.
 */
export function createEncoder(config: EncoderConfig, context: EncoderContext): ImageEncoder {
  if (config.kind === 'convnet') {
    const { dim, depths, kernelSize, stochasticDepthRate } = config;
    const preset = convNetPresets[config.preset];
    const sizes = { dim: dim ?? preset.dim, depths: depths ?? preset.depths };
    return new ConvNetEncoder({ ...sizes, kernelSize, stochasticDepthRate }, context);
  }
  const { mlpRatio, positions, stochasticDepthRate } = config;
  const preset = vitPresets[config.preset];
  const dim = config.dim ?? preset.dim;
  const numHeads = config.numHeads ?? preset.numHeads;
  if (dim % numHeads !== 0) {
    throw new InputError(`encoder.numHeads must divide dim, got ${numHeads} for ${dim}`);
  }
  const depth = config.depth ?? preset.depth;
  return new VitEncoder({ dim, depth, numHeads, mlpRatio, positions, stochasticDepthRate }, context);
}
