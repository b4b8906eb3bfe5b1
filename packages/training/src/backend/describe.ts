import * as tf from '@tensorflow/tfjs';
import { candidates, firstLine, tryToLoad } from './choose.ts';
import { backendNames } from './loaders.ts';
import type { BackendName, BackendOptions, LoadedBackend } from './loaders.ts';
import { hasCudaDriver } from './tensorflow.ts';

/** What was found of one backend. */
export type BackendDescription =
  | (LoadedBackend & { readonly isUsable: true })
  | { readonly name: BackendName; readonly isUsable: false; readonly problem: string };

/** What this machine can compute with. */
export interface BackendReport {
  readonly hasCudaDriver: boolean;
  /** One entry per backend, from best to last. */
  readonly backends: readonly BackendDescription[];
  /** What `auto` takes. */
  readonly chosen: LoadedBackend;
  /** How to get a better one; null when nothing better is known. */
  readonly advice: string | null;
}

/** Loads every backend and tells what was found. tfjs's current backend is the chosen one afterwards. */
export async function describeBackends(options: BackendOptions = {}): Promise<BackendReport> {
  const backends: BackendDescription[] = [];
  for (const name of backendNames) {
    const attempt = await tryToLoad(name, options);
    backends.push(
      attempt instanceof Error
        ? { name, isUsable: false, problem: firstLine(attempt) }
        : { ...attempt, isUsable: true },
    );
  }
  const rank = (backend: BackendDescription): number =>
    candidates.findIndex(
      ({ name, device }) => name === backend.name && (!backend.isUsable || device === backend.device),
    );
  const ordered = backends.toSorted((a, b) => rank(a) - rank(b));
  // tfjs's own cpu backend is plain JavaScript: it is always there.
  const chosen = ordered.find((backend) => backend.isUsable) as LoadedBackend;
  await tf.setBackend(chosen.name);
  return { hasCudaDriver: hasCudaDriver(), backends: ordered, chosen, advice: advise(chosen, ordered) };
}

function advise(chosen: LoadedBackend, backends: readonly BackendDescription[]): string | null {
  if (chosen.device === 'gpu') return null;
  if (hasCudaDriver()) {
    return 'This machine has an NVIDIA driver: `pnpm setup:gpu --pip "tensorflow[and-cuda]"` makes the backend tensorflow use it.';
  }
  if (chosen.name === 'onnxruntime') return 'Only a GPU would be faster, and none was found.';
  const problem = backends.find(({ name }) => name === 'onnxruntime');
  const detail = problem && !problem.isUsable ? ` (${problem.problem})` : '';
  return `The backend onnxruntime does not work here${detail}: it needs a 64-bit Linux or Windows or a Mac with Apple silicon, and \`pnpm install\`.`;
}
