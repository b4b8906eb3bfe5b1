import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceFolder } from '../../src/results/replace-folder.ts';

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'qb-heat-replace-'));
  folder = path.join(parent, 'plots');
});
afterEach(() => rm(parent, { recursive: true }));

async function* files(...names: string[]) {
  for (const name of names) {
    if (name === 'broken') throw new Error('cannot be drawn');
    yield { name, content: `content of ${name}` };
  }
}

describe('replaceFolder', () => {
  it('leaves exactly the new files', async () => {
    await replaceFolder(folder, files('a.svg', 'b.svg'));
    expect(await readdir(folder)).toEqual(['a.svg', 'b.svg']);
    await replaceFolder(folder, files('b.svg', 'c.svg'));
    expect(await readdir(folder)).toEqual(['b.svg', 'c.svg']);
    expect(await readFile(path.join(folder, 'c.svg'), 'utf8')).toBe('content of c.svg');
    expect(await readdir(parent)).toEqual(['plots']);
  });

  it('leaves the old ones as they were when a file cannot be made, and nothing of that the next time', async () => {
    await replaceFolder(folder, files('a.svg'));
    await expect(replaceFolder(folder, files('b.svg', 'broken'))).rejects.toThrow('cannot be drawn');
    expect(await readdir(folder)).toEqual(['a.svg']);
    await replaceFolder(folder, files('c.svg'));
    expect(await readdir(folder)).toEqual(['c.svg']);
    expect(await readdir(parent)).toEqual(['plots']);
  });

  it('goes on from where a process was killed between moving the old files away and the new ones in', async () => {
    for (const left of ['plots.old', 'plots.new']) {
      await mkdir(path.join(parent, left));
      await writeFile(path.join(parent, left, 'left.svg'), '');
    }
    await replaceFolder(folder, files('a.svg'));
    expect(await readdir(folder)).toEqual(['a.svg']);
    expect(await readdir(parent)).toEqual(['plots']);
  });

  it('makes no folder for no files, and takes one away', async () => {
    await replaceFolder(folder, files());
    expect(await readdir(parent)).toEqual([]);
    await replaceFolder(folder, files('a.svg'));
    await replaceFolder(folder, files());
    expect(await readdir(parent)).toEqual([]);
  });
});
