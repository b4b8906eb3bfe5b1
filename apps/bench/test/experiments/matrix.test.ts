import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chooseBackend } from '@qb-heat/training';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { planMatrix, runMatrix, type PlanOptions } from '../../src/experiments/matrix.ts';
import type { Suite } from '../../src/experiments/suite.ts';
import { openVisionData } from '../../src/experiments/vision/data.ts';
import { createVisionSuite } from '../../src/experiments/vision/suite.ts';
import { RunStore } from '../../src/results/run-store.ts';
import type { Run } from '../../src/results/schema.ts';
import { makeTiny, tinyExperiments } from '../fixtures/tiny-experiments.ts';
import { withoutTimes } from '../fixtures/without-times.ts';

let folder: string;
beforeAll(async () => {
  await chooseBackend('onnxruntime', { threads: 1 });
});
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qb-heat-matrix-'));
});
afterEach(() => rm(folder, { recursive: true }));

const backend = { name: 'cpu', version: '1', device: 'cpu', threads: 1 };
const options = (changes: Partial<PlanOptions> = {}): PlanOptions => ({
  store: new RunStore(folder),
  backend,
  hashProgram: async () => 'program',
  fresh: false,
  encoders: null,
  ...changes,
});
const onlyViT = {
  encoders: { 'vit-tiny': tinyExperiments.vision.encoders['vit-tiny'] },
  comparisons: { block: { methods: ['linear'] } },
};

async function open(changes: object = {}, seeds: readonly number[] = [0]): Promise<Suite> {
  const { vision } = makeTiny({ vision: { ...onlyViT, ...changes } });
  if (vision === undefined) throw new Error('no images');
  return createVisionSuite(await openVisionData(null, vision), vision, seeds);
}

/** Runs until `count` runs are finished. */
async function run(plan: Awaited<ReturnType<typeof planMatrix>>, count = Number.POSITIVE_INFINITY): Promise<Run[]> {
  const controller = new AbortController();
  const finished: Run[] = [];
  for await (const event of runMatrix(plan, new RunStore(folder), 'cpu', controller.signal)) {
    if (event.kind === 'finished' && finished.push(event.run) === count) controller.abort();
  }
  return finished;
}

/** Ids by method. */
async function idsOf(changes: object): Promise<Map<string, string>> {
  const plan = await planMatrix([await open(changes)], options());
  return new Map(plan.map(({ id, cell }) => [cell.method, id]));
}

describe('a matrix', () => {
  it('goes on where it was stopped, and ends as if it never had been', async () => {
    const plan = () => open().then((suite) => planMatrix([suite], options()));
    const stopped = await run(await plan(), 3);
    expect(stopped).toHaveLength(3);

    const continued = await plan();
    expect(continued.map(({ stored }) => stored !== undefined)).toEqual([true, true, true, false, false]);
    const all = await run(continued);
    expect(all.slice(0, 3)).toEqual(stopped);

    const undisturbed = await run(await planMatrix([await open()], options({ fresh: true })));
    expect(all.map(withoutTimes)).toEqual(undisturbed.map(withoutTimes));
  });

  it('goes by seed first, over all suites', async () => {
    const suites = [await open({}, [0, 1]), await open({ numTrain: 40 }, [0, 1])];
    const plan = await planMatrix(suites, options());
    const seeds = plan.map(({ cell }) => cell.seed);
    expect(seeds).toEqual(seeds.toSorted((a, b) => a - b));
    expect(new Set(plan.filter(({ cell }) => cell.seed === 0).map(({ suite }) => suite)).size).toBe(2);
  });

  it('runs a cell again when anything that determines it is another', async () => {
    const suite = await open();
    const ids = async (changes: Partial<PlanOptions>, other = suite) =>
      (await planMatrix([other], options(changes))).map(({ id }) => id);
    const original = await ids({});
    expect(new Set(original).size).toBe(original.length);
    expect(await ids({})).toEqual(original);

    const others = [
      await ids({ hashProgram: async () => 'other' }),
      await ids({ backend: { ...backend, name: 'wasm' } }),
      await ids({ backend: { ...backend, threads: 2 } }),
      await ids({}, await open({ numTest: 25 })),
      await ids({}, await open({ probes: { knn: { numNeighbors: 6 } } })),
    ];
    for (const other of others) expect(other.filter((id) => original.includes(id))).toEqual([]);
  });

  it('runs nothing again that a change does not touch', async () => {
    const original = await idsOf({});
    const withMore = await idsOf({ comparisons: { block: { methods: ['linear', 'nearest'] } } });
    for (const [method, id] of original) expect(withMore.get(method)).toBe(id);

    const withOtherSteps = await idsOf({ optimization: { ...tinyExperiments.vision.optimization, numSteps: 7 } });
    for (const method of ['raw-pixels', 'majority', 'random-init']) {
      expect(withOtherSteps.get(method)).toBe(original.get(method));
    }
    expect(withOtherSteps.get('linear')).not.toBe(original.get('linear'));
  });

  it('tells what fails by its settings, and goes on with the rest', async () => {
    const optimization = { ...tinyExperiments.vision.optimization, learningRate: 1e30, warmupSteps: 0 };
    const plan = await planMatrix([await open({ optimization })], options());
    const told: string[] = [];
    for await (const event of runMatrix(plan, new RunStore(folder), 'cpu', new AbortController().signal)) {
      if (event.kind !== 'progress') told.push(`${event.planned.cell.method} ${event.kind}`);
      if (event.kind === 'failed') expect(event.error.message).toMatch(/(loss|norm) is NaN .*lower learning rate/);
    }
    expect(told).toEqual([
      'raw-pixels finished',
      'majority finished',
      'mask-token failed',
      'linear failed',
      'random-init finished',
    ]);
  });

  it('takes a run over into another part of the comparison', async () => {
    const [first] = await run(await planMatrix([await open()], options()), 3);
    expect(first).toBeDefined();
    const baselines = { comparisons: { block: { baselines: ['linear'], methods: ['mask-token'] } } };
    const plan = await planMatrix([await open(baselines)], options());
    const baseline = plan.find(({ cell }) => cell.method === 'mask-token')!;
    expect(baseline.stored).toMatchObject({ method: 'mask-token', role: 'method' });
  });

  it('exports encoders, and runs again what was finished without', async () => {
    const plan = async (changes: object = {}) =>
      planMatrix([await open(changes)], options({ encoders: path.join(folder, 'encoders') }));
    const withoutExport = await run(await planMatrix([await open()], options()));
    const planned = await plan();
    const isTrained = planned.map(({ cell }) => ['mask-token', 'linear'].includes(cell.method));
    expect(planned.map(({ stored }) => stored === undefined)).toEqual(isTrained);

    const exported = await run(planned);
    expect(exported.map(withoutTimes)).toEqual(withoutExport.map(withoutTimes));
    const linear = planned.find(({ cell }) => cell.method === 'linear')!;
    const names = await readdir(path.join(folder, 'encoders'));
    expect(names).toHaveLength(2);
    expect(names).toContain(`vision-vit-tiny-block-linear-seed-0-${linear.id.slice(0, 8)}`);
    expect(await readdir(linear.exportTo!)).toEqual(['config.json', 'onnx', 'preprocessor_config.json']);

    expect((await plan()).every(({ stored }) => stored !== undefined)).toBe(true);
    const withOtherSteps = await plan({ optimization: { ...tinyExperiments.vision.optimization, numSteps: 7 } });
    expect(withOtherSteps.map(({ stored }) => stored === undefined)).toEqual(isTrained);
  });

  it('ignores what is stored when asked to', async () => {
    await run(await planMatrix([await open()], options()), 1);
    const plan = await planMatrix([await open()], options({ fresh: true }));
    expect(plan.every(({ stored }) => stored === undefined)).toBe(true);
  });
});
