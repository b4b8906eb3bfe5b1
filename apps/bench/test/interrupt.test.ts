import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultsSchema, type Results } from '../src/results/schema.ts';
import { runCli } from './fixtures/run-cli.ts';
import { writeExperiments } from './fixtures/write-experiments.ts';

let folder: string;
let experiments: string[];
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qb-heat-interrupt-'));
  experiments = await writeExperiments(folder);
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs until the output matches, then interrupts. */
function runUntil(pattern: RegExp, ...args: string[]) {
  let isInterrupted = false;
  return runCli([...experiments, ...args], {
    onOutput: (output, kill) => {
      if (isInterrupted || !pattern.test(output)) return;
      isInterrupted = true;
      kill('SIGINT');
    },
  });
}

async function readResults(out: string): Promise<Results> {
  return resultsSchema.parse(JSON.parse(await readFile(path.join(out, 'results.json'), 'utf8')));
}

describe('an interrupt', () => {
  it(
    'ends the run cleanly, keeps what is finished, and the next run goes on from there',
    { timeout: 300_000 },
    async () => {
      const out = path.join(folder, 'out');
      const stopped = await runUntil(/\[1\/6\]/, '--only', 'text', '--out', out);
      expect(stopped.exitCode).toBe(130);
      expect(stopped.stderr).toContain('stopping; finished runs are kept');
      expect(stopped.stdout).toContain('note: not complete: not all runs are here');
      const before = await readResults(out);
      expect(before.complete).toBe(false);
      expect(before.runs).toHaveLength(1);
      expect((await readdir(out)).toSorted()).toEqual([
        'report.html',
        'results.csv',
        'results.json',
        'results.md',
        'runs',
      ]);

      const continued = await runUntil(/\[1\/6\].*\n/, '--only', 'text', '--out', out);
      expect(continued.stderr).toMatch(/6 runs, 1 of them finished before: about/);
      expect(continued.stderr).toMatch(/\[1\/6\] text tf-idf, seed 0: .*\(finished before\)/);
      expect((await readResults(out)).runs[0]).toEqual(before.runs[0]);

      const stoppedBeforeRuns = await runUntil(/operators: .*ms/, '--only', 'operators,text', '--out', out);
      expect(stoppedBeforeRuns.exitCode).toBe(130);
      expect((await readResults(out)).runs[0]).toEqual(before.runs[0]);
    },
  );

  it('before the first result leaves nothing behind', { timeout: 120_000 }, async () => {
    const out = path.join(folder, 'early');
    const stopped = await runUntil(/timing a few training steps/, '--only', 'text', '--out', out);
    expect(stopped.exitCode).toBe(130);
    expect(stopped.stdout).toContain('nothing was written');
    expect(await readdir(folder)).not.toContain('early');
  });
});
