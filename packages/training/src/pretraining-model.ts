import type * as tf from '@tensorflow/tfjs';
import type { ForwardContext, Module } from './layer.ts';

/** A batch of inputs together with the positions that the encoder may see. */
export interface Batch {
  /** Images or tokens in it: what the rate counts. */
  readonly numItems: number;
  /** Disposes its tensors. */
  dispose(): void;
}

/**
 * Makes batch number `index`, from 0. It depends on the index alone (and the source's own seed), so that a run that was
 * stopped can continue and an evaluation repeats. Whoever calls it disposes the batch.
 */
export type BatchSource<B extends Batch> = (index: number) => B | Promise<B>;

/** What `pretrain` trains: anything with variables and a loss. */
export interface PretrainingModel<B extends Batch> extends Module {
  /** Mean loss over the batch, a float32 scalar. Everything random about the batch is in the batch or the context. */
  loss(batch: B, context: ForwardContext): tf.Scalar;

  /** Scalars worth logging, such as the spectral radius of the operators or the effective rank of the features. */
  diagnostics(batch: B): Promise<Record<string, number>>;
}
