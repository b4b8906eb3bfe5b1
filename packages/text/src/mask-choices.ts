import type { Random } from '@qb-heat/training';

/** The longest span (SpanBERT, arXiv 1907.10529, section 3.1). */
const maxSpanLength = 10;

/** `count` of the candidates, uniformly at random. */
export function chooseTokens(candidates: readonly number[], count: number, random: Random): number[] {
  return Array.from(random.sample(candidates.length, count), (index) => candidates[index]!);
}

/**
 * Whole words at random, up to `count` positions: a word that no longer fits is passed over, so that a few may be
 * missing in the end.
 *
 * @param candidates ascending positions.
 * @param continuesWord true where a position goes on with the word of the position before it.
 */
export function chooseWords(
  candidates: readonly number[],
  count: number,
  continuesWord: (position: number) => boolean,
  random: Random,
): number[] {
  const words: number[][] = [];
  for (const position of candidates) {
    const last = words.at(-1);
    if (last?.at(-1) === position - 1 && continuesWord(position)) last.push(position);
    else words.push([position]);
  }
  const chosen: number[] = [];
  for (const word of random.shuffle(words)) {
    if (chosen.length + word.length <= count) chosen.push(...word);
  }
  return chosen;
}

/**
 * Spans of neighbouring candidates until `count` positions are covered. A span starts anywhere that is not covered yet;
 * its length is geometric, given that it is at most 10; it ends early at a position that is covered or no candidate.
 *
 * @param meanLength of the geometric distribution without that limit, at least 1; SpanBERT takes 5.
 */
export function chooseSpans(
  candidates: readonly number[],
  count: number,
  meanLength: number,
  random: Random,
): number[] {
  const free = new Set(candidates);
  const chosen: number[] = [];
  while (chosen.length < count) {
    const starts = [...free];
    let position = starts[random.integer(starts.length)]!;
    const spanLength = Math.min(drawSpanLength(meanLength, random), count - chosen.length);
    for (let index = 0; index < spanLength && free.delete(position); index++) chosen.push(position++);
  }
  return chosen;
}

/** Geometric of the given mean, given that it is at most `maxSpanLength`, by inversion. */
function drawSpanLength(mean: number, random: Random): number {
  if (mean <= 1) return 1;
  const ratio = 1 - 1 / mean;
  return 1 + Math.floor(Math.log(1 - random.uniform() * (1 - ratio ** maxSpanLength)) / Math.log(ratio));
}
