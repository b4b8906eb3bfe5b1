import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, type CliOutcome } from './fixtures/run-cli.ts';
import { writeExperiments } from './fixtures/write-experiments.ts';

let folder: string;
let args: string[];
const at = (name: string): string => path.join(folder, name);
const numShards = 2;
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
    expect([whole, ...shards].map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
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

  it('are named, or the command ends with one line and exit code 2', async () => {
    const merged = await runCli(['merge', '--out', at('refused')]);
    expect(merged).toMatchObject({ exitCode: 2, stdout: '' });
    expect(merged.stderr).toMatch(/^error: merge: name the folders of the shards, such as shard-1 shard-2\n$/);
  });
});
