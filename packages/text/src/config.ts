import type { FillName, FillSpec } from '@qb-heat/core';
import { InputError } from '@qb-heat/core';
import { z } from 'zod';
import type { MaskSpec } from './masks.ts';
import { windowPositions } from './masks.ts';
import { positionKinds } from './encoders/transformer.ts';
import { decoderPositionKinds } from './text-decoder.ts';

const count = z.int().min(1);
const rate = z.number().min(0).lt(1);
const ratio = z.number().gt(0).lt(1);

const headsFit = ({ dim, numHeads }: { dim: number; numHeads: number }): boolean => dim % numHeads === 0;
const headsError = { error: 'numHeads must divide dim' };
const rotaryFits = ({ dim, numHeads, positions }: { dim: number; numHeads: number; positions: string }): boolean =>
  positions !== 'rotary' || (dim / numHeads) % 2 === 0;
const rotaryError = { error: 'rotary positions need heads of an even size, dim / numHeads' };

const transformerSchema = z
  .strictObject({
    kind: z.literal('transformer').default('transformer'),
    dim: count,
    depth: z.int().min(0),
    numHeads: count,
    positions: z.enum(positionKinds).default('learned'),
    dropoutRate: rate.default(0),
  })
  .refine(headsFit, headsError)
  .refine(rotaryFits, rotaryError);

const convNetSchema = z.strictObject({
  kind: z.literal('convnet'),
  dim: count,
  depth: z.int().min(0),
  /** Tokens that a block sees at once. */
  kernelSize: count.refine((size) => size % 2 === 1, 'must be odd').default(7),
  positions: z.enum(['none', 'learned', 'sin-cos']).default('none'),
});

const encoderSchema = z.discriminatedUnion('kind', [transformerSchema, convNetSchema], {
  error: "expected 'transformer' or 'convnet'",
});

const decoderSchema = z
  .strictObject({
    dim: count,
    depth: z.int().min(0),
    numHeads: count,
    positions: z.enum(decoderPositionKinds).default('rotary'),
  })
  .refine(headsFit, headsError)
  .refine(({ dim }) => dim % 2 === 0, { error: 'dim must be even, for sines and cosines of the position' })
  .refine(rotaryFits, rotaryError);

const sizeSchema = z.strictObject({
  /** Entries of the vocabulary: the tokenizer's `vocabSize`. */
  vocabSize: count,
  /** Tokens of a row. */
  length: count.min(4),
  encoder: encoderSchema,
  decoder: decoderSchema,
  /** Wrong tokens that the softmax is over in training, drawn anew for each step; the whole vocabulary unless given. */
  numSampled: count.optional(),
  /** Decides every variable that starts at random. */
  seed: z.int().default(0),
});

const modelSchema = sizeSchema.extend({
  /** What masked positions get before the decoder: a fill's name, or its name and options; `createFill` checks it. */
  fill: z.custom<FillName | FillSpec>(
    (value) => typeof value === 'string' || (typeof value === 'object' && value !== null && 'name' in value),
    'must be a name or { name, … }',
  ),
});

const bertSchema = sizeSchema.extend({
  /** True: of the masked tokens 80 % become `[MASK]`, 10 % a random token, 10 % stay, as BERT trains; false: all `[MASK]`. */
  keepSome: z.boolean().default(false),
  /** Id of the tokenizer's mask token. */
  maskId: z.int().min(0),
});

const latentTargetSchema = z.strictObject({
  /** Whose features are predicted: an average of the encoder over the steps, or the encoder itself; both see whole rows. */
  teacher: z.enum(['ema', 'encoder']).default('ema'),
  /** Share of itself that the average keeps in a step. */
  momentum: z.number().min(0).max(1).default(0.99),
});

const maskSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('window'),
    visibleRatio: ratio.default(0.5),
    position: z.enum(windowPositions).default('random'),
  }),
  z.strictObject({ kind: z.enum(['tokens', 'words']), maskRatio: ratio.default(0.15) }),
  z.strictObject({
    kind: z.literal('spans'),
    maskRatio: ratio.default(0.15),
    meanLength: z.number().min(1).default(5),
  }),
]);

/** What the models have in common. */
export type SizeConfig = z.output<typeof sizeSchema>;
/** Configuration of a model as it is written; what has a default may be left out. */
export type TextModelOptions = z.input<typeof modelSchema>;
/** Configuration of a model with every field. */
export type TextModelConfig = z.output<typeof modelSchema>;
export type BertModelOptions = z.input<typeof bertSchema>;
export type BertModelConfig = z.output<typeof bertSchema>;
export type MaskOptions = z.input<typeof maskSchema>;
export type LatentTargetOptions = z.input<typeof latentTargetSchema>;
export type LatentTarget = z.output<typeof latentTargetSchema>;

/**
 * Sizes of encoder and decoder by name: `tiny` to `base` are the encoders of "Well-Read Students Learn Better" (arXiv
 * 1908.08962, table 1), `nano` is for machines without patience.
 */
export const textPresets = {
  nano: { encoder: { dim: 64, depth: 2, numHeads: 2 }, decoder: { dim: 64, depth: 1, numHeads: 2 } },
  tiny: { encoder: { dim: 128, depth: 2, numHeads: 2 }, decoder: { dim: 128, depth: 1, numHeads: 2 } },
  mini: { encoder: { dim: 256, depth: 4, numHeads: 4 }, decoder: { dim: 128, depth: 1, numHeads: 2 } },
  small: { encoder: { dim: 512, depth: 4, numHeads: 8 }, decoder: { dim: 256, depth: 1, numHeads: 4 } },
  medium: { encoder: { dim: 512, depth: 8, numHeads: 8 }, decoder: { dim: 256, depth: 2, numHeads: 4 } },
  base: { encoder: { dim: 768, depth: 12, numHeads: 12 }, decoder: { dim: 384, depth: 2, numHeads: 6 } },
} as const satisfies Readonly<Record<string, Pick<TextModelOptions, 'encoder' | 'decoder'>>>;

export type TextPreset = keyof typeof textPresets;

/** The same sizes with convolutional encoders of about as many parameters, for visible windows. */
export const textConvNetPresets = {
  nano: { encoder: { kind: 'convnet', dim: 64, depth: 3 }, decoder: textPresets.nano.decoder },
  tiny: { encoder: { kind: 'convnet', dim: 128, depth: 3 }, decoder: textPresets.tiny.decoder },
  mini: { encoder: { kind: 'convnet', dim: 256, depth: 6 }, decoder: textPresets.mini.decoder },
  small: { encoder: { kind: 'convnet', dim: 512, depth: 6 }, decoder: textPresets.small.decoder },
  medium: { encoder: { kind: 'convnet', dim: 512, depth: 12 }, decoder: textPresets.medium.decoder },
  base: { encoder: { kind: 'convnet', dim: 768, depth: 18 }, decoder: textPresets.base.decoder },
} as const satisfies Readonly<Record<TextPreset, Pick<TextModelOptions, 'encoder' | 'decoder'>>>;

/** Checks a model's configuration and fills in defaults; throws an `InputError` that names the field otherwise. */
export function parseTextModelConfig(options: TextModelOptions): TextModelConfig {
  return parse('text model', modelSchema, options);
}

/** As `parseTextModelConfig`, for the model with `[MASK]` in the encoder. */
export function parseBertModelConfig(options: BertModelOptions): BertModelConfig {
  return parse('BERT model', bertSchema, options);
}

/** Checks what a latent model predicts and fills in defaults; throws an `InputError` that names the field otherwise. */
export function parseLatentTarget(options: LatentTargetOptions): LatentTarget {
  return parse('latent target', latentTargetSchema, options);
}

/** Checks how to mask and fills in defaults; throws an `InputError` that names the field otherwise. */
export function parseMask(options: MaskOptions): MaskSpec {
  return parse('mask', maskSchema, options);
}

function parse<S extends z.ZodType>(what: string, schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue!.path.length > 0 ? ` ${issue!.path.join('.')}` : '';
  throw new InputError(`${what}${field}: ${issue!.message}`);
}
