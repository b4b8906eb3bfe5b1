import { availableParallelism } from 'node:os';
import type { BackendName } from '@qb-heat/training';
import { measureInChild } from './child-process.ts';
import { convnetStepFlops, referenceConvnetStep } from './convnet-step.ts';
import { toRecord, unavailableRecord } from './engine-record.ts';
import type { EngineRecord } from './engine-record.ts';
import type { MeasureOptions } from './measure-steps.ts';
import { findPytorchObstacle, measurePytorch } from './pytorch.ts';
import { referenceVitStep, vitStepFlops } from './vit-step.ts';
import { workloadNames } from './workload.ts';
import type { WorkloadName } from './workload.ts';

export type { EngineRecord } from './engine-record.ts';

export interface EngineExperimentOptions {
  /** Default: `vit` and `convnet`. */
  readonly workloads?: readonly WorkloadName[];
  /** Default: onnxruntime, tensorflow and wasm. */
  readonly backends?: readonly BackendName[];
  /** Thread counts to measure with. Default: 1 and as many as the process may use. */
  readonly threads?: readonly number[];
  /** Also measure PyTorch, eager and compiled, where it is installed. Default: true. */
  readonly withPytorch?: boolean;
  /** Timed steps of each; default 7, of the slow wasm backend 2. */
  readonly numSteps?: number;
  /** Stops between and within measurements: the generator then ends with an AbortError. */
  readonly signal?: AbortSignal;
}

const DEFAULT_STEPS = 7;
const WARMUP_STEPS = 3;
const STEP_FLOPS = { vit: vitStepFlops(referenceVitStep), convnet: convnetStepFlops(referenceConvnetStep) };
const BATCH_SIZES = { vit: referenceVitStep.batchSize, convnet: referenceConvnetStep.batchSize };
/** tfjs-backend-wasm has one thread in Node and takes half a minute for a step. */
const slowBackends: ReadonlySet<BackendName> = new Set(['wasm', 'cpu']);

/** Times the reference training steps engine by engine, each in a process of its own, and yields a record of each. */
export async function* runEngineExperiment(
  options: EngineExperimentOptions = {},
): AsyncGenerator<EngineRecord, void, undefined> {
  const {
    workloads = workloadNames,
    backends = ['onnxruntime', 'tensorflow', 'wasm'],
    threads: threadCounts = [...new Set([1, availableParallelism()])],
    withPytorch = true,
    signal,
  } = options;
  const obstacle = withPytorch ? await findPytorchObstacle() : null;
  for (const workload of workloads) {
    for (const threads of threadCounts) {
      for (const backend of backends) {
        if (slowBackends.has(backend) && threads > 1) continue;
        yield await measureBackend(workload, backend, threads, options);
      }
      for (const compile of withPytorch ? [false, true] : []) {
        const key = { workload, engine: compile ? 'pytorch compiled' : 'pytorch', threads };
        yield obstacle === null
          ? await measurePeer(key, compile, stepCounts(options, false), signal)
          : unavailableRecord(key, obstacle);
      }
    }
  }
}

async function measureBackend(
  workload: WorkloadName,
  backend: BackendName,
  threads: number,
  options: EngineExperimentOptions,
): Promise<EngineRecord> {
  const key = { workload, engine: backend, threads };
  if (workload === 'convnet' && backend === 'wasm') {
    return unavailableRecord(key, 'tfjs-backend-wasm cannot train convolutions: it lacks Conv2DBackpropFilter');
  }
  const steps = stepCounts(options, slowBackends.has(backend));
  const reply = await measureInChild({ ...key, backend, ...steps }, options.signal);
  if ('unavailable' in reply) return unavailableRecord(key, reply.unavailable);
  return toRecord(key, sizeOf(workload), reply.measured);
}

async function measurePeer(
  key: { readonly workload: WorkloadName; readonly engine: string; readonly threads: number },
  compile: boolean,
  steps: MeasureOptions,
  signal: AbortSignal | undefined,
): Promise<EngineRecord> {
  try {
    return toRecord(key, sizeOf(key.workload), await measurePytorch({ ...key, compile, ...steps }, signal));
  } catch (error) {
    signal?.throwIfAborted();
    const { stderr = '', message } = error as Error & { readonly stderr?: string };
    return unavailableRecord(key, stderr.trim().split('\n').at(-1) || message.split('\n', 1)[0]!);
  }
}

function stepCounts({ numSteps = DEFAULT_STEPS }: EngineExperimentOptions, isSlow: boolean): MeasureOptions {
  return isSlow ? { numWarmupSteps: 1, numSteps: 2 } : { numWarmupSteps: WARMUP_STEPS, numSteps };
}

function sizeOf(workload: WorkloadName): { flops: number; batchSize: number } {
  return { flops: STEP_FLOPS[workload], batchSize: BATCH_SIZES[workload] };
}
