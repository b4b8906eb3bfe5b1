import { median } from '../../results/statistics.ts';
import type { WorkloadName } from './workload.ts';

/** What one engine did on one workload with so many threads, as a flat row of the results. */
export type EngineRecord = {
  readonly workload: WorkloadName;
  /** A tfjs backend, or `pytorch`. */
  readonly engine: string;
  /** Of the engine, with its settings where several were tried; empty when it isn't available. */
  readonly version: string;
  readonly threads: number;
  /** Why there is no measurement, in one line; null when there is one. The numbers below are null then. */
  readonly unavailable: string | null;
  /** At the median step. */
  readonly imagesPerSecond: number | null;
  readonly stepMs: number | null;
  readonly fastestStepMs: number | null;
  readonly slowestStepMs: number | null;
  /** Timed steps, after the warm-up. */
  readonly numSteps: number;
  /** Floating-point operations of the step's products, per second, in 10⁹. */
  readonly gflops: number | null;
  /** The best rate of a square matrix product in the same process, in 10⁹ per second. */
  readonly peakGflops: number | null;
  /** `gflops / peakGflops`. */
  readonly peakShare: number | null;
  /** Of the median step, outside the native library; null for engines that don't tell. */
  readonly javascriptMs: number | null;
  /** What the first step takes beyond a median one. */
  readonly firstStepExtraMs: number | null;
  /** The most memory that the process held, in MiB. */
  readonly peakRssMiB: number | null;
  /** After the last step, so that engines can be seen to compute alike. */
  readonly loss: number | null;
};

/** What an engine reports of its steps; everything else of a record follows from it. */
export interface StepMeasurement {
  readonly version: string;
  readonly stepMs: readonly number[];
  readonly firstStepMs: number;
  readonly javascriptMs: readonly number[] | null;
  readonly peakGflops: number;
  readonly peakRssMiB: number;
  readonly loss: number;
}

interface RecordKey {
  readonly workload: WorkloadName;
  readonly engine: string;
  readonly threads: number;
}

/** The row of a measurement of a workload of `flops` operations and `batchSize` images a step. */
export function toRecord(
  key: RecordKey,
  { flops, batchSize }: { readonly flops: number; readonly batchSize: number },
  measured: StepMeasurement,
): EngineRecord {
  const stepMs = median(measured.stepMs);
  const gflops = flops / stepMs / 1e6;
  return {
    ...key,
    version: measured.version,
    unavailable: null,
    imagesPerSecond: (1e3 * batchSize) / stepMs,
    stepMs,
    fastestStepMs: Math.min(...measured.stepMs),
    slowestStepMs: Math.max(...measured.stepMs),
    numSteps: measured.stepMs.length,
    gflops,
    peakGflops: measured.peakGflops,
    peakShare: gflops / measured.peakGflops,
    javascriptMs: measured.javascriptMs && median(measured.javascriptMs),
    firstStepExtraMs: Math.max(measured.firstStepMs - stepMs, 0),
    peakRssMiB: measured.peakRssMiB,
    loss: measured.loss,
  };
}

/** The row of an engine that could not be measured. */
export function unavailableRecord(key: RecordKey, reason: string): EngineRecord {
  return {
    ...key,
    version: '',
    unavailable: reason,
    imagesPerSecond: null,
    stepMs: null,
    fastestStepMs: null,
    slowestStepMs: null,
    numSteps: 0,
    gflops: null,
    peakGflops: null,
    peakShare: null,
    javascriptMs: null,
    firstStepExtraMs: null,
    peakRssMiB: null,
    loss: null,
  };
}
