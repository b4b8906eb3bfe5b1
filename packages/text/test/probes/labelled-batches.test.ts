import { InputError } from '@qb-heat/core';
import { describe, expect, it } from 'vitest';
import { labelledBatches } from '../../src/probes/labelled-batches.ts';
import { handMadeTokenizer } from '../fixtures.ts';

/** 30 short texts and 15 long ones, each of a label of its own. */
const texts = Array.from({ length: 45 }, (_, index) => 'the dog '.repeat(index % 3 === 0 ? 12 : 1 + (index % 2)));
const labels = Int32Array.from(texts, (_, index) => index);
const source = (seed = 1) =>
  labelledBatches({ texts, labels }, handMadeTokenizer, { batchSize: 4, maxLength: 40, seed });
const epoch = (first: number, seed = 1) => {
  const { batches, batchesPerEpoch } = source(seed);
  return Array.from({ length: batchesPerEpoch }, (_, index) => batches(first * batchesPerEpoch + index));
};

describe('labelledBatches', () => {
  it('shows every text once an epoch but for what does not fill a batch', () => {
    const batches = epoch(0);
    expect(batches).toHaveLength(11);
    const seen = batches.flatMap(({ labels: own }) => Array.from(own));
    expect(new Set(seen).size).toBe(44);
  });

  it('keeps texts of like length together, in few lengths', () => {
    const lengths = epoch(0).map(({ length }) => length);
    // 30 texts of up to 6 tokens fill 7 batches of 16 places; the two left over go with the long ones.
    expect(lengths.filter((length) => length === 16)).toHaveLength(7);
    expect(lengths.filter((length) => length === 32)).toHaveLength(4);
  });

  it('pads each text to the length of its batch', () => {
    for (const { ids, padding, labels: own, length, batchSize } of epoch(0)) {
      expect(ids).toHaveLength(batchSize * length);
      own.forEach((label, row) => {
        const numTokens = padding.subarray(row * length, (row + 1) * length).filter((value) => value === 0).length;
        expect(numTokens).toBe(2 + (label % 3 === 0 ? 24 : 2 * (1 + (label % 2))));
        expect([...ids.subarray(row * length + numTokens, (row + 1) * length)].every((id) => id === 0)).toBe(true);
      });
    }
  });

  it('orders each epoch anew, from the seed and the index alone', () => {
    const orders = [epoch(0), epoch(1), epoch(0, 2)].map((batches) =>
      batches.flatMap(({ labels: own }) => Array.from(own)),
    );
    expect(orders[0]).not.toEqual(orders[1]);
    expect(orders[0]).not.toEqual(orders[2]);
    const { batches } = source();
    const later = batches(15).labels;
    batches(2);
    expect(batches(15).labels).toEqual(later);
  });

  it('makes one batch of fewer texts than it should hold', () => {
    const few = { texts: texts.slice(0, 3), labels: labels.slice(0, 3) };
    const { batches, batchesPerEpoch } = labelledBatches(few, handMadeTokenizer, {
      batchSize: 64,
      maxLength: 16,
      seed: 0,
    });
    expect(batchesPerEpoch).toBe(1);
    expect(batches(0)).toMatchObject({ batchSize: 3, length: 16, numItems: 48 });
  });

  it('refuses texts without labels', () => {
    const unlabelled = { texts, labels: new Int32Array(0) };
    const make = () => labelledBatches(unlabelled, handMadeTokenizer, { batchSize: 4, maxLength: 16, seed: 0 });
    expect(make).toThrow(InputError);
    expect(make).toThrow(/a label for each text, got 0 for 45/);
  });
});
