import { describe, expect, it } from 'vitest';
import type { SparseMatrix } from '../src/tfidf.ts';
import { Tfidf } from '../src/tfidf.ts';

const rowOf = ({ starts, columns, values }: SparseMatrix, row: number): [number, number][] =>
  Array.from({ length: starts[row + 1]! - starts[row]! }, (_, index) => [
    columns[starts[row]! + index]!,
    values[starts[row]! + index]!,
  ]);

describe('Tfidf', () => {
  it('weights words and pairs by the formula, to length 1', () => {
    // Terms in order: the, cat, "the cat", dog, "the dog". Three texts; "the" is in two, the others in one.
    const tfidf = new Tfidf(['the cat', 'The dog!', '']);
    const [often, once] = [Math.log(4 / 3) + 1, Math.log(4 / 2) + 1];
    // "the the cat": tf of "the" is 2; "the the" is no term of the training texts.
    const norm = Math.hypot(2 * often, once, once);
    const matrix = tfidf.encode(['the the cat', 'dog']);
    expect(matrix).toMatchObject({ numRows: 2, numColumns: 5 });
    const expected = [
      [0, (2 * often) / norm],
      [1, once / norm],
      [2, once / norm],
    ];
    rowOf(matrix, 0).forEach(([column, value], index) => {
      expect(column).toBe(expected[index]![0]);
      expect(value).toBeCloseTo(expected[index]![1]!, 12);
    });
    expect(rowOf(matrix, 1)).toEqual([[3, 1]]);
  });

  it('gives a text of unknown words an empty row', () => {
    const matrix = new Tfidf(['the cat']).encode(['wombats', '', 'cat']);
    expect([...matrix.starts]).toEqual([0, 0, 0, 1]);
  });

  it('knows words of any script, from two letters on', () => {
    expect(new Tfidf(['a Ünïcödé слово 3d']).encode(['']).numColumns).toBe(3 + 2);
  });
});
