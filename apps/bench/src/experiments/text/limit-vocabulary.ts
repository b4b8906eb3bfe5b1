import { InputError } from '@qb-heat/core';
import type { TextTokenizer } from '@qb-heat/text';

/**
 * The tokenizer with only its special tokens and the commonest tokens of some texts; every other token becomes the
 * unknown one, which is never asked for. A model of a few minutes cannot learn what it sees once, and its vocabulary is
 * most of its cost.
 *
 * @param size entries in all, at most.
 * @returns the same tokenizer where it has no more entries than that.
 */
export function limitVocabulary(tokenizer: TextTokenizer, texts: readonly string[], size: number): TextTokenizer {
  if (tokenizer.vocabSize <= size) return tokenizer;
  const { special, specialIds } = tokenizer;
  const counts = new Map<number, number>();
  for (const text of texts) {
    for (const id of tokenizer.encode(text)) if (!specialIds.has(id)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const commonest = [...counts].toSorted(([a, m], [b, n]) => n - m || a - b).slice(0, size - specialIds.size);
  /** The original id of each new one. */
  const originals = [...specialIds, ...commonest.map(([id]) => id)];
  const renumbered = new Map(originals.map((original, id) => [original, id]));
  const unknown = renumbered.get(special.unknown)!;
  const toNew = (original: number): number => renumbered.get(original) ?? unknown;
  const toOriginal = (id: number): number => originals[id] ?? special.unknown;
  return {
    name: `${tokenizer.name}, cut to what is commonest in the text`,
    get files(): never {
      throw new InputError(
        `--export: tokenizer ${tokenizer.name} is cut to the commonest ${size} of its ${tokenizer.vocabSize} entries here, which ` +
          'makes no tokenizer that could be exported; leave --tokenizer out, so that one is trained on the text, or raise ' +
          "'vocabSize' in a file of --experiments",
      );
    },
    vocabSize: originals.length,
    special: {
      pad: toNew(special.pad),
      mask: toNew(special.mask),
      unknown,
      start: special.start === undefined ? undefined : toNew(special.start),
      end: special.end === undefined ? undefined : toNew(special.end),
    },
    specialIds: new Set([...specialIds].map(toNew)),
    encode: (text) => tokenizer.encode(text).map(toNew),
    decode: (ids) => tokenizer.decode(ids.map(toOriginal)),
    token: (id) => (originals[id] === undefined ? undefined : tokenizer.token(originals[id])),
    continuesWord: (id) => tokenizer.continuesWord(toOriginal(id)),
  };
}
