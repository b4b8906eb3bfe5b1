import { setImmediate } from 'node:timers/promises';
import { InputError, measurePredictability } from '@qb-heat/core';
import type { Predictability } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import type { TextEncoder } from '../encoders/text-encoder.ts';
import type { PackedText } from '../packing.ts';
import { rowTensors } from '../row-tensors.ts';

export interface TextPredictabilityOptions {
  /** Distances k in tokens. Default: 1, 2, 4, 8, 16 as far as they fit into a row. */
  readonly offsets?: readonly number[];
  /** Rows that the maps are fitted on, and that they are scored on, at most, from all over the text. Default 2,000. */
  readonly maxRows?: number;
  /** Rows encoded at a time; bounds the memory. Default 64. */
  readonly batchSize?: number;
  /** Ends the measurement: it then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Linear predictability R²(k) of an encoder's features of whole rows along the text, x: how well the best linear map,
 * fitted on training rows and scored on held-out ones, predicts the feature k tokens on, against copying it. See core's
 * `measurePredictability`.
 *
 * Throws an `InputError` when rows are padded or not of one length, and when an offset reaches beyond a row.
 */
export async function measureTextPredictability(
  encoder: TextEncoder,
  train: PackedText,
  heldOut: PackedText,
  options: TextPredictabilityOptions = {},
): Promise<{ readonly x: Predictability[] }> {
  const { maxRows = 2000, batchSize = 64, signal } = options;
  const offsets = options.offsets ?? [1, 2, 4, 8, 16].filter((offset) => offset < train.length);
  for (const { isPadded, length } of [train, heldOut]) {
    if (isPadded) throw new InputError('measureTextPredictability: rows must not be padded; pack them with crossTexts');
    if (length !== train.length) {
      throw new InputError(`measureTextPredictability: rows must be of one length, got ${train.length} and ${length}`);
    }
  }
  const maps: tf.Tensor4D[] = [];
  try {
    for (const text of [train, heldOut]) {
      maps.push(await encodeRows(encoder, text, Math.min(maxRows, text.numRows), batchSize, signal));
    }
    return { x: await measurePredictability(maps[0]!, maps[1]!, { axis: 'x', offsets }) };
  } finally {
    tf.dispose(maps);
  }
}

/** Features of so many rows, evenly spaced, float32 `[numRows, 1, length, dim]`. */
async function encodeRows(
  encoder: TextEncoder,
  text: PackedText,
  numRows: number,
  batchSize: number,
  signal: AbortSignal | undefined,
): Promise<tf.Tensor4D> {
  const { dim } = encoder.config;
  const { length } = text;
  const values = new Float32Array(numRows * length * dim);
  for (let first = 0; first < numRows; first += batchSize) {
    await setImmediate();
    signal?.throwIfAborted();
    const count = Math.min(batchSize, numRows - first);
    const some = new Int32Array(count * length);
    for (let row = 0; row < count; row++) {
      const start = Math.floor(((first + row) * text.numRows) / numRows) * length;
      some.set(text.ids.subarray(start, start + length), row * length);
    }
    const features = tf.tidy(() => {
      const tensors = rowTensors({ ids: some, batchSize: count, length, padding: undefined });
      return encoder.apply(tensors.ids, tensors.positions);
    });
    values.set(await features.data<'float32'>(), first * length * dim);
    features.dispose();
  }
  return tf.tensor4d(values, [numRows, 1, length, dim]);
}
