import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRandom } from '@qb-heat/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultsSchema, type Results } from '../src/results/schema.ts';
import { runCli } from './fixtures/run-cli.ts';
import { withoutTimes } from './fixtures/without-times.ts';
import { writeExperiments } from './fixtures/write-experiments.ts';

let folder: string;
let args: string[];
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qb-heat-kill-'));
  args = await writeExperiments(folder);
});
afterAll(() => rm(folder, { recursive: true }));

async function readResults(out: string): Promise<Results> {
  return resultsSchema.parse(JSON.parse(await readFile(path.join(out, 'results.json'), 'utf8')));
}

/** What a run says besides what depends on the clock, and on when the checkout was changed. */
function timeless({ runs, summaries, ...results }: Results) {
  return {
    ...results,
    createdAt: '',
    versions: {},
    runs: runs.map(withoutTimes),
    summaries: summaries.map((summary) => Object.assign({}, summary, { meanTotalMs: 0 })),
  };
}

describe('kill -9', () => {
  it(
    'at three random moments loses nothing that was finished, and changes no result',
    { timeout: 300_000 },
    async () => {
      const startMs = performance.now();
      const undisturbed = await runCli([...args, '--out', path.join(folder, 'undisturbed')]);
      expect(undisturbed.exitCode).toBe(0);
      const totalMs = performance.now() - startMs;

      const random = createRandom(1);
      const out = path.join(folder, 'killed');
      for (let time = 0; time < 3; time++) {
        const delayMs = (0.3 + 0.4 * random.uniform()) * totalMs;
        let timer: NodeJS.Timeout | undefined;
        const killed = await runCli([...args, '--out', out], {
          onOutput: (_output, kill) => (timer ??= setTimeout(() => kill('SIGKILL'), delayMs)),
        });
        clearTimeout(timer);
        // It may have been done before.
        expect([null, 0]).toContain(killed.exitCode);
      }
      const continued = await runCli([...args, '--out', out]);
      expect(continued.exitCode).toBe(0);
      expect(continued.stderr).toContain('finished before');
      expect(timeless(await readResults(out))).toEqual(timeless(await readResults(path.join(folder, 'undisturbed'))));
    },
  );
});
