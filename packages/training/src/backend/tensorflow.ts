import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import util from 'node:util';
import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';

/** What is used here of the backend class of tfjs-node. */
interface NodeBackend extends tf.KernelBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/** Threads of the library in this process; it starts them once. */
let loadedThreads: number | undefined;

/**
 * Registers tfjs-node's backend `tensorflow`, which the package registry delivers without its native library.
 *
 * Throws an error that says what to do when the library is not there, an `InputError` when it already runs on another
 * number of threads.
 */
export async function loadTensorflow(
  threads: number = availableParallelism(),
): Promise<{ version: string; device: 'gpu' | 'cpu'; threads: number }> {
  if (loadedThreads !== undefined && loadedThreads !== threads) {
    throw new InputError(`tensorflow: already runs on ${loadedThreads} threads in this process, cannot use ${threads}`);
  }
  // Read by the native library when it is loaded: warnings and errors only, and its thread pools.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '1';
  process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
  process.env['OMP_NUM_THREADS'] ??= String(threads);
  restoreIsNullOrUndefined();
  try {
    await import('@tensorflow/tfjs-node-gpu');
  } catch (error) {
    const isMissing = /native addon module|Cannot find (package|module)/.test((error as Error).message);
    throw isMissing ? new Error('its native library is not installed; `pnpm setup:gpu` does it') : error;
  }
  loadedThreads = threads;
  const backend = tf.engine().findBackend('tensorflow') as NodeBackend;
  return { version: backend.binding.TF_Version, device: backend.isUsingGpuDevice ? 'gpu' : 'cpu', threads };
}

/** tfjs-node 4.22 calls a function that Node 23 removed. */
function restoreIsNullOrUndefined(): void {
  const legacy = util as { isNullOrUndefined?: (value: unknown) => boolean };
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined;
}

/** Whether the driver that CUDA programs need is installed. */
export function hasCudaDriver(): boolean {
  if (process.platform === 'win32') {
    return existsSync(path.join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'nvcuda.dll'));
  }
  // The second is where Windows puts it into its Linux subsystem.
  return existsSync('/proc/driver/nvidia/version') || existsSync('/usr/lib/wsl/lib/libcuda.so.1');
}
