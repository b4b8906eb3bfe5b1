import { InputError } from '@qb-heat/core';
import { readdir, readlink } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { openText } from '../../src/data/open-text.ts';
import { streamTexts } from '../../src/data/stream-texts.ts';
import { collect, folderWith } from './files.ts';

it('streams the training texts of a folder as openText reads them, empty ones passed over', async () => {
  const folder = await folderWith({
    'train.csv.gz': 'label,text\n1,the dog\n2,\n2,"a cat, asleep"\n',
    'test.csv': 'label,text\n1,an owl\n',
  });
  const texts = await collect(streamTexts(folder));
  expect(texts).toEqual(['the dog', 'a cat, asleep']);
  expect((await openText(folder)).train.texts).toEqual(texts);
});

it('streams one file, in the encoding that it is told', async () => {
  const folder = await folderWith({ 'a.txt': Buffer.from('caf\xe9\n\nna\xefve\n', 'latin1') });
  expect(await collect(streamTexts(`${folder}/a.txt`, { encoding: 'latin1' }))).toEqual(['café', 'naïve']);
});

it('gives the first text before it has read the last', async () => {
  const folder = await folderWith({ 'a.txt': Buffer.from(`${'the dog\n\n'.repeat(100_000)}\xff\n`, 'latin1') });
  const texts = streamTexts(`${folder}/a.txt`);
  expect((await texts.next()).value).toBe('the dog');
  // The last byte is none of UTF-8.
  await expect(collect(texts)).rejects.toThrow(/line 200001 is not UTF-8/);
});

const openFiles = async () => {
  const numbers = await readdir('/proc/self/fd');
  return Promise.all(numbers.map((number) => readlink(`/proc/self/fd/${number}`).catch(() => '')));
};

it.runIf(process.platform === 'linux')('closes the file when it is left early', async () => {
  const folder = await folderWith({ 'a.txt': 'the dog\n\n'.repeat(100_000) });
  for await (const text of streamTexts(`${folder}/a.txt`)) {
    expect(text).toBe('the dog');
    expect(await openFiles()).toContain(`${folder}/a.txt`);
    break;
  }
  await expect.poll(openFiles).not.toContain(`${folder}/a.txt`);
});

it('fails as openText does', async () => {
  const folder = await folderWith({ 'a.csv': 'label,text\n1,a\n1,b,c\n' });
  const reading = collect(streamTexts(`${folder}/a.csv`));
  await expect(reading).rejects.toThrow(InputError);
  await expect(reading).rejects.toThrow(/a\.csv: line 3 has 3 columns/);
});
