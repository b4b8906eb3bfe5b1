import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { backendNames, isMultithreaded, loadBackend } from './loaders.ts';
import type { BackendName, BackendOptions, LoadedBackend } from './loaders.ts';
import { hasCudaDriver } from './tensorflow.ts';

/** The backend that tfjs now computes with, and why it. */
export interface BackendChoice extends LoadedBackend {
  /** That it was asked for, or why no better one was taken; to be put into a line. */
  readonly reason: string;
}

/** A backend and the device that it has to run on to be taken at this place in the order. */
export type Candidate = Pick<LoadedBackend, 'name' | 'device'>;

/** From best to last. */
export const candidates: readonly Candidate[] = [
  { name: 'tensorflow', device: 'gpu' },
  { name: 'onnxruntime', device: 'gpu' },
  { name: 'onnxruntime', device: 'cpu' },
  { name: 'tensorflow', device: 'cpu' },
  { name: 'wasm', device: 'cpu' },
  { name: 'cpu', device: 'cpu' },
];

/**
 * Makes a backend tfjs's current one.
 *
 * @param name a backend, or `auto` for the best that works here: CUDA through tensorflow, a GPU through onnxruntime, and
 *   on the CPU onnxruntime, tensorflow, wasm, cpu, in this order. Those that can't use several threads are then used
 *   with one.
 *
 * Choose before making tensors: those of the onnxruntime backend are lost when it is chosen anew with other threads.
 *
 * Throws an `InputError` when a named backend is unknown, doesn't work here, or can't use that many threads.
 */
export async function chooseBackend(name: string, options: BackendOptions = {}): Promise<BackendChoice> {
  const { threads } = options;
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new InputError(`chooseBackend: threads must be a whole number from 1, got ${threads}`);
  }
  if (name === 'auto') return chooseBest(options);
  if (!isBackendName(name)) {
    throw new InputError(`chooseBackend: backend must be one of auto, ${backendNames.join(', ')}, got ${name}`);
  }
  if (threads !== undefined && threads > 1 && !isMultithreaded(name)) {
    throw new InputError(`chooseBackend: ${name} has one thread in Node, got threads ${threads}; use onnxruntime`);
  }
  const attempt = await tryToLoad(name, options);
  if (attempt instanceof Error) throw new InputError(`backend ${name} does not work here: ${firstLine(attempt)}`);
  return { ...attempt, reason: 'as asked' };
}

/** One line that says what was taken and why. */
export function formatBackend({ name, version, device, threads, reason }: BackendChoice): string {
  const where = device === 'gpu' ? 'the GPU' : `${threads} CPU thread${threads === 1 ? '' : 's'}`;
  return `backend ${name} ${version} on ${where}: ${reason}`;
}

async function chooseBest(options: BackendOptions): Promise<BackendChoice> {
  const attempts = new Map<BackendName, LoadedBackend | Error>();
  const passedOver = new Set<string>();
  for (const { name, device } of candidates) {
    // Its library takes seconds and hundreds of megabytes to load, so not without a chance.
    if (name === 'tensorflow' && device === 'gpu' && !hasCudaDriver()) {
      passedOver.add('no CUDA driver');
      continue;
    }
    const attempt = attempts.get(name) ?? (await tryToLoad(name, options));
    attempts.set(name, attempt);
    if (attempt instanceof Error) {
      passedOver.add(`${name}: ${firstLine(attempt)}`);
    } else if (attempt.device === device) {
      await tf.setBackend(name);
      return { ...attempt, reason: [...passedOver].join('; ') || 'the fastest there is' };
    } else {
      passedOver.add(`no GPU for ${name}`);
    }
  }
  throw new InputError(`no backend works here: ${[...passedOver].join('; ')}`);
}

export async function tryToLoad(name: BackendName, options: BackendOptions): Promise<LoadedBackend | Error> {
  try {
    return await loadBackend(name, options);
  } catch (error) {
    return error as Error;
  }
}

export function firstLine(error: Error): string {
  return error.message.split('\n', 1)[0] as string;
}

function isBackendName(name: string): name is BackendName {
  return (backendNames as readonly string[]).includes(name);
}
