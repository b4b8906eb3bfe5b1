import { InputError } from '@qb-heat/core';
import type { EncoderConfig } from '../config.ts';
import { ConvNetEncoder, convNetPresets } from './convnet.ts';
import type { EncoderContext, ImageEncoder } from './encoder.ts';
import { MobileFormerEncoder, mobileFormerPresets } from './mobile-former.ts';
import { VitEncoder, vitPresets } from './vit.ts';

/**
 * An encoder of a preset's size, with every size that is given in place of the preset's. The caller disposes it.
 *
 * @throws InputError if the sizes don't go together.
 */
export function createEncoder(config: EncoderConfig, context: EncoderContext): ImageEncoder {
  switch (config.kind) {
    case 'convnet':
      return createConvNet(config, context);
    case 'mobile-former':
      return createMobileFormer(config, context);
    case 'vit':
      return createVit(config, context);
  }
}

type ConfigOf<Kind extends EncoderConfig['kind']> = Extract<EncoderConfig, { kind: Kind }>;

function createConvNet(config: ConfigOf<'convnet'>, context: EncoderContext): ConvNetEncoder {
  const { dim, depths, kernelSize, stochasticDepthRate } = config;
  const preset = convNetPresets[config.preset];
  const sizes = { dim: dim ?? preset.dim, depths: depths ?? preset.depths };
  return new ConvNetEncoder({ ...sizes, kernelSize, stochasticDepthRate }, context);
}

function createMobileFormer(config: ConfigOf<'mobile-former'>, context: EncoderContext): MobileFormerEncoder {
  const { dim, depths, numTokens, tokenDim, numHeads, kernelSize, expansion, stochasticDepthRate } = config;
  const preset = mobileFormerPresets[config.preset];
  return new MobileFormerEncoder(
    {
      dim: dim ?? preset.dim,
      depths: depths ?? preset.depths,
      numTokens: numTokens ?? preset.numTokens,
      tokenDim: tokenDim ?? preset.tokenDim,
      numHeads: numHeads ?? preset.numHeads,
      kernelSize,
      expansion,
      stochasticDepthRate,
    },
    context,
  );
}

function createVit(config: ConfigOf<'vit'>, context: EncoderContext): VitEncoder {
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
