import { AdamW, constantRate, pretrain, type Batch } from '@qb-heat/training';
import type { Cell } from './cell.ts';
import { untrainedControl } from './list-cells.ts';
import type { BuiltCell, Modality } from './modality.ts';

/** Steps timed for the estimate; the first ones compile and warm up. */
const numTimedSteps = 4;

/** What a cell costs besides training steps and encoding, relative to the encoding of its features: the probes. */
const probeShare = 1;

/**
 * How long cells will take, from a few training steps and one encoding of the test part that are timed here: steps ×
 * (time of a step), and the encoding of both parts. It leaves out what is small beside them.
 */
export async function estimateCells<B extends Batch>(
  modality: Modality<B>,
  cells: readonly Cell[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Cell, number>> {
  const trained = cells.find((cell) => cell.role !== 'control');
  const encoded = trained ?? cells.find((cell) => cell.method === untrainedControl);
  if (encoded === undefined || signal.aborted) return new Map(cells.map((cell) => [cell, 0]));
  const built = modality.build(encoded);
  try {
    const stepMs = trained === undefined ? 0 : await timeStep(built);
    const evaluationMs = (2 * built.heldOut.numBatches * stepMs) / 3; // A forward pass is a third of a step.
    const featureMs = modality.data.classes.length > 1 ? await timeFeatures(modality, built, signal) : 0;
    const pretrainMs = modality.optimization.numSteps * stepMs + 2 * evaluationMs;
    return new Map(
      cells.map((cell) => [
        cell,
        cell.role === 'control' ? featureMs * (1 + probeShare) : pretrainMs + featureMs * (1 + probeShare),
      ]),
    );
  } finally {
    built.dispose();
  }
}

async function timeStep<B extends Batch>({ model, trainingBatches }: BuiltCell<B>): Promise<number> {
  const optimizer = new AdamW(model.parameters);
  const durationsMs: number[] = [];
  try {
    const schedule = constantRate(1e-6);
    const options = { batches: trainingBatches, optimizer, schedule, numSteps: numTimedSteps };
    for await (const { durationMs } of pretrain(model, options)) durationsMs.push(durationMs);
  } finally {
    optimizer.dispose();
  }
  return Math.min(...durationsMs);
}

async function timeFeatures<B extends Batch>(
  { probes, data }: Modality<B>,
  built: BuiltCell<B>,
  signal: AbortSignal,
): Promise<number> {
  const startMs = performance.now();
  const test = await built.encode('test', signal);
  const encodeTestMs = performance.now() - startMs;
  void probes;
  void test;
  return (encodeTestMs * (data.numTrain + data.numTest)) / data.numTest;
}
