import { expect, it } from 'vitest';
import { padTexts } from '../src/padded-texts.ts';
import { handMadeTokenizer } from './fixtures.ts';

it('walks over every text once, by length, in batches of one size that are filled up', async () => {
  const long = 'the cat '.repeat(12);
  const batches = [];
  const options = { batchSize: 2, maxLength: 20, signal: undefined };
  for await (const batch of padTexts(['a', long, 'the dog', 'cat'], handMadeTokenizer, options)) batches.push(batch);
  expect(batches.map(({ indices }) => indices)).toEqual([[0, 2], [3], [1]]);
  expect(batches.map(({ tokens }) => tokens.map(({ isTruncated }) => isTruncated))).toEqual([
    [false, false],
    [false],
    [true],
  ]);
  expect(batches.map(({ rows }) => [rows.batchSize, rows.length])).toEqual([
    [2, 16],
    [2, 16],
    [1, 20],
  ]);
  const { pad } = handMadeTokenizer.special;
  expect([...batches[1]!.rows.ids.subarray(16)]).toEqual(Array.from({ length: 16 }, () => pad));
});
