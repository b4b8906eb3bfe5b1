import type { InferenceSession } from 'onnxruntime-node';
import { encodeModel } from '../graph/model-encoder.ts';
import { BLOCKED_DOMAIN } from '../kernels/blocked-convolution.ts';
import type { ResolvedOptions } from '../options.ts';
import type { EmittedGraph } from '../recorder/emit-graph.ts';
import { COPY_STOPPER, NativeSession } from './binding.ts';
import type { Device } from './device.ts';

/** Below this many elements read and written, waking a second thread costs more than it gives. */
const MIN_ELEMENTS_FOR_THREADS = 32_768;

/** Errors reach the caller as exceptions; ONNX Runtime need not print them too. */
const LOG_FATAL_ONLY = 4;

/**
 * Rewritings of ONNX Runtime's that slow a graph down: a product and the addition of a bias as `Gemm`, which first writes
 * the bias to all rows, on one thread; a transposition as a flag of the product, which then turns its factor over again
 * for every block of columns. (The binding passes these options on to ONNX Runtime, whose names they are.)
 */
const EXTRA_OPTIONS = { optimization: { disable_specified_optimizers: 'MatMulAddFusion;MatmulTransposeFusion' } };

let numProfiles = 0;

/** Compiles a graph into a session of ONNX Runtime. */
export function compile(emitted: EmittedGraph, options: ResolvedOptions, device: Device): NativeSession {
  const profile: InferenceSession.SessionOptions =
    options.profilePrefix === null
      ? {}
      : { enableProfiling: true, profileFilePrefix: `${options.profilePrefix}-${numProfiles++}` };
  const extraDomains = device.target.channelBlock === null ? [] : [BLOCKED_DOMAIN];
  return new NativeSession(encodeModel(emitted.graph, { sequenceOutput: COPY_STOPPER, extraDomains }), {
    executionProviders: device.providers,
    graphOptimizationLevel: 'all',
    // A session owns its threads, so small graphs, of which there may be many, go without.
    intraOpNumThreads: emitted.numElements < MIN_ELEMENTS_FOR_THREADS ? 1 : options.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    enableCpuMemArena: true,
    enableMemPattern: true,
    logSeverityLevel: LOG_FATAL_ONLY,
    extra: EXTRA_OPTIONS,
    ...profile,
  });
}
