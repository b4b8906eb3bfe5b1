import { InputError } from '@qb-heat/core';
import * as fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readLines, readText } from '../../src/data/read-text.ts';
import { collect, fileWith, folderWith } from './files.ts';

const read = async (path: string, encoding?: string): Promise<string> =>
  (await collect(readText(path, encoding === undefined ? {} : { encoding }))).join('');

describe('readText', () => {
  it('reads any Unicode text back, plain and compressed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.boolean(), async (content, isCompressed) => {
        const text = content.replaceAll('\0', ' ').replace(/^\ufeff/, '');
        expect(await read(await fileWith(isCompressed ? 'a.txt.gz' : 'a.txt', text))).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  it('knows gzip data by its content, whatever the name', async () => {
    expect(await read(await fileWith('a.txt', gzipSync('hello')))).toBe('hello');
  });

  it('keeps characters whole that lie across two pieces of the file', async () => {
    const text = 'ab' + '€'.repeat(100_000);
    expect(await read(await fileWith('a.txt', text))).toBe(text);
  });

  it('drops a byte-order mark', async () => {
    expect(await read(await fileWith('a.txt', '\ufeffhello'))).toBe('hello');
  });

  it('reads Latin-1 and UTF-16 when told so', async () => {
    expect(await read(await fileWith('a.txt', Buffer.from('café', 'latin1')), 'latin1')).toBe('café');
    expect(await read(await fileWith('a.txt', Buffer.from('\ufeffcafé', 'utf16le')), 'utf-16le')).toBe('café');
  });

  it.each([
    [
      'Latin-1 bytes',
      Buffer.from('one\ntwo\ncaf\u00e9\nfour', 'latin1'),
      undefined,
      /line 3 is not UTF-8; it looks like Latin-1: pass encoding 'latin1'/,
    ],
    [
      'UTF-16',
      Buffer.from('\ufeffhello', 'utf16le'),
      undefined,
      /begins with the mark of utf-16le, read as utf-8; pass encoding 'utf-16le'/,
    ],
    ['binary data', Buffer.from([104, 105, 0, 1]), undefined, /holds a zero byte at offset 2, so it is binary/],
    ['gzip data cut short', gzipSync('hello '.repeat(1000)).subarray(0, 30), undefined, /gzip data is cut short/],
    ['damaged gzip data', Buffer.from([0x1f, 0x8b, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]), undefined, /gzip data is damaged/],
    [
      'an unknown encoding',
      Buffer.from('hello'),
      'latin-99',
      /encoding: 'latin-99' is unknown; expected one such as utf-8/,
    ],
    ['bytes that are not of the encoding', Buffer.from([0x81]), 'shift_jis', /holds bytes that are not shift_jis/],
  ])('refuses %s', async (_, content, encoding, message) => {
    const reading = read(await fileWith('a.txt', content), encoding);
    await expect(reading).rejects.toThrow(InputError);
    await expect(reading).rejects.toThrow(message);
  });

  it('finds the undecodable line beyond the first piece of the file', async () => {
    const content = Buffer.concat([
      Buffer.from('é line\n'.repeat(50_000)),
      Buffer.from([0xe9, 0x20]),
      Buffer.from('rest'),
    ]);
    await expect(read(await fileWith('a.txt', content))).rejects.toThrow(/line 50001 is not UTF-8/);
  });

  it('names a missing file and a folder', async () => {
    const folder = await folderWith({});
    await expect(read(`${folder}/none.txt`)).rejects.toThrow(/none\.txt: no such file/);
    await expect(read(folder)).rejects.toThrow(/is a folder, expected a text file/);
  });
});

describe('readLines', () => {
  it('splits at both kinds of line ends and keeps empty lines', async () => {
    expect(await collect(readLines(await fileWith('a.txt', 'one\r\n\ntwo\nthree')))).toEqual([
      'one',
      '',
      'two',
      'three',
    ]);
  });

  it('gives a line of many pieces as one', async () => {
    const long = 'x'.repeat(300_000);
    expect(await collect(readLines(await fileWith('a.txt', `${long}\nend\n`)))).toEqual([long, 'end']);
  });
});
