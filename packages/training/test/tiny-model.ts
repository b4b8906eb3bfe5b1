import type { Parameters } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../src/adamw.ts';
import type { AdamWOptions } from '../src/adamw.ts';
import type { ForwardContext } from '../src/layer.ts';
import type { Batch, BatchSource, PretrainingModel } from '../src/pretraining-model.ts';
import { createRandom } from '../src/random.ts';
import type { Random } from '../src/random.ts';

const [inputDim, hiddenDim, outputDim] = [4, 16, 3];

/** Inputs `[batch, 4]` and what the model should make of them, `[batch, 3]`. */
export interface TinyBatch extends Batch {
  readonly x: tf.Tensor2D;
  readonly y: tf.Tensor2D;
}

/** Regression by a network of one hidden layer: the smallest model that has everything `pretrain` deals with. */
export class TinyModel implements PretrainingModel<TinyBatch> {
  readonly parameters: Parameters;
  readonly #hidden: { weight: tf.Variable<tf.Rank.R2>; bias: tf.Variable };
  readonly #output: { weight: tf.Variable<tf.Rank.R2>; bias: tf.Variable };

  constructor(seed: number) {
    const random = createRandom(seed);
    this.#hidden = createLinear(random.fork('hidden'), inputDim, hiddenDim);
    this.#output = createLinear(random.fork('output'), hiddenDim, outputDim);
    this.parameters = new Map<string, tf.Variable>([
      ['encoder.weight', this.#hidden.weight],
      ['encoder.bias', this.#hidden.bias],
      ['decoder.weight', this.#output.weight],
      ['decoder.bias', this.#output.bias],
    ]);
  }

  loss({ x, y }: TinyBatch, _context: ForwardContext): tf.Scalar {
    const hidden = tf.tanh(tf.add(tf.matMul(x, this.#hidden.weight), this.#hidden.bias));
    const prediction = tf.add(tf.matMul(hidden, this.#output.weight), this.#output.bias);
    return tf.mean(tf.squaredDifference(prediction, y));
  }

  async diagnostics({ x }: TinyBatch): Promise<Record<string, number>> {
    const norm = tf.tidy(() => tf.norm(tf.matMul(x, this.#hidden.weight)));
    const [featureNorm] = await norm.data();
    norm.dispose();
    return { featureNorm: featureNorm as number };
  }

  dispose(): void {
    for (const variable of this.parameters.values()) variable.dispose();
  }
}

function createLinear(
  random: Random,
  fanIn: number,
  fanOut: number,
): { weight: tf.Variable<tf.Rank.R2>; bias: tf.Variable } {
  return tf.tidy(() => ({
    weight: tf.variable(tf.tensor2d(random.normals(fanIn * fanOut, fanIn ** -0.5), [fanIn, fanOut])),
    bias: tf.variable(tf.zeros([fanOut])),
  }));
}

/** Random inputs with a smooth function of them as targets; the same batch for the same seed and index. */
export function tinyBatches(seed: number, batchSize = 8): BatchSource<TinyBatch> {
  const random = createRandom(seed).fork('batches');
  return (index) => {
    const inputs = random.fork(index).normals(batchSize * inputDim);
    const x = tf.tensor2d(inputs, [batchSize, inputDim]);
    const y = tf.tidy(() => tf.sin(tf.slice(x, [0, 0], [batchSize, outputDim])));
    return { x, y, numItems: batchSize, dispose: () => tf.dispose([x, y]) };
  };
}

/** A model and its optimiser, both disposed by `dispose`. */
export function createTinyRun(
  seed: number,
  options: AdamWOptions = {},
): { model: TinyModel; optimizer: AdamW; dispose: () => void } {
  const model = new TinyModel(seed);
  const optimizer = new AdamW(model.parameters, options);
  return {
    model,
    optimizer,
    dispose: () => {
      model.dispose();
      optimizer.dispose();
    },
  };
}
