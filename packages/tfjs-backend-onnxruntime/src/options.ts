import { availableParallelism } from 'node:os';

/** Execution providers of ONNX Runtime that the backend knows how to ask for. */
export type ExecutionProvider = 'cpu' | 'webgpu' | 'cuda' | 'coreml' | 'dml';

export interface OnnxruntimeOptions {
  /** Threads that share one operator's work. Default: the logical processors that the process may use. */
  readonly threads?: number;
  /**
   * Tried in order; `cpu` is always the last resort. One that can't be had is named, with the reason, in one line to
   * `log`. Default: `['cpu']`.
   */
  readonly executionProviders?: readonly ExecutionProvider[];
  /** Compiled graphs that are kept; the least recently used goes first. Default: 64. */
  readonly cacheSize?: number;
  /**
   * Bytes that compiled graphs may keep for their intermediate values, by what each needs at a time; the least recently
   * used graph goes first. ONNX Runtime itself takes up to about twice as much. Default: 1 GiB.
   */
  readonly maxCachedBytes?: number;
  /** A graph that has grown to this many recorded kernels without a read is run as it stands. Default: 16,384. */
  readonly maxPendingKernels?: number;
  /**
   * Bytes of disposed tensors that unread graphs may hold on to before they are run as they stand. Default: 1 GiB.
   */
  readonly maxPendingBytes?: number;
  /**
   * Bytes of disposed tensors' memory kept for reuse by later results. Default: 512 MiB.
   */
  readonly maxPooledBytes?: number;
  /** Writes one JSON trace of the time per node for each compiled graph, named by this path as its prefix. */
  readonly profilePrefix?: string;
  /** Receives the few lines the backend has to say, such as a provider that could not be had. Default: console.warn. */
  readonly log?: (line: string) => void;
  /** Receives one line for each kind of kernel that runs on tfjs's CPU kernels instead. Default: none. */
  readonly debugLog?: (line: string) => void;
}

/** Options with the defaults filled in; absent ones are null. */
export type ResolvedOptions = Required<Omit<OnnxruntimeOptions, 'profilePrefix' | 'debugLog'>> & {
  readonly profilePrefix: string | null;
  readonly debugLog: ((line: string) => void) | null;
};

const PROVIDERS: readonly string[] = ['cpu', 'webgpu', 'cuda', 'coreml', 'dml'];

/** Checks the options and fills in the defaults. Throws a RangeError that names the option. */
export function resolveOptions(options: OnnxruntimeOptions): ResolvedOptions {
  const resolved = {
    threads: options.threads ?? availableParallelism(),
    executionProviders: options.executionProviders ?? ['cpu'],
    cacheSize: options.cacheSize ?? 64,
    maxCachedBytes: options.maxCachedBytes ?? 2 ** 30,
    maxPendingKernels: options.maxPendingKernels ?? 16_384,
    maxPendingBytes: options.maxPendingBytes ?? 2 ** 30,
    maxPooledBytes: options.maxPooledBytes ?? 2 ** 29,
    profilePrefix: options.profilePrefix ?? null,
    // oxlint-disable-next-line no-console -- a library's default logger; callers give their own
    log: options.log ?? ((line: string) => console.warn(line)),
    debugLog: options.debugLog ?? null,
  };
  for (const name of ['threads', 'cacheSize', 'maxPendingKernels', 'maxPendingBytes'] as const) {
    requireInteger(name, resolved[name], 1);
  }
  for (const name of ['maxCachedBytes', 'maxPooledBytes'] as const) requireInteger(name, resolved[name], 0);
  for (const provider of resolved.executionProviders) {
    if (!PROVIDERS.includes(provider)) {
      throw new RangeError(`onnxruntime: executionProviders must be among ${PROVIDERS.join(', ')}, got ${provider}`);
    }
  }
  return resolved;
}

function requireInteger(name: string, value: number, minimum: number): void {
  if (!Number.isInteger(value) || value < minimum) {
    throw new RangeError(`onnxruntime: ${name} must be an integer of at least ${minimum}, got ${value}`);
  }
}
