import { AdamW, constantRate, pretrain } from '@qb-heat/training';
import type { OnnxruntimeBackend } from '@qb-heat/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs';
import { median } from '../../results/statistics.ts';
import type { StepMeasurement } from './engine-record.ts';
import { createConvnetStep, referenceConvnetStep } from './convnet-step.ts';
import { createVitStep, referenceVitStep } from './vit-step.ts';
import type { Workload, WorkloadName } from './workload.ts';

/** How long to measure. */
export interface MeasureOptions {
  readonly numWarmupSteps: number;
  readonly numSteps: number;
}

const SEED = 0;
const LEARNING_RATE = 1e-4;
/** Sides of the square products, and how many are chained before a result is read. */
const PRODUCTS = [
  { side: 512, count: 8 },
  { side: 1024, count: 4 },
] as const;
const PRODUCT_REPEATS = 5;

/** The reference workload of a name. The caller disposes its model. */
export function createWorkload(name: WorkloadName): Workload {
  return name === 'vit' ? createVitStep(referenceVitStep, SEED) : createConvnetStep(referenceConvnetStep, SEED);
}

/** Times training steps of `workload` on tfjs's current backend, as a user of `pretrain` sees them. */
export async function measureSteps(
  workload: Workload,
  version: string,
  { numWarmupSteps, numSteps }: MeasureOptions,
): Promise<StepMeasurement> {
  const peakGflops = await measureProducts();
  const optimizer = new AdamW(workload.model.parameters);
  const steps: { durationMs: number; javascriptMs: number | null; loss: number }[] = [];
  let nativeMs = nativeMsSoFar();
  const run = pretrain(workload.model, {
    batches: () => workload.nextBatch(),
    optimizer,
    schedule: constantRate(LEARNING_RATE),
    numSteps: numWarmupSteps + numSteps,
  });
  for await (const { durationMs, loss } of run) {
    const nativeMsNow = nativeMsSoFar();
    const javascriptMs = nativeMs === null || nativeMsNow === null ? null : durationMs - (nativeMsNow - nativeMs);
    nativeMs = nativeMsNow;
    steps.push({ durationMs, javascriptMs, loss });
  }
  optimizer.dispose();

  const timed = steps.slice(numWarmupSteps);
  const javascriptMs = timed.map((step) => step.javascriptMs);
  return {
    version,
    stepMs: timed.map((step) => step.durationMs),
    firstStepMs: steps[0]!.durationMs,
    javascriptMs: javascriptMs.every((ms) => ms !== null) ? javascriptMs : null,
    peakGflops,
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
    loss: steps.at(-1)!.loss,
  };
}

/** The best rate of a square float32 product on the current backend, in 10⁹ operations per second. */
async function measureProducts(): Promise<number> {
  let best = 0;
  for (const { side, count } of PRODUCTS) {
    const matrix = tf.randomNormal<tf.Rank.R2>([side, side], 0, side ** -0.5, 'float32', SEED);
    const durationsMs: number[] = [];
    for (let repeat = 0; repeat <= PRODUCT_REPEATS; repeat++) {
      const startMs = performance.now();
      const corner = tf.tidy(() => {
        let product = matrix;
        for (let i = 0; i < count; i++) product = tf.matMul(product, matrix);
        return product.slice([0, 0], [1, 1]); // little to copy out, and nothing to leave out
      });
      await corner.data();
      corner.dispose();
      if (repeat > 0) durationsMs.push(performance.now() - startMs); // the first compiles
    }
    matrix.dispose();
    best = Math.max(best, (2 * side ** 3 * count) / median(durationsMs) / 1e6);
  }
  return best;
}

/** Time that the backend has spent in its native library, or null where it doesn't say. */
function nativeMsSoFar(): number | null {
  if (tf.getBackend() !== 'onnxruntime') return null;
  const { runMs, compileMs } = (tf.backend() as OnnxruntimeBackend).recorder.statistics;
  return runMs + compileMs;
}
