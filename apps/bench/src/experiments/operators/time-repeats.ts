import * as tf from '@tensorflow/tfjs';

/** How long a repeated operation took, in milliseconds. */
export interface Timing {
  readonly medianMs: number;
  readonly fastestMs: number;
  readonly slowestMs: number;
}

/** Times `run`, after a first time that doesn't count. */
export async function timeRepeats(run: () => Promise<void> | void, numRepeats: number): Promise<Timing> {
  const [timing] = await timeAlternately([run], numRepeats);
  return timing!;
}

/** Times several in turn, so that what else the machine does falls on all of them, after a first time that doesn't count. */
export async function timeAlternately(
  runs: readonly (() => Promise<void> | void)[],
  numRepeats: number,
): Promise<Timing[]> {
  const durations = runs.map((): number[] => []);
  for (let repeat = 0; repeat <= numRepeats; repeat++) {
    for (const [i, run] of runs.entries()) {
      const startMs = performance.now();
      await run();
      if (repeat > 0) durations[i]!.push(performance.now() - startMs);
    }
  }
  return durations.map((times) => {
    const sorted = times.toSorted((a, b) => a - b);
    return { medianMs: sorted[Math.floor(numRepeats / 2)]!, fastestMs: sorted[0]!, slowestMs: sorted.at(-1)! };
  });
}

/**
 * Computes tensors to the end: one entry of each is read, so that a lazy backend has run everything and little is copied.
 * Disposes them.
 */
export async function finish(tensors: readonly tf.Tensor[]): Promise<void> {
  const entries = tf.tidy(() => tf.stack(tensors.map((tensor) => tensor.flatten().slice(0, 1))));
  await entries.data();
  tf.dispose([entries, ...tensors]);
}
