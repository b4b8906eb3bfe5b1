import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeFileAtomically } from '../src/atomic-write.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qb-heat-write-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

it('writes and replaces, and leaves nothing else', async () => {
  const file = path.join(folder, 'file.txt');
  await writeFileAtomically(file, 'a longer text');
  await writeFileAtomically(file, Buffer.from('short'));
  expect(await readFile(file, 'utf8')).toBe('short');
  expect(await readdir(folder)).toEqual(['file.txt']);
});

it('leaves nothing when it fails, not even a temporary file', async () => {
  const taken = path.join(folder, 'taken');
  await mkdir(taken);
  await expect(writeFileAtomically(taken, 'text')).rejects.toThrow();
  expect(await readdir(folder)).toEqual(['taken']);
});
