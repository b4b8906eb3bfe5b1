import { chooseBackend } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { measureSteps } from '../../../src/experiments/engine/measure-steps.ts';
import { createVitStep } from '../../../src/experiments/engine/vit-step.ts';

const tiny = {
  batchSize: 4,
  gridSize: 4,
  blockSize: 2,
  patchDim: 3,
  dim: 8,
  numHeads: 2,
  encoderDepth: 1,
  decoderDepth: 1,
};

beforeAll(async () => {
  await chooseBackend('onnxruntime', { threads: 1 });
});

describe('measureSteps', () => {
  it('times the steps after the warm-up and tells JavaScript from the native library', async () => {
    const workload = createVitStep(tiny, 1);
    const measured = await measureSteps(workload, '1.0', { numWarmupSteps: 2, numSteps: 3 });
    expect(measured.stepMs.length).toBe(3);
    expect(measured.javascriptMs?.length).toBe(3);
    for (const [index, ms] of measured.javascriptMs!.entries()) {
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThan(measured.stepMs[index]!);
    }
    expect(measured.firstStepMs).toBeGreaterThan(0);
    expect(measured.peakGflops).toBeGreaterThan(0);
    expect(measured.peakRssMiB).toBeGreaterThan(0);
    expect(measured.loss).toBeGreaterThan(0);
    workload.model.dispose();
  });

  it('leaves no tensor behind', async () => {
    const numBefore = tf.memory().numTensors;
    const workload = createVitStep(tiny, 1);
    await measureSteps(workload, '1.0', { numWarmupSteps: 1, numSteps: 1 });
    workload.model.dispose();
    expect(tf.memory().numTensors).toBe(numBefore);
  });

  it('gives the same losses for the same seed', async () => {
    const [first, second] = [createVitStep(tiny, 1), createVitStep(tiny, 1)];
    const options = { numWarmupSteps: 1, numSteps: 2 };
    expect((await measureSteps(first, '', options)).loss).toBe((await measureSteps(second, '', options)).loss);
  });
});
