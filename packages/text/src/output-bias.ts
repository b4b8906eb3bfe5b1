import type { Parameters } from '@qb-heat/core';
import type { Module } from '@qb-heat/training';
import { disposeParameters } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';

/** One number per vocabulary entry, from 0, added to its logit: how often it comes, whatever the context. */
export class OutputBias implements Module {
  readonly parameters: Parameters;
  /** float32 `[vocab]`. */
  readonly values: tf.Variable<tf.Rank.R1>;

  constructor(vocabSize: number) {
    this.values = tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([vocabSize])));
    this.parameters = new Map([['bias', this.values]]);
  }

  dispose(): void {
    disposeParameters(this);
  }
}
