import { InputError } from '@qb-heat/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Row, TextFormat } from '../../src/data/rows.ts';
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

  it('cuts a line that never ends before a space, and before it is read to its end', async () => {
    const words = 'sixteen letters. '.repeat(200_000); // 3.4 MB
    const path = await fileWith(
      'data',
      Buffer.concat([Buffer.from(`first\n${words}\nlast ${words}`), Buffer.of(0xff)]),
    );
    const rows = readRows(path, 'plain');
    const documents: Row[] = [];
    for (let index = 0; index < 4; index++) documents.push((await rows.next()).value as Row);
    expect(documents.map(({ line }) => line)).toEqual([2, 2, 2, 3]);
    const texts = documents.map(({ cells: [text] }) => text!);
    expect(texts.slice(0, 3).every((text) => text.length > 999_900 && text.length <= 1_000_010)).toBe(true);
    const joined = `${texts.slice(0, 3).join(' ')} ${texts[3]!.split('\n')[0]}`;
    expect(joined).toBe(`first\n${words.trim()}`);
    // The end of the file, which is no text, is reached in the end.
    await expect(collect(rows)).rejects.toThrow(/data: line 3 is not UTF-8/);
  });

  it('cuts a line without spaces between its characters', async () => {
    const documents = await cells('plain', `a${'😀'.repeat(600_000)}`);
    expect(documents.map(([text]) => text!.length)).toEqual([999_999, 200_002]);
    expect(documents[1]![0]!.startsWith('😀')).toBe(true);
  });

  it('cuts a document that never ends', async () => {
    const documents = await cells('plain', `${'x'.repeat(99_999)}\n`.repeat(25));
    expect(documents.map(([text]) => text!.length)).toEqual([1_100_000 - 1, 1_100_000 - 1, 300_000 - 1]);
  });
});
