import { InputError } from '@qb-heat/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TextFormat } from '../../src/data/rows.ts';
import { readRows } from '../../src/data/rows.ts';
import { collect, fileWith } from './files.ts';

const read = async (format: TextFormat, content: string) => collect(readRows(await fileWith('data', content), format));
const cells = async (format: TextFormat, content: string) => (await read(format, content)).map((row) => row.cells);

const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;

describe('CSV', () => {
  it('reads back any cells that were quoted by the rules', async () => {
    const cell = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\0\r\ufeff]/g, ' '));
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 5 }),
      );
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const content = rows.map((row) => row.map(quote).join(',')).join('\n');
        expect(await cells('csv', `${content}\n`)).toEqual(rows);
      }),
      { numRuns: 50 },
    );
  });

  it('tells the line that a record ends on, also after line breaks within quotes', async () => {
    expect(await read('csv', '1,"two\nlines"\n2,one\n')).toEqual([
      { line: 2, cells: ['1', 'two\nlines'] },
      { line: 3, cells: ['2', 'one'] },
    ]);
  });

  it('refuses a ragged row by its line', async () => {
    const reading = read('csv', '1,a\n2,b\n3,c,d\n');
    await expect(reading).rejects.toThrow(InputError);
    await expect(reading).rejects.toThrow(/data: line 3 has 3 columns where the lines before it have another number/);
  });

  it('refuses a quote in the middle of a cell by its line', async () => {
    await expect(read('csv', '1,a\n2,b"c\n')).rejects.toThrow(/line 2 is not valid CSV .* quotes doubled/);
  });
});

it('takes quotes in a TSV as they stand', async () => {
  expect(await cells('tsv', '1\t"so it is\n0\ta "b" c\n')).toEqual([
    ['1', '"so it is'],
    ['0', 'a "b" c'],
  ]);
});

describe('label files', () => {
  it('give the coarse class, the fine class with it, and the text', async () => {
    expect(await cells('label', 'NUM:dist How far ?\n\nHUM:ind Who: me ?\n')).toEqual([
      ['NUM', 'NUM:dist', 'How far ?'],
      ['HUM', 'HUM:ind', 'Who: me ?'],
    ]);
  });

  it('refuse a line without a label', async () => {
    await expect(read('label', 'NUM:dist How far ?\nWho am I ?\n')).rejects.toThrow(
      /data: line 2 must read 'label:fine text', got 'Who am I \?'/,
    );
  });
});

describe('plain text', () => {
  it('makes a document of each run of lines', async () => {
    expect(await read('plain', ' = A = \n\nfirst line \nsecond line\n \n\nlast')).toEqual([
      { line: 2, cells: ['= A ='] },
      { line: 5, cells: ['first line\nsecond line'] },
      { line: 7, cells: ['last'] },
    ]);
  });

  it('cuts a document that never ends', async () => {
    const documents = await cells('plain', `${'x'.repeat(99_999)}\n`.repeat(25));
    expect(documents.map(([text]) => text!.length)).toEqual([1_100_000 - 1, 1_100_000 - 1, 300_000 - 1]);
  });
});
