import type { Parameters } from '@qb-heat/core';
import type { Batch } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { hashJson } from '../../results/content-hash.ts';
import type { Cell, CellProgress } from '../cell.ts';
import type { BuiltCell } from './modality.ts';
import { pretrainTrial } from './pretrain-trial.ts';

/**
 * Weights of encoders that were pre-trained in this process, by the cell that did: what builds on one trains it only where
 * no cell before has. The weights are the same either way.
 */
export class PretrainedEncoders {
  readonly #weights = new Map<string, ReadonlyMap<string, Float32Array>>();
  readonly #wanted = new Set<string>();
  readonly #expected = new Set<string>();

  /** Asks to keep the weights of a cell's encoder once it is trained. */
  want(cell: Cell): void {
    this.#wanted.add(keyOf(cell));
  }

  /** Whether a run of this process is going to train a cell's encoder, or has. */
  isExpected(cell: Cell): boolean {
    return this.#expected.has(keyOf(cell));
  }

  /** Tells that a run of this process is going to train a cell's encoder. */
  expect(cell: Cell): void {
    this.#expected.add(keyOf(cell));
  }

  /** Keeps the weights of a cell's trained encoder, if anything asked for them. */
  async keep(cell: Cell, parameters: Parameters): Promise<void> {
    const key = keyOf(cell);
    if (!this.#wanted.has(key) || this.#weights.has(key)) return;
    const weights = new Map<string, Float32Array>();
    for (const [path, variable] of parameters) weights.set(path, Float32Array.from(await variable.data<'float32'>()));
    this.#weights.set(key, weights);
  }

  /** Puts the weights of a cell's trained encoder into another of its kind; false where they are not known. */
  restore(cell: Cell, parameters: Parameters): boolean {
    const weights = this.#weights.get(keyOf(cell));
    if (weights === undefined) return false;
    for (const [path, variable] of parameters) {
      tf.tidy(() => variable.assign(tf.tensor(weights.get(path)!, variable.shape)));
    }
    return true;
  }
}

/**
 * Pre-trains the encoder of a built cell in place: from the weights that are known, else by training.
 *
 * @returns false if the signal ended it early.
 */
export async function* pretrainEncoder<B extends Batch>(
  cell: Cell,
  built: BuiltCell<B>,
  encoders: PretrainedEncoders,
  signal: AbortSignal,
): AsyncGenerator<CellProgress, boolean, undefined> {
  if (encoders.restore(cell, built.encoderParameters)) return true;
  const trained = yield* pretrainTrial(built, built.optimization, signal);
  if (trained === undefined) return false;
  await encoders.keep(cell, built.encoderParameters);
  return true;
}

/** What determines the weights, so far as one process can tell runs apart by it: not the part that a run has in a table. */
function keyOf({ suite, dataset, encoder, masking, method, seed, settings }: Cell): string {
  return hashJson({ suite, dataset, encoder, masking, method, seed, settings });
}
