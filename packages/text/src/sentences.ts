import type { TextTokenizer } from './tokenizer.ts';
import type { EncodeTextsOptions } from './encode-texts.ts';
import { encodeTexts } from './encode-texts.ts';
import type { TextEncoder } from './encoders/text-encoder.ts';

/** Sentences of many texts, in order, and which of them is followed by another of the same text: by the one after it. */
export interface SentenceSequence {
  readonly sentences: readonly string[];
  /** Indices into `sentences`, ascending. */
  readonly sources: Int32Array;
  /** The corpus that each sentence is of, `[numSentences]`; one corpus unless given. */
  readonly corpora?: Int32Array | undefined;
}

/** Vectors of such sentences. */
export interface SentenceVectors {
  /** float32 `[numSentences, dim]`, row-major. */
  readonly vectors: Float32Array;
  readonly dim: number;
  readonly sources: Int32Array;
  /** As in the sequence: what tells one corpus from another is no sign of the next sentence. */
  readonly corpora?: Int32Array | undefined;
}

/**
 * Cuts texts into sentences by the rules of Unicode (UAX 29) for a language.
 *
 * @param locale as a BCP 47 tag, such as `en` (the default) or `zh`.
 */
export function cutSentences(texts: readonly string[], locale = 'en'): SentenceSequence {
  const segmenter = new Intl.Segmenter(locale, { granularity: 'sentence' });
  const sentences: string[] = [];
  const sources: number[] = [];
  for (const text of texts) {
    const own = Array.from(segmenter.segment(text), ({ segment }) => segment.trim()).filter((some) => some !== '');
    own.slice(1).forEach((_, index) => sources.push(sentences.length + index));
    sentences.push(...own);
  }
  return { sentences, sources: Int32Array.from(sources) };
}

/** The sentences of several corpora one after the other, each with the number of its corpus. */
export function joinSentences(corpora: readonly SentenceSequence[]): SentenceSequence {
  const sources: number[] = [];
  const sentences: string[] = [];
  const numbers: number[] = [];
  corpora.forEach((corpus, number) => {
    for (const source of corpus.sources) sources.push(sentences.length + source);
    for (const sentence of corpus.sentences) {
      sentences.push(sentence);
      numbers.push(number);
    }
  });
  return { sentences, sources: Int32Array.from(sources), corpora: Int32Array.from(numbers) };
}

/** Each sentence's mean token feature, the sentence encoded by itself. */
export async function encodeSentences(
  encoder: TextEncoder,
  tokenizer: TextTokenizer,
  { sentences, sources, corpora }: SentenceSequence,
  options: Pick<EncodeTextsOptions, 'batchSize' | 'signal'> = {},
): Promise<SentenceVectors> {
  const { data } = await encodeTexts(encoder, tokenizer, sentences, options);
  return { vectors: data, dim: encoder.config.dim, sources, corpora };
}
