import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, type CliOutcome } from './fixtures/run-cli.ts';
import { writeExperiments } from './fixtures/write-experiments.ts';

let folder: string;
let args: string[];
const at = (name: string): string => path.join(folder, name);
const numShards = 3;
const shardFolders = Array.from({ length: numShards }, (_, index) => `shard-${index + 1}`);
let whole: CliOutcome;
let shards: CliOutcome[];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qb-heat-merge-'));
  args = await writeExperiments(folder);
  whole = await runCli([...args, '--out', at('whole')]);
  shards = [];
  for (const [index, name] of shardFolders.entries()) {
    // The same finished runs: what is to be shown is that merging adds and loses nothing.
    await cp(path.join(at('whole'), 'runs'), path.join(at(name), 'runs'), { recursive: true });
    shards.push(await runCli([...args, '--shard', `${index + 1}/${numShards}`, '--out', at(name)]));
  }
}, 300_000);
afterAll(() => rm(folder, { recursive: true }));

/** `results.json` as it is, but for the commit, which may change while the tests run. */
async function readBytes(name: string): Promise<string> {
  const content = await readFile(path.join(at(name), 'results.json'), 'utf8');
  return content.replace(/ *"git commit": .*\n/, '');
}

describe('shards', () => {
  it('share the runs out among them, and say that they are parts', () => {
    expect([whole, ...shards].map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
    const numRuns = Number(/(\d+) runs: about/.exec(whole.stderr)?.[1]);
    const sizes = shards.map(({ stderr }) => Number(/(\d+) runs of shard/.exec(stderr)?.[1]));
    expect(sizes.reduce((sum, size) => sum + size)).toBe(numRuns);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    for (const { stdout } of shards) expect(stdout).toContain('note: not complete');
  });

  it('merge to the bytes of a run in one piece, in whichever order', async () => {
    const merged = await runCli(['merge', ...shardFolders.toReversed().map(at), '--out', at('merged')]);
    expect(merged).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await readBytes('merged')).toBe(await readBytes('whole'));
    for (const table of ['results.csv', 'results.md']) {
      expect(await readFile(path.join(at('merged'), table), 'utf8')).toBe(
        await readFile(path.join(at('whole'), table), 'utf8'),
      );
    }
  });

  it('are refused where runs are missing, unless that is asked for', async () => {
    const refused = await runCli(['merge', at('shard-1'), at('shard-1'), '--out', at('part')]);
    expect(refused.stderr).toMatch(
      /^error: merge: \d+ of \d+ runs are missing: .*; --incomplete merges what is there$/m,
    );
    expect(refused.exitCode).toBe(2);
    expect(await readdir(folder)).not.toContain('part');

    const merged = await runCli(['merge', at('shard-1'), '--incomplete', '--out', at('part')]);
    expect(merged.exitCode).toBe(0);
    expect(merged.stdout).toMatch(/\d+ runs, \d+ missing/);
    expect(merged.stdout).toContain('note: not complete');
  });

  it.each<[string, () => string[], RegExp]>([
    ['no folder', () => [], /name the folders of the shards/],
    ['a folder without results', () => [folder], /has no results\.json/],
  ])('refuse %s', async (_what, words, message) => {
    const merged = await runCli(['merge', ...words(), '--out', at('refused')]);
    expect(merged.stderr).toMatch(message);
    expect(merged.exitCode).toBe(2);
  });

  it('refuse to be put together with those of other experiments', async () => {
    const other = await runCli([...args, '--only', 'text', '--shard', '1/40', '--out', at('other')]);
    expect(other.exitCode).toBe(0);
    const merged = await runCli(['merge', at('shard-1'), at('other'), '--out', at('refused')]);
    expect(merged.stderr).toMatch(/were made with different experiments/);
    expect(merged.exitCode).toBe(2);
  });
});
