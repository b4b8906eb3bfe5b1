import { chooseBackend } from '@qb-heat/training';
import { beforeAll, describe, expect, it } from 'vitest';
import { experimentsSchema } from '../../../src/experiments/description.ts';
import { openSuites } from '../../../src/experiments/open-suites.ts';
import { runCell } from '../../fixtures/run-cell.ts';
import { tinyExperiments } from '../../fixtures/tiny-experiments.ts';

const noSources = { images: [], detection: null, text: [], probeText: [], tokenizer: null };

beforeAll(async () => {
  await chooseBackend('onnxruntime', { threads: 1 });
});

describe('the vision suite', () => {
  it('measures on held-out pictures that are too few for a batch', async () => {
    const vision = { ...tinyExperiments.vision, numTest: 3, probes: {} };
    const experiments = experimentsSchema.parse({ name: 'tiny', seeds: 1, vision });
    const {
      suites: [suite],
    } = await openSuites(experiments, experiments, noSources);
    const { outcome } = await runCell(suite!, 'linear');
    expect(outcome?.metrics.heldOutLoss).toBeGreaterThan(0);
    expect(outcome?.pictures[0]?.numPictures).toBe(3);
  });
});
