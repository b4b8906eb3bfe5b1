import type { Block, Visibility } from '@qb-heat/core';
import { InputError, maskedIndices } from '@qb-heat/core';
import type { Random } from '@qb-heat/training';
import { chooseSpans, chooseTokens, chooseWords } from './mask-choices.ts';
import type { TextTokenizer } from './tokenizer.ts';

/** Where the visible window of span mode lies: at `random`, one place per sample, or in the same place everywhere. */
export const windowPositions = ['random', 'center', 'start', 'end'] as const;
export type WindowPosition = (typeof windowPositions)[number];

/**
 * How positions are chosen for masking.
 *
 * - `window`: all but one contiguous window, a `visibleRatio` of the row.
 * - `tokens`: random ones. `words`: all tokens of random words. `spans`: runs of geometric length, of mean `meanLength`
 *   if there were no limit of 10 (SpanBERT, arXiv 1907.10529, section 3.1). Each a `maskRatio` of the row.
 */
export type MaskSpec =
  | { readonly kind: 'window'; readonly visibleRatio: number; readonly position: WindowPosition }
  | { readonly kind: 'tokens' | 'words'; readonly maskRatio: number }
  | { readonly kind: 'spans'; readonly maskRatio: number; readonly meanLength: number };

/** What the encoder sees of some rows, and what is asked about the rest. */
export interface TextMask {
  readonly visibility: Visibility;
  /** 1 where a hidden token is to be predicted, 0 where it is special or padding, float32 `[batch, numMasked]`. */
  readonly weights: Float32Array;
}

/**
 * Draws which tokens of a batch of rows are hidden, as many in every row.
 *
 * Special tokens are never masked: random masks leave them visible; a window hides those outside it like everything
 * else there, but they are not asked for. Where a row has too little text for its share of masked tokens, padding and then
 * unknown tokens make up the number, with weight 0.
 *
 * Padding never is what a hidden token is filled from: a window lies within the row's text as far as that reaches, and
 * random masks leave the last token or word before it visible: the end token, where there is one.
 *
 * @param ids int32 `[batch, length]`.
 * @param random decides everything drawn.
 * Throws an `InputError` on a ratio that leaves nothing visible or nothing masked, and on a row with too many special
 * tokens for it.
 */
export function drawMask(
  spec: MaskSpec,
  ids: Int32Array,
  length: number,
  tokenizer: Pick<TextTokenizer, 'special' | 'specialIds' | 'continuesWord'>,
  random: Random,
): TextMask {
  return spec.kind === 'window'
    ? drawWindow(spec, ids, length, tokenizer, random)
    : drawScattered(spec, ids, length, tokenizer, random);
}

/** Hidden positions per row: the nearest whole number to the ratio. */
function countHidden(name: string, ratio: number, length: number): number {
  const count = Math.round(ratio * length);
  if (!(count >= 1 && count < length)) {
    throw new InputError(`${name} must leave some of ${length} tokens visible and mask some, got ${ratio}`);
  }
  return count;
}

/** Where a window begins that leaves so many positions free. */
const fixedPlaces = {
  center: (free: number) => Math.floor(free / 2),
  start: () => 0,
  end: (free: number) => free,
} as const;

/** Tokens of a row before its padding, which stands at the end. */
function countTokens(row: Int32Array, padId: number): number {
  const end = row.indexOf(padId);
  return end === -1 ? row.length : end;
}

function drawWindow(
  { visibleRatio, position }: Extract<MaskSpec, { kind: 'window' }>,
  ids: Int32Array,
  length: number,
  { special, specialIds }: Pick<TextTokenizer, 'special' | 'specialIds'>,
  random: Random,
): TextMask {
  const batchSize = ids.length / length;
  const width = countHidden('visibleRatio', visibleRatio, length);
  const room = length - width;
  const placeBlock = (sample: number): Block => {
    // Within the row's text: a window of padding would teach nothing.
    const row = ids.subarray(sample * length, (sample + 1) * length);
    const free = Math.max(0, countTokens(row, special.pad) - width);
    const left = position === 'random' ? random.integer(free + 1) : fixedPlaces[position](free);
    return { top: 0, left, height: 1, width };
  };
  const own = Array.from({ length: batchSize }, (_, sample) => placeBlock(sample));
  // One block for all, where they are alike, spares the models an index of every position.
  const isShared = position !== 'random' && own.every(({ left }) => left === own[0]!.left);
  const blocks = isShared ? own.slice(0, 1) : own;
  const visibility: Visibility = { kind: 'block', grid: { height: 1, width: length }, batchSize, blocks };
  const weights = maskedIndices(visibility).map((column, index) => {
    const row = Math.floor(index / room);
    return specialIds.has(ids[row * length + column]!) ? 0 : 1;
  });
  return { visibility, weights: Float32Array.from(weights) };
}

function drawScattered(
  spec: Exclude<MaskSpec, { kind: 'window' }>,
  ids: Int32Array,
  length: number,
  { special, specialIds, continuesWord }: Pick<TextTokenizer, 'special' | 'specialIds' | 'continuesWord'>,
  random: Random,
): TextMask {
  const numHidden = countHidden('maskRatio', spec.maskRatio, length);
  const batchSize = ids.length / length;
  const numVisible = length - numHidden;
  const indices = new Int32Array(batchSize * numVisible);
  const weights = new Float32Array(batchSize * numHidden);
  for (let sample = 0; sample < batchSize; sample++) {
    const row = ids.subarray(sample * length, (sample + 1) * length);
    // The end of the text before padding stays visible, or a fill would reach for the padding behind it.
    let end = countTokens(row, special.pad);
    if (end < length) end--;
    if (spec.kind === 'words') while (end > 0 && end < length && continuesWord(row[end]!)) end--;
    const isCandidate = (position: number): boolean => position < end && !specialIds.has(row[position]!);
    const positions = Array.from(row.keys());
    const candidates = positions.filter(isCandidate);
    const padding = positions.filter((position) => row[position] === special.pad);
    // As much of the text as the ratio says; more only where there is too little padding to hide in place of the rest.
    const share = Math.round(spec.maskRatio * candidates.length);
    const wanted = Math.min(Math.max(share, numHidden - padding.length), numHidden);
    const numTokens = Math.min(wanted, candidates.length);
    // A row of rare words has too few that are known; the unknown tell the encoder as little as padding does.
    const unknown = positions
      .filter((position) => position < end && row[position] === special.unknown)
      .slice(0, wanted - numTokens);
    if (numTokens + unknown.length < wanted) {
      throw new InputError(
        `drawMask: maskRatio ${spec.maskRatio} hides ${numHidden} of ${length} tokens, but a row has only ` +
          `${candidates.length + unknown.length} that are not special; mask less, or pack longer rows`,
      );
    }
    const asked = new Set(choose(spec, row, candidates, numTokens, continuesWord, random));
    // Whole words may leave some positions over: others are hidden for them, but not asked for.
    const others = candidates.filter((position) => !asked.has(position)).slice(0, numTokens - asked.size);
    const hidden = new Set([...asked, ...others, ...unknown, ...padding.slice(0, numHidden - wanted)]);
    indices.set(
      positions.filter((position) => !hidden.has(position)),
      sample * numVisible,
    );
    weights.set(
      positions.filter((position) => hidden.has(position)).map((position) => (asked.has(position) ? 1 : 0)),
      sample * numHidden,
    );
  }
  const grid = { height: 1, width: length };
  return { visibility: { kind: 'scattered', grid, batchSize, numVisible, indices }, weights };
}

function choose(
  spec: Exclude<MaskSpec, { kind: 'window' }>,
  row: Int32Array,
  candidates: readonly number[],
  count: number,
  continuesWord: (id: number) => boolean,
  random: Random,
): readonly number[] {
  if (spec.kind === 'tokens') return chooseTokens(candidates, count, random);
  if (spec.kind === 'spans') return chooseSpans(candidates, count, spec.meanLength, random);
  return chooseWords(candidates, count, (position) => continuesWord(row[position]!), random);
}
