import { createRandom } from '@qb-heat/training';
import type { TextSplit } from './text-dataset.ts';
import { selectTexts } from './text-dataset.ts';

/**
 * Sets a part of a corpus aside for testing, the same part on every machine: of labelled texts a random draw with the
 * same share of every class; of unlabelled ones the end, so that neighbouring paragraphs stay together.
 *
 * @param fraction share of the texts that test, between 0 and 1; at least one text stays on either side.
 */
export function splitTexts(all: TextSplit, fraction: number, seed: number): { train: TextSplit; test: TextSplit } {
  const isTest = all.labels.length === 0 ? chooseEnd(all, fraction) : chooseStratified(all, fraction, seed);
  const indices = all.texts.map((_, index) => index);
  return {
    train: selectTexts(
      all,
      indices.filter((index) => !isTest.has(index)),
    ),
    test: selectTexts(
      all,
      indices.filter((index) => isTest.has(index)),
    ),
  };
}

/**
 * A random draw of `count` texts with the same share of every class, but at least one text of each where that many are
 * drawn; in file order. All of them when there are fewer.
 */
export function sampleTexts(all: TextSplit, count: number, seed: number): TextSplit {
  if (count >= all.texts.length) return all;
  const ranked = rankWithinClasses(all, seed);
  const hasRoom = count >= ranked.filter(({ isFirst }) => isFirst).length;
  const chosen = chooseFirst(
    hasRoom ? ranked.map((text) => (text.isFirst ? { ...text, rank: 0 } : text)) : ranked,
    count,
  );
  return selectTexts(all, Int32Array.from(chosen).toSorted());
}

function chooseEnd({ texts }: TextSplit, fraction: number): Set<number> {
  const count = Math.min(texts.length - 1, Math.max(1, Math.round(fraction * texts.length)));
  return new Set(texts.map((_, index) => index).slice(texts.length - count));
}

function chooseStratified(all: TextSplit, fraction: number, seed: number): Set<number> {
  return chooseFirst(rankWithinClasses(all, seed), fraction * all.texts.length);
}

/** A text, and how early its class gives it away, from 0 to 1. */
interface RankedText {
  readonly index: number;
  readonly rank: number;
  /** True of the first text that its class gives away. */
  readonly isFirst: boolean;
}

function rankWithinClasses({ texts, labels }: TextSplit, seed: number): RankedText[] {
  const byClass = new Map<number, number[]>();
  for (const index of texts.keys()) {
    const label = labels[index] ?? 0;
    const members = byClass.get(label);
    if (members === undefined) byClass.set(label, [index]);
    else members.push(index);
  }
  const random = createRandom(seed).fork('split');
  // Shuffled classes dealt evenly: each text's rank within its class says how early the class could give it away.
  return [...byClass].flatMap(([label, members]) =>
    random
      .fork(label)
      .shuffle(members)
      .map((index, place) => ({ index, rank: (place + 0.5) / members.length, isFirst: place === 0 })),
  );
}

/** The texts that are given away first: as many, but at least one and not all. */
function chooseFirst(ranked: readonly RankedText[], numWanted: number): Set<number> {
  const count = Math.min(ranked.length - 1, Math.max(1, Math.round(numWanted)));
  return new Set(
    ranked
      .toSorted((a, b) => a.rank - b.rank || a.index - b.index)
      .slice(0, count)
      .map(({ index }) => index),
  );
}
