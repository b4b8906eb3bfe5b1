import type { FillName } from '@qb-heat/core';
import type { BertModelOptions, TextModelOptions } from '../src/config.ts';
import type { MaskSpec } from '../src/masks.ts';
import { packTexts } from '../src/packing.ts';
import type { TextBatch } from '../src/text-batches.ts';
import { textBatches } from '../src/text-batches.ts';
import { handMadeTokenizer } from './fixtures.ts';

export const length = 8;
export const window: MaskSpec = { kind: 'window', visibleRatio: 0.5, position: 'center' };
export const randomWindow: MaskSpec = { kind: 'window', visibleRatio: 0.5, position: 'random' };
export const tokens: MaskSpec = { kind: 'tokens', maskRatio: 0.4 };

/** Fills with a mask that they can take. */
export const fillsWithMasks: readonly (readonly [FillName, MaskSpec])[] = [
  ['linear', window],
  ['linear', randomWindow],
  ['mlp', window],
  ['mask-token', window],
  ['mask-token', tokens],
  ['interpolate', tokens],
  ['harmonic', tokens],
  ['least-squares', tokens],
  ['nearest', tokens],
  ['mean', tokens],
  ['zero', tokens],
];

const sizes = {
  vocabSize: handMadeTokenizer.vocabSize,
  length,
  encoder: { dim: 8, depth: 1, numHeads: 2 },
  decoder: { dim: 8, depth: 1, numHeads: 2 },
  seed: 1,
} as const;

export const tinyOptions = (
  fill: TextModelOptions['fill'],
  more: Partial<TextModelOptions> = {},
): TextModelOptions => ({
  ...sizes,
  fill,
  ...more,
});

export const tinyBertOptions = (more: Partial<BertModelOptions> = {}): BertModelOptions => ({
  ...sizes,
  maskId: handMadeTokenizer.special.mask,
  ...more,
});

const texts = ['the dog barks . a cat sees', 'the cat running . the dog', 'a dog sees the cat .', 'the cats run'];

/** Batch `index` of a small corpus. */
export async function tinyBatch(
  mask: MaskSpec,
  { crossTexts = true, batchSize = 2, index = 0 } = {},
): Promise<TextBatch> {
  const text = await packTexts(texts, handMadeTokenizer, { length, crossTexts });
  return textBatches(text, { batchSize, mask, tokenizer: handMadeTokenizer, seed: 3 })(index);
}
