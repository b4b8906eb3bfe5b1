import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AdamW, chooseBackend, constantRate, pretrain } from '@qb-heat/training';
import { beforeAll, describe, expect, it } from 'vitest';
import { createConvnetStep } from '../../../src/experiments/engine/convnet-step.ts';
import { createVitStep } from '../../../src/experiments/engine/vit-step.ts';
import type { Workload } from '../../../src/experiments/engine/workload.ts';

const script = fileURLToPath(new URL('../../../peers/torch_losses.py', import.meta.url));
const findPytorch = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)';
const hasPytorch = spawnSync('python3', ['-c', findPytorch]).status === 0;

const learningRate = 0.01;
const numSteps = 3;
const vitSize = {
  batchSize: 3,
  gridSize: 6,
  blockSize: 2,
  patchDim: 5,
  dim: 8,
  numHeads: 2,
  encoderDepth: 2,
  decoderDepth: 1,
};
const convnetSize = {
  batchSize: 4,
  imageSize: 8,
  channels: 8,
  numResidualBlocks: 1,
  numDepthwiseBlocks: [1, 1] as const,
  numClasses: 3,
};

async function lossesOf({ model, nextBatch }: Workload): Promise<number[]> {
  const optimizer = new AdamW(model.parameters);
  const losses: number[] = [];
  const batches = nextBatch;
  for await (const { loss } of pretrain(model, {
    batches,
    optimizer,
    schedule: constantRate(learningRate),
    numSteps,
  })) {
    losses.push(loss);
  }
  return losses;
}

/** The losses that PyTorch has from the weights and the batch of a workload. */
async function pytorchLossesOf({ name, model, nextBatch }: Workload, size: object): Promise<number[]> {
  const parameters: Record<string, { shape: number[]; values: number[] }> = {};
  for (const [path, variable] of model.parameters) {
    parameters[path] = { shape: variable.shape, values: [...(await variable.data())] };
  }
  const batch = [...(await nextBatch().values.data())];
  const request = { workload: name, size, learningRate, numSteps, batch, parameters };
  const { stdout, stderr, status } = spawnSync('python3', [script], {
    input: JSON.stringify(request),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout) as number[];
}

describe.skipIf(!hasPytorch).each([
  ['ViT', () => createVitStep(vitSize, 1), vitSize],
  ['ConvNet', () => createConvnetStep(convnetSize, 1), convnetSize],
] as const)('the losses of three %s steps', (_, create, size) => {
  let expected: number[];
  beforeAll(async () => {
    await chooseBackend('cpu');
    expected = await pytorchLossesOf(create(), size);
  });

  it.each(['cpu', 'onnxruntime'])('on %s are those of PyTorch', async (backend) => {
    await chooseBackend(backend);
    const losses = await lossesOf(create());
    expect(expected.length).toBe(numSteps);
    for (const [step, loss] of losses.entries()) expect(Math.abs(loss / expected[step]! - 1)).toBeLessThan(1e-4);
    // Steps that leave the loss alone would agree without training anything.
    expect(expected[2]).toBeLessThan(expected[0]! - 0.01);
  });
});
