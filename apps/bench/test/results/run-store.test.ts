import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunStore } from '../../src/results/run-store.ts';
import { makeRun } from '../fixtures/results.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qb-heat-store-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('RunStore', () => {
  it('gives back what it stored', async () => {
    const store = new RunStore(folder);
    const run = makeRun();
    await store.save(run);
    expect(await new RunStore(folder).load(run.id)).toEqual(run);
  });

  it('knows nothing of other runs', async () => {
    expect(await new RunStore(folder).load('other')).toBeUndefined();
  });

  it('makes no folder before there is something to store', async () => {
    const missing = path.join(folder, 'missing');
    await new RunStore(missing).load('any');
    expect(await readdir(folder)).toEqual([]);
  });

  it('takes a damaged file for no run', async () => {
    const store = new RunStore(folder);
    const run = makeRun();
    await store.save(run);
    await writeFile(path.join(folder, 'runs', `${run.id}.json`), '{"id":');
    expect(await store.load(run.id)).toBeUndefined();
  });

  it('takes a run without its pictures for none', async () => {
    const store = new RunStore(folder);
    const bytes = new Uint8Array([1]);
    const rows = ['original', 'visible'].map((label) => ({ label, png: bytes }));
    const drawing = { kind: 'reconstruction' as const, caption: 'Pictures.', numPictures: 1, rows };
    const run = makeRun({ pictures: await store.savePictures('run', [drawing]) });
    await store.save(run);
    expect(await store.load(run.id)).toEqual(run);
    await rm(path.join(folder, 'runs', 'run-reconstruction-1.png'));
    expect(await store.load(run.id)).toBeUndefined();
  });

  it('refuses a metric that is not a number', async () => {
    const run = makeRun({ metrics: { heldOutLoss: Number.NaN } });
    await expect(new RunStore(folder).save(run)).rejects.toThrow('heldOutLoss');
    expect(await readdir(folder)).toEqual([]);
  });
});
