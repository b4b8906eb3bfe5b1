import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { planMatrix, runMatrix, type PlanOptions } from '../../src/experiments/matrix.ts';
import { openVisionSuite } from '../../src/experiments/vision.ts';
import { RunStore } from '../../src/results/run-store.ts';
import type { Run } from '../../src/results/schema.ts';
import { tinyVision } from '../fixtures/tiny-settings.ts';
import { withoutTimes } from '../fixtures/without-times.ts';

let folder: string;
beforeAll(async () => {
  await tf.setBackend('cpu');
});
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qb-heat-matrix-'));
});
afterEach(() => rm(folder, { recursive: true }));

const backend = { name: 'cpu', version: '1', device: 'cpu', threads: 1 };
const options = (changes: Partial<PlanOptions> = {}): PlanOptions => ({
  store: new RunStore(folder),
  backend,
  programSha256: 'program',
  fresh: false,
  ...changes,
});
const open = (changes: Partial<typeof tinyVision> = {}) =>
  openVisionSuite({ path: null, seeds: [0], fills: [], settings: { ...tinyVision, ...changes } });

/** Runs until `count` runs are finished. */
async function run(plan: Awaited<ReturnType<typeof planMatrix>>, count = Number.POSITIVE_INFINITY): Promise<Run[]> {
  const controller = new AbortController();
  const finished: Run[] = [];
  for await (const event of runMatrix(plan, new RunStore(folder), 'cpu', controller.signal)) {
    if (event.kind === 'finished' && finished.push(event.run) === count) controller.abort();
  }
  return finished;
}

describe('a matrix', () => {
  it('goes on where it was stopped, and ends as if it never had been', async () => {
    const plan = () => open().then((suite) => planMatrix([suite], options()));
    const stopped = await run(await plan(), 2);
    expect(stopped).toHaveLength(2);

    const continued = await plan();
    expect(continued.map(({ stored }) => stored !== undefined)).toEqual([true, true, false, false]);
    const all = await run(continued);
    expect(all.slice(0, 2)).toEqual(stopped);

    const undisturbed = await run(await planMatrix([await open()], options({ fresh: true })));
    expect(all.map(withoutTimes)).toEqual(undisturbed.map(withoutTimes));
  });

  it('runs a cell again when anything that determines it is another', async () => {
    const suite = await open();
    const ids = async (changes: Partial<PlanOptions>, other = suite) =>
      (await planMatrix([other], options(changes))).map(({ id }) => id);
    const original = await ids({});
    expect(new Set(original).size).toBe(original.length);
    expect(await ids({})).toEqual(original);

    const others = [
      await ids({ programSha256: 'other' }),
      await ids({ backend: { ...backend, name: 'wasm' } }),
      await ids({ backend: { ...backend, threads: 2 } }),
      await ids({}, await open({ numTest: 25 })),
      await ids({}, await open({ probes: { numNeighbors: 6 } })),
    ];
    for (const other of others) expect(other.filter((id) => original.includes(id))).toEqual([]);
  });

  it('ignores what is stored when asked to', async () => {
    await run(await planMatrix([await open()], options()), 1);
    const plan = await planMatrix([await open()], options({ fresh: true }));
    expect(plan.every(({ stored }) => stored === undefined)).toBe(true);
  });
});
