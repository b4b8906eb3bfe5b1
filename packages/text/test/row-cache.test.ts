import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@qb-heat/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { countTokens, packTexts } from '../src/packing.ts';
import { cacheRows } from '../src/row-cache.ts';
import type { CacheRowsOptions, StoredRows } from '../src/row-cache.ts';
import { textBatches } from '../src/text-batches.ts';
import { createTokenizer } from '../src/tokenizer.ts';
import { folderWith } from './data/files.ts';
import { handMadeFiles, handMadeTokenizer } from './fixtures.ts';

const texts = ['the dog barks . a cat sees', 'the cat running . hamsters', '', 'a dog sees the cat .', 'the cats run'];
const length = 6;
async function cache(
  folder: string,
  options: Partial<CacheRowsOptions> = {},
  some = texts,
  tokenizer = handMadeTokenizer,
) {
  const rows = await cacheRows(() => some, tokenizer, { length, folder, ...options });
  onTestFinished(() => rows.close());
  return rows;
}
const allIds = (rows: StoredRows): Int32Array => {
  const ids = new Int32Array(rows.numRows * rows.length);
  for (let row = 0; row < rows.numRows; row++) rows.readRow(row, ids, row * rows.length);
  return ids;
};

describe('cacheRows', () => {
  it.each([true, false])('stores the rows that packTexts makes (crossTexts %s)', async (crossTexts) => {
    const rows = await cache(await folderWith({}), { crossTexts });
    const { ids, ...description } = await packTexts(texts, handMadeTokenizer, { length, crossTexts });
    expect(rows).toMatchObject({ ...description, wasCached: false });
    expect(allIds(rows)).toEqual(ids);
    expect(rows.tokenCounts).toEqual(countTokens({ ids }, handMadeTokenizer));
  });

  it.each([
    ['a start token', handMadeTokenizer],
    ['none', { ...handMadeTokenizer, special: { ...handMadeTokenizer.special, start: undefined } }],
  ])('serves the batches that rows in memory do (with %s)', async (_, tokenizer) => {
    const rows = await cache(await folderWith({}), {}, texts, tokenizer);
    const text = await packTexts(texts, tokenizer, { length });
    const options = { batchSize: 2, mask: { kind: 'tokens', maskRatio: 0.3 }, tokenizer, seed: 1 } as const;
    const [stored, held] = [textBatches(rows, options), textBatches(text, options)];
    // Of several epochs, cut at several places.
    for (let index = 0; index < 12; index++) {
      expect({ ...stored(index), dispose: null }).toEqual({ ...held(index), dispose: null });
    }
  });

  it('finds what it packed before, by content', async () => {
    const folder = await folderWith({});
    const first = await cache(folder);
    const { mtimeMs } = await stat(first.path);
    const again = await cache(folder, {}, [...texts]);
    expect(again).toMatchObject({ wasCached: true, path: first.path });
    expect((await stat(first.path)).mtimeMs).toBe(mtimeMs);
    expect(allIds(again)).toEqual(allIds(first));
  });

  it('packs anew when texts, options or tokenizer differ', async () => {
    const folder = await folderWith({});
    const { json, config } = handMadeFiles();
    const cased = createTokenizer({ json: { ...json, normalizer: null }, config }, 'hand-made');
    const upper = ['The DOG', ...texts];
    const paths = [
      await cache(folder),
      await cache(folder, { length: 8 }),
      await cache(folder, { crossTexts: false }),
      await cache(folder, {}, texts.toReversed()),
      await cache(folder, {}, upper),
      await cache(folder, {}, upper, cased),
    ].map(({ path }) => path);
    expect(new Set(paths).size).toBe(6);
  });

  it.each([
    ['cut short', (path: string) => truncate(path, 600)],
    ['emptied', (path: string) => truncate(path, 0)],
    ['overwritten', (path: string) => writeFile(path, 'nonsense')],
  ])('writes a file anew that was %s', async (_, damage) => {
    const folder = await folderWith({});
    const first = await cache(folder);
    const ids = allIds(first);
    first.close();
    await damage(first.path);
    const again = await cache(folder);
    expect(again.wasCached).toBe(false);
    expect(allIds(again)).toEqual(ids);
  });

  it('leaves nothing behind when it fails on the way', async () => {
    const folder = await folderWith({});
    let pass = 0;
    function* failing() {
      yield* texts;
      if (++pass === 2) throw new Error('the disk is gone');
    }
    await expect(cacheRows(failing, handMadeTokenizer, { length, folder })).rejects.toThrow('the disk is gone');
    await expect(cacheRows(() => ['hamsters'], handMadeTokenizer, { length, folder })).rejects.toThrow(InputError);
    expect(await readdir(folder)).toEqual([]);
  });

  it('lets rows go to the disk while texts are still coming', async () => {
    const folder = await folderWith({});
    let largest = 0;
    async function* manyTexts() {
      for (let index = 0; index < 4000; index++) {
        yield 'the dog sees a cat . '.repeat(10);
        if (index % 1000 !== 999) continue;
        const name = (await readdir(folder)).find((each) => each.endsWith('.part'));
        if (name !== undefined) largest = (await stat(join(folder, name))).size;
      }
    }
    const rows = await cacheRows(manyTexts, handMadeTokenizer, { length, folder });
    rows.close();
    // Of 61 tokens a text no more than a block is waiting.
    expect(largest).toBeGreaterThan(4 * 61 * 4000 - 4 * 2 ** 16);
    expect((await readFile(rows.path)).length).toBeGreaterThan(largest);
  });

  it('closes once, and cannot be read then', async () => {
    const rows = await cache(await folderWith({}));
    rows.close();
    rows.close();
    expect(() => rows.readRow(0, new Int32Array(length), 0)).toThrow(/EBADF/);
  });

  it('says how far it is', async () => {
    const reports: number[] = [];
    const onProgress = ({
      numTexts,
      numTokens,
      tokensPerSecond,
    }: Parameters<NonNullable<CacheRowsOptions['onProgress']>>[0]) => {
      reports.push(numTexts, numTokens);
      expect(tokensPerSecond).toBeGreaterThan(0);
    };
    const { numTokens } = await cache(await folderWith({}), { onProgress });
    expect(reports).toEqual([5, numTokens]);
  });
});
