import { InputError } from '@qb-heat/core';
import type { FillName, FillSpec } from '@qb-heat/core';
import { z } from 'zod';
import { convNetPresets } from './encoders/convnet.ts';
import { mobileFormerPresets } from './encoders/mobile-former.ts';
import { vitPresets } from './encoders/vit.ts';
import { blockPositions } from './masks.ts';

const count = z.int().min(1);
const share = z.number().min(0).max(1);

const imageSchema = z.strictObject({
  height: count,
  width: count,
  numChannels: z.union([z.literal(1), z.literal(3)]),
  /** Mean and standard deviation of each channel, with pixels from 0 to 1; measured with `measureNormalization`. */
  normalization: z.strictObject({
    mean: z.array(z.number()).readonly(),
    std: z.array(z.number().positive()).readonly(),
  }),
});

const vitSchema = z.strictObject({
  kind: z.literal('vit'),
  /** Width, depth and heads by name; each can be given on its own as well. */
  preset: z.enum(Object.keys(vitPresets) as (keyof typeof vitPresets)[]).default('femto'),
  dim: count.optional(),
  depth: count.optional(),
  numHeads: count.optional(),
  mlpRatio: z.number().positive().default(4),
  positions: z.enum(['sin-cos', 'learned']).default('sin-cos'),
  stochasticDepthRate: share.default(0),
});

const convNetSchema = z.strictObject({
  kind: z.literal('convnet'),
  /** Width and depths by name; each can be given on its own as well. */
  preset: z.enum(Object.keys(convNetPresets) as (keyof typeof convNetPresets)[]).default('femto'),
  dim: count.optional(),
  depths: z
    .tuple([z.int().min(0), z.int().min(0), count])
    .readonly()
    .optional(),
  kernelSize: count.refine((size) => size % 2 === 1, 'must be odd').default(5),
  stochasticDepthRate: share.default(0),
});

const mobileFormerSchema = z.strictObject({
  kind: z.literal('mobile-former'),
  /** Widths, depths and tokens by name; each can be given on its own as well. */
  preset: z.enum(Object.keys(mobileFormerPresets) as (keyof typeof mobileFormerPresets)[]).default('femto'),
  dim: count.optional(),
  depths: z
    .tuple([z.int().min(0), z.int().min(0), count])
    .readonly()
    .optional(),
  numTokens: count.optional(),
  tokenDim: count.optional(),
  numHeads: count.optional(),
  kernelSize: count.refine((size) => size % 2 === 1, 'must be odd').default(3),
  expansion: z.number().min(1).default(4),
  stochasticDepthRate: share.default(0),
});

const backboneSchema = z.strictObject({
  image: imageSchema,
  /** Side of a patch in pixels. */
  patchSize: count.default(4),
  encoder: z
    .discriminatedUnion('kind', [vitSchema, convNetSchema, mobileFormerSchema], {
      error: "expected 'vit', 'convnet' or 'mobile-former'",
    })
    .prefault({ kind: 'vit' }),
  /** Draws the initial weights. */
  seed: z.int().default(0),
});

const maskSchema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('block'),
      position: z.enum(blockPositions).default('center'),
      height: count.optional(),
      width: count.optional(),
    }),
    z.strictObject({ kind: z.literal('random'), ratio: z.number().gt(0).lt(1).default(0.75) }),
    z.strictObject({ kind: z.literal('none') }),
  ],
  { error: "expected 'block', 'random' or 'none'" },
);

const modelSchema = backboneSchema.extend({
  /** Which patches are visible in pre-training. */
  mask: maskSchema.prefault({ kind: 'block' }),
  /** What masked patches get before the decoder, by name, or by name and options; `createFill` checks it. */
  fill: z
    .custom<FillName | FillSpec>(
      (value) => typeof value === 'string' || isNamed(value),
      'must be a name or { name, … }',
    )
    .default('linear'),
  /**
   * Where the fill works. `features`: the encoder sees the visible patches alone, and the fill predicts the features of
   * the masked ones (QB-Heat, MAE). `patches`: the fill replaces the masked patches of the image, and the encoder sees
   * the whole grid (SimMIM, with a mask token).
   */
  fillAt: z.enum(['features', 'patches']).default('features'),
  decoder: z
    .strictObject({
      dim: count.default(64),
      /** Transformer blocks; 0 leaves a linear map of each feature alone. */
      depth: z.int().min(0).default(1),
      numHeads: count.default(4),
    })
    .prefault({}),
  /** What is predicted: normalised pixels, or the pixels of each patch normalised by its own mean and deviation. */
  target: z.enum(['pixels', 'normalized-patches']).default('pixels'),
  /** Which patches the loss is the mean over. `all` where nothing is masked. */
  lossOn: z.enum(['masked', 'all']).default('masked'),
});

/** Options of a backbone: pictures' size and normalisation, patches and the encoder. */
export type BackboneOptions = z.input<typeof backboneSchema>;
/** Options of a backbone with every default filled in; plain JSON, kept in checkpoints. */
export type BackboneConfig = z.output<typeof backboneSchema>;
/** Options of a masked image model. */
export type MaskedImageModelOptions = z.input<typeof modelSchema>;
/** Options of a masked image model with every default filled in; plain JSON, kept in checkpoints. */
export type MaskedImageModelConfig = z.output<typeof modelSchema>;
/** Options of an encoder with every default but the preset's sizes filled in. */
export type EncoderConfig = BackboneConfig['encoder'];

/** @throws InputError that names the first option that is unknown or out of range. */
export function parseBackboneOptions(options: unknown): BackboneConfig {
  return parse(backboneSchema, options, 'ImageBackbone');
}

/** @throws InputError that names the first option that is unknown or out of range. */
export function parseModelOptions(options: unknown): MaskedImageModelConfig {
  return parse(modelSchema, options, 'MaskedImageModel');
}

function parse<T>(schema: z.ZodType<T>, options: unknown, owner: string): T {
  const result = schema.safeParse(options, { reportInput: true });
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    throw new InputError(`${owner}: ${path === '' ? '' : `${path}: `}unknown option '${issue.keys[0]}'`);
  }
  const got = issue.input === undefined ? '' : `, got ${JSON.stringify(issue.input)}`;
  throw new InputError(`${owner}: ${path}: ${issue.message}${got}`);
}

function isNamed(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';
}
