import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseStratified, splitStratified } from '../../src/data/stratified-split.ts';

const labelLists = fc
  .array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 60 })
  // At least one class has two members, so that there is something to split.
  .filter((labels) => new Set(labels).size < labels.length);

test('both parts together are all items, each once, and no class loses its training items', () => {
  fc.assert(
    fc.property(
      labelLists,
      fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      fc.integer(),
      (labels, fraction, seed) => {
        const { train, test: held } = splitStratified(Int32Array.from(labels), fraction, seed);
        expect([...train, ...held].toSorted((a, b) => a - b)).toEqual([...labels.keys()]);
        const trained = new Set(Array.from(train, (item) => labels[item]));
        expect(trained.size).toBe(new Set(labels).size);
      },
    ),
  );
});

test('every class gives its share, and another seed gives other items', () => {
  const labels = Int32Array.from({ length: 300 }, (_, i) => (i < 200 ? 0 : 1));
  const first = splitStratified(labels, 0.2, 1).test;
  expect(first.filter((item) => labels[item] === 0)).toHaveLength(40);
  expect(first.filter((item) => labels[item] === 1)).toHaveLength(20);
  expect(splitStratified(labels, 0.2, 1).test).toEqual(first);
  expect(splitStratified(labels, 0.2, 2).test).not.toEqual(first);
});

test('classes of a single item leave nothing to test on', () => {
  expect(() => splitStratified(Int32Array.of(0, 1, 2), 0.5, 0)).toThrow('nothing is left to test on');
});

test('a fraction out of range is refused', () => {
  expect(() => splitStratified(Int32Array.of(0, 0), 1, 0)).toThrow('testFraction must lie between 0 and 1, got 1');
});

test('a limited choice is as even over the classes as it can be', () => {
  fc.assert(
    fc.property(labelLists, fc.integer({ min: 1, max: 70 }), fc.integer(), (labels, limit, seed) => {
      const chosen = chooseStratified(Int32Array.from(labels), limit, seed);
      expect(chosen).toHaveLength(Math.min(limit, labels.length));
      expect(new Set(chosen).size).toBe(chosen.length);
      const taken = (label: number) => chosen.filter((item) => labels[item] === label).length;
      const most = Math.max(...labels.map(taken));
      for (const label of new Set(labels)) {
        const available = labels.filter((other) => other === label).length;
        expect(taken(label)).toBeGreaterThanOrEqual(Math.min(available, most - 1));
      }
    }),
  );
});
