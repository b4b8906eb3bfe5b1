import { describe, expect, it } from 'vitest';
import { encodeTexts } from '../src/encode-texts.ts';
import { cutSentences, encodeSentences, joinSentences } from '../src/sentences.ts';
import { createTextEncoder } from '../src/encoders/create-encoder.ts';
import { handMadeTokenizer } from './fixtures.ts';

describe('cutSentences', () => {
  it('pairs each sentence with the next of its text, and never across texts', () => {
    const { sentences, sources } = cutSentences(['One dog. Two dogs! Three?', 'Alone.', '', 'A cat. It runs.']);
    expect(sentences).toEqual(['One dog.', 'Two dogs!', 'Three?', 'Alone.', 'A cat.', 'It runs.']);
    expect([...sources]).toEqual([0, 1, 4]);
  });

  it('knows the sentences of other scripts', () => {
    expect(cutSentences(['今天天气很好。我们去公园吧！'], 'zh').sentences).toEqual([
      '今天天气很好。',
      '我们去公园吧！',
    ]);
  });
});

it('joinSentences moves the pairs along and remembers the corpora', () => {
  const joined = joinSentences([['A. B.', 'C.'], [], ['D. E. F.']].map((texts) => cutSentences(texts)));
  expect(joined.sentences).toEqual(['A.', 'B.', 'C.', 'D.', 'E.', 'F.']);
  expect([...joined.sources]).toEqual([0, 3, 4]);
  expect([...joined.corpora!]).toEqual([0, 0, 0, 2, 2, 2]);
});

it('encodeSentences gives each sentence the features of a text of its own', async () => {
  const { vocabSize } = handMadeTokenizer;
  const sizes = { dim: 8, depth: 1, numHeads: 2, positions: 'sin-cos', dropoutRate: 0 } as const;
  const encoder = createTextEncoder({ kind: 'transformer', vocabSize, length: 8, ...sizes });
  const sequence = joinSentences([cutSentences(['The dog barks. A cat sees.'])]);
  const { vectors, dim, sources, corpora } = await encodeSentences(encoder, handMadeTokenizer, sequence);
  expect(vectors).toEqual((await encodeTexts(encoder, handMadeTokenizer, sequence.sentences)).data);
  expect([dim, [...sources], [...corpora!]]).toEqual([8, [0], [0, 0]]);
  encoder.dispose();
});
