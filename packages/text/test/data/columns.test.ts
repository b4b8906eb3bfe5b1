import { describe, expect, it } from 'vitest';
import type { ColumnOptions } from '../../src/data/columns.ts';
import { recognizeColumns } from '../../src/data/columns.ts';

const recognise = (table: string[][], options?: ColumnOptions) =>
  recognizeColumns(
    'a.csv',
    table.map((cells, index) => ({ line: index + 1, cells })),
    options,
  );

describe('with a header', () => {
  it('finds label and text by well-known names, in any order', () => {
    const table = [
      ['id', 'Text', 'Label'],
      ['1', 'some words', 'x'],
    ];
    expect(recognise(table)).toEqual({ hasHeader: true, label: 2, texts: [1] });
  });

  it('joins title and description', () => {
    expect(
      recognise([
        ['class', 'title', 'description'],
        ['1', 'a', 'b'],
      ]).texts,
    ).toEqual([1, 2]);
  });

  it('takes the columns that are named', () => {
    const table = [
      ['stars', 'opinion', 'summary'],
      ['5', 'good', 'fine'],
    ];
    const roles = recognise(table, { textColumn: ['summary', 'opinion'], labelColumn: 'stars' });
    expect(roles).toEqual({ hasHeader: true, label: 0, texts: [2, 1] });
  });
});

describe('without a header', () => {
  const news = [
    ['3', 'Oil rises', 'Prices rose'],
    ['1', 'Peace talks', 'They met'],
    ['3', 'Bank falls', 'It fell'],
  ];

  it('takes the column of few one-word values for the label and joins the others', () => {
    expect(recognise(news)).toEqual({ hasHeader: false, label: 0, texts: [1, 2] });
  });

  it('knows text of a script without spaces', () => {
    expect(
      recognise([
        ['0', '今天天气很好'],
        ['1', '我不喜欢这个'],
        ['0', '你好世界再见'],
      ]).texts,
    ).toEqual([1]);
  });

  it('takes columns by number, counted from 1', () => {
    expect(recognise(news, { textColumn: 3, labelColumn: 1 })).toEqual({ hasHeader: false, label: 0, texts: [2] });
  });

  it('reads a single column as text without labels', () => {
    expect(recognise([['some words'], ['more words']])).toEqual({ hasHeader: false, label: undefined, texts: [0] });
  });

  it('reads no labels when told so', () => {
    expect(recognise(news, { labelColumn: false, textColumn: 2 })).toEqual({
      hasHeader: false,
      label: undefined,
      texts: [1],
    });
  });
});

describe('refuses', () => {
  it('a name that the header lacks, and says what it has', () => {
    expect(() =>
      recognise(
        [
          ['label', 'text'],
          ['1', 'a b'],
        ],
        { textColumn: 'review' },
      ),
    ).toThrow('a.csv: textColumn review is no column of it; it has label, text');
  });

  it.each([0, 3, 1.5])('the column number %s of two', (textColumn) => {
    expect(() =>
      recognise(
        [
          ['1', 'a b'],
          ['1', 'c d'],
        ],
        { textColumn },
      ),
    ).toThrow(/is no column of it; it has 1, 2/);
  });

  it('to guess when an identifier stands beside label and text', () => {
    const table = [
      ['17', '0', 'some words'],
      ['18', '1', 'more words'],
      ['19', '0', 'other words'],
    ];
    expect(() => recognise(table)).toThrow(
      'a.csv: cannot tell which of its columns 1, 2, 3 hold the label and the text; pass textColumn and labelColumn (false for none)',
    );
  });

  it('to guess between two columns that could be labels', () => {
    expect(() =>
      recognise([
        ['0', 'a', 'x y'],
        ['1', 'a', 'z w'],
        ['0', 'b', 'u v'],
      ]),
    ).toThrow(/cannot tell/);
  });
});
