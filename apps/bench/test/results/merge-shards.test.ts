import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mergeShards } from '../../src/results/merge-shards.ts';
import { ResultsFolder } from '../../src/results/results-folder.ts';
import type { Results } from '../../src/results/schema.ts';
import { makeResults, makeRun } from '../fixtures/results.ts';

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'qb-heat-shards-'));
});
afterEach(() => rm(parent, { recursive: true }));

const at = (name: string): string => path.join(parent, name);
const runs = ['mask-token', 'linear', 'mlp'].map((method) => makeRun({ method }));
const plan = runs.map(({ id }) => id);
const operators = [{ operation: 'propagate', durationMs: 1 }];

/** Writes the folder of a shard with the runs at these places of the plan. */
async function writeShard(name: string, places: readonly number[], changes: Partial<Results> = {}): Promise<string> {
  const own = places.map((place) => runs[place]!);
  await new ResultsFolder(at(name)).writeResults(makeResults({ plan, runs: own, complete: false, ...changes }));
  return at(name);
}

const merge = (shards: readonly string[], isIncomplete = false): Promise<Results> =>
  mergeShards(shards, new ResultsFolder(at('all')), { isIncomplete });

describe('mergeShards', () => {
  it('puts the runs into the order of the plan, each once, and stores them', async () => {
    const shards = [await writeShard('b', [1, 2]), await writeShard('a', [0, 2], { operators })];
    const merged = await merge(shards);
    expect(merged).toMatchObject({ complete: true, plan, operators });
    expect(merged.runs).toEqual(runs);
    expect(JSON.parse(await readFile(path.join(at('all'), 'results.json'), 'utf8'))).toEqual(merged);
    expect(await readdir(path.join(at('all'), 'runs'))).toEqual(plan.map((id) => `${id}.json`).toSorted());
  });

  it('refuses to leave runs out, unless that is asked for', async () => {
    const shard = await writeShard('a', [1]);
    await expect(merge([shard])).rejects.toThrow(InputError);
    await expect(merge([shard])).rejects.toThrow(
      'merge: 2 of 3 runs are missing: a shard is not finished or not named; --incomplete merges what is there',
    );
    expect(await readdir(parent)).toEqual(['a']);
    const merged = await merge([shard], true);
    expect([merged.complete, merged.runs.length]).toEqual([false, 1]);
  });

  it.each<[string, Partial<Results>, string]>([
    ['experiments', { configuration: { preset: 'other' } }, 'were made with different experiments'],
    ['data', { data: [] }, 'were made with different data'],
    ['programs', { plan: ['other', ...plan.slice(1)] }, 'were made with different programs, backends or threads'],
  ])('refuses shards of other %s', async (_what, changes, message) => {
    const shards = [await writeShard('a', [0, 1]), await writeShard('b', [2], changes)];
    await expect(merge(shards)).rejects.toThrow(InputError);
    await expect(merge(shards)).rejects.toThrow(message);
    expect(await readdir(parent)).toEqual(['a', 'b']);
  });

  it('refuses a shard without its pictures, before anything is written', async () => {
    const rows = [{ label: 'linear', file: 'runs/linear.png' }];
    const pictured = { ...runs[2]!, pictures: [{ kind: 'features' as const, caption: '', numPictures: 1, rows }] };
    const shards = [await writeShard('a', [0, 1]), await writeShard('b', [], { runs: [pictured] })];
    await expect(merge(shards)).rejects.toThrow(InputError);
    await expect(merge(shards)).rejects.toThrow(`merge: ${at('b')} lacks runs/linear.png: copy the whole folder`);
    expect(await readdir(parent)).toEqual(['a', 'b']);
    await mkdir(path.join(at('b'), 'runs'));
    await writeFile(path.join(at('b'), 'runs', 'linear.png'), 'picture');
    await merge(shards);
    expect(await readFile(path.join(at('all'), 'runs', 'linear.png'), 'utf8')).toBe('picture');
  });

  it('refuses a folder without results, and with some that it cannot read', async () => {
    await expect(merge([at('nowhere')])).rejects.toThrow(`merge: ${at('nowhere')} has no results.json`);
    const shard = await writeShard('a', [0, 1, 2]);
    await writeFile(path.join(shard, 'results.json'), '{"runs": [');
    await expect(merge([shard])).rejects.toThrow('is no results.json of this version');
    expect(await readdir(parent)).toEqual(['a']);
  });
});
