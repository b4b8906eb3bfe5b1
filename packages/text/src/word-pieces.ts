import { runTrainer } from './run-trainer.ts';

/** A longer word is unknown to a WordPiece model, as in BERT. */
export const maxWordLength = 100;

/** Plane 15 and 16 of Unicode, which the normaliser lets no text keep. */
const firstPrivate = 0xf0000;

/**
 * Learns the pieces of words, `##` before those that go on with one: single characters first, then merges in the order of
 * learning.
 *
 * The library's own WordPiece trainer numbers the continuing characters in the order of a randomly seeded table and
 * settles ties by those numbers, so that every run differs. Here continuing characters are written as private ones, and
 * plain byte-pair merges, which it does learn in a fixed order, are the same pieces.
 */
export async function learnWordPieces(
  texts: Iterable<string> | AsyncIterable<string>,
  lowercase: boolean,
): Promise<string[]> {
  // The library is native code: loaded by those who train.
  const { bertNormalizer, bertPreTokenizer } = await import('tokenizers');
  const normalizer = bertNormalizer({ cleanText: true, handleChineseChars: true, lowercase });
  const pretokenizer = bertPreTokenizer();
  const marks = new ContinuationMarks();

  async function* markedTexts(): AsyncGenerator<string> {
    for await (const text of texts) {
      const words = pretokenizer.preTokenizeString(normalizer.normalizeString(text)).map(([word]) => Array.from(word));
      yield words
        .filter((word) => word.length <= maxWordLength)
        .map((word) => marks.mark(word))
        .join(' ');
    }
  }
  const { vocab } = await runTrainer(markedTexts(), { type: 'WhitespaceSplit' });
  const learned = Object.keys(vocab).toSorted((a, b) => vocab[a]! - vocab[b]!);
  return learned.map((piece) => marks.unmark(piece));
}

/** Writes the second and later characters of a word as private ones, each character as one of its own. */
class ContinuationMarks {
  readonly #marks = new Map<string, string>();
  readonly #characters = new Map<string, string>();

  mark([first, ...others]: readonly string[]): string {
    return (first ?? '') + others.map((character) => this.#markOf(character)).join('');
  }

  unmark(piece: string): string {
    const prefix = this.#characters.has(String.fromCodePoint(piece.codePointAt(0)!)) ? '##' : '';
    return prefix + Array.from(piece, (character) => this.#characters.get(character) ?? character).join('');
  }

  #markOf(character: string): string {
    const known = this.#marks.get(character);
    if (known !== undefined) return known;
    const mark = String.fromCodePoint(firstPrivate + this.#marks.size);
    this.#marks.set(character, mark);
    this.#characters.set(mark, character);
    return mark;
  }
}
