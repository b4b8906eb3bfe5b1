import { maskedIndices } from '@qb-heat/core';
import type { PackedText, TextTokenizer } from '@qb-heat/text';
import { describe, expect, it } from 'vitest';
import { experimentsSchema } from '../../../src/experiments/description.ts';
import { TextModality } from '../../../src/experiments/text/suite.ts';

const length = 8;
const size = { dim: 8, depth: 1, numHeads: 2 };
const { text: experiment } = experimentsSchema.parse({
  name: 'tiny',
  seeds: 1,
  text: {
    numTrain: 9,
    numTest: 9,
    numProbeTrain: 9,
    numProbeTest: 9,
    vocabSize: 8,
    length,
    maxHeldOutBatches: 1,
    encoders: { tiny: { options: { kind: 'transformer', ...size } } },
    decoder: size,
    optimization: { numSteps: 1, warmupSteps: 0, batchSize: 8, learningRate: 1e-3, weightDecay: 0, maxGradientNorm: 1 },
    comparisons: { random: { methods: [] } },
    probes: {},
  },
});

const tokenizer = {
  vocabSize: 8,
  special: { pad: 0, unknown: 1, start: 2, end: 3, mask: 4 },
  specialIds: new Set([0, 1, 2, 3, 4]),
} satisfies Partial<TextTokenizer> as unknown as TextTokenizer;

/** Rows that each hold a start token and then one token alone. */
function pack(...tokens: number[]): PackedText {
  const ids = Int32Array.from(tokens.flatMap((token) => [2, ...Array<number>(length - 1).fill(token)]));
  return { ids, length, numRows: tokens.length, startId: 2, padId: 0, isPadded: false, numTokens: 0, numUnknown: 0 };
}

describe('TextModality', () => {
  const data = {
    name: 'one+other',
    tokenizer,
    train: pack(5, 5, 5, 6),
    heldOut: pack(...Array<number>(40).fill(5), ...Array<number>(40).fill(6)),
    documents: [],
    probes: [],
    descriptions: [],
  };
  const modality = new TextModality(data, experiment!, [0]);
  const built = modality.build(modality.cells.find(({ method }) => method === 'mask-token')!);

  it('scores on all corpora where not all of the held-out text is used', async () => {
    const { ids } = await built.heldOut.batches(0);
    expect(new Set(ids)).toEqual(new Set([2, 5, 6]));
  });

  it('refers to the frequencies of what is asked for, in which special tokens have no part', async () => {
    // 21 and 7 of 28 tokens of text, one added to each of the 8 of the vocabulary.
    const { ids, visibility, weights } = await built.heldOut.batches(0);
    const numHidden = weights.length / visibility.batchSize;
    const hidden = maskedIndices(visibility).map(
      (column, index) => ids[Math.floor(index / numHidden) * length + column]!,
    );
    const asked = hidden.filter((_, index) => weights[index] === 1);
    const share = asked.filter((id) => id === 5).length / asked.length;
    const loss = -share * Math.log(22 / 36) - (1 - share) * Math.log(8 / 36);
    expect(await built.referenceLoss()).toBeCloseTo(loss, 6);
  });
});
