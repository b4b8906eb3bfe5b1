import type { Parameters } from '@qb-heat/core';
import { adamw } from '@qb-heat/tfjs-backend-onnxruntime/fused';
import * as tf from '@tensorflow/tfjs';
import type { Optimizer } from './optimizer.ts';

export interface AdamWOptions {
  /** Decay rates of the two moments; [0.9, 0.95] unless given, as MAE pre-trains. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the second moment; 1e-8 unless given. */
  readonly epsilon?: number;
  /** Decoupled decay per unit of learning rate, for parameters of two or more axes; 0.05 unless given. */
  readonly weightDecay?: number;
  /** Gradients are scaled down together so that their Euclidean norm doesn't exceed this; never unless given. */
  readonly maxGradientNorm?: number;
}

/** Parameters that are updated as one flat vector, because one long update is cheaper than hundreds of short ones. */
interface Group {
  readonly parameters: readonly (readonly [path: string, variable: tf.Variable])[];
  readonly sizes: readonly number[];
  readonly weightDecay: number;
  /** Moments of all parameters of the group end to end, float32 `[size]`. */
  readonly firstMoment: tf.Variable<tf.Rank.R1>;
  readonly secondMoment: tf.Variable<tf.Rank.R1>;
}

/**
 * AdamW: Adam with weight decay that is decoupled from the gradient and scaled by the learning rate, as in PyTorch.
 *
 * Biases, scales and other parameters of fewer than two axes are not decayed.
 *
 * @see Loshchilov, Hutter, "Decoupled Weight Decay Regularization", arXiv 1711.05101, algorithm 2.
 */
export class AdamW implements Optimizer {
  readonly state: Parameters;
  numUpdates = 0;
  readonly #groups: readonly Group[];
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #epsilon: number;
  readonly #maxGradientNorm: number | undefined;

  /** @param parameters of one model; the caller keeps owning them. */
  constructor(parameters: Parameters, options: AdamWOptions = {}) {
    const { betas = [0.9, 0.95], epsilon = 1e-8, weightDecay = 0.05, maxGradientNorm } = options;
    const entries = [...parameters];
    const decayed = createGroup(
      entries.filter(([, variable]) => variable.rank >= 2),
      weightDecay,
    );
    const undecayed = createGroup(
      entries.filter(([, variable]) => variable.rank < 2),
      0,
    );
    this.#groups = [decayed, undecayed].filter((group) => group.parameters.length > 0);
    this.state = new Map([
      ['decayed.firstMoment', decayed.firstMoment],
      ['decayed.secondMoment', decayed.secondMoment],
      ['undecayed.firstMoment', undecayed.firstMoment],
      ['undecayed.secondMoment', undecayed.secondMoment],
    ]);
    [this.#beta1, this.#beta2] = betas;
    this.#epsilon = epsilon;
    this.#maxGradientNorm = maxGradientNorm;
  }

  step(gradients: ReadonlyMap<string, tf.Tensor>, learningRate: tf.Scalar): tf.Scalar {
    this.numUpdates += 1;
    return tf.tidy(() => {
      const flat = this.#groups.map((group) => flatGradient(group, gradients));
      const squares = flat.map((gradient) => tf.sum<tf.Scalar>(tf.square(gradient)));
      const norm = tf.sqrt<tf.Scalar>(squares.reduce((total, square) => tf.add<tf.Scalar>(total, square)));
      const scale = this.#maxGradientNorm === undefined ? undefined : clipScale(norm, this.#maxGradientNorm);
      this.#groups.forEach((group, index) => {
        const gradient = scale ? tf.mul<tf.Tensor1D>(flat[index]!, scale) : flat[index]!;
        this.#update(group, gradient, learningRate);
      });
      return norm;
    });
  }

  dispose(): void {
    for (const variable of this.state.values()) variable.dispose();
  }

  #update(group: Group, gradient: tf.Tensor1D, learningRate: tf.Scalar): void {
    const current = {
      parameters: tf.concat1d(group.parameters.map(([, variable]) => variable.flatten())),
      firstMoment: group.firstMoment,
      secondMoment: group.secondMoment,
    };
    const constants = { beta1: this.#beta1, beta2: this.#beta2, epsilon: this.#epsilon };
    // The corrections change with every step: as tensors they are inputs of a compiled graph, not part of it.
    const firstCorrection = tf.scalar(1 - this.#beta1 ** this.numUpdates);
    const updated = adamw(current, gradient, constants, {
      stepSize: tf.div(learningRate, firstCorrection),
      secondCorrection: tf.scalar(Math.sqrt(1 - this.#beta2 ** this.numUpdates)),
      decay: tf.sub(1, tf.mul(learningRate, group.weightDecay)),
    });
    group.firstMoment.assign(updated.firstMoment);
    group.secondMoment.assign(updated.secondMoment);
    const pieces = tf.split(updated.parameters, [...group.sizes]);
    group.parameters.forEach(([, variable], index) => variable.assign(pieces[index]!.reshape(variable.shape)));
  }
}

function createGroup(parameters: Group['parameters'], weightDecay: number): Group {
  const sizes = parameters.map(([, variable]) => variable.size);
  const moment = () => tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([tf.util.sum(sizes)]), false));
  return { parameters, sizes, weightDecay, firstMoment: moment(), secondMoment: moment() };
}

function flatGradient(group: Group, gradients: ReadonlyMap<string, tf.Tensor>): tf.Tensor1D {
  return tf.concat1d(
    group.parameters.map(([path, variable], index) => {
      const gradient = gradients.get(path);
      if (!gradient) return tf.zeros<tf.Rank.R1>([group.sizes[index]!]);
      if (!tf.util.arraysEqual(gradient.shape, variable.shape)) {
        throw new Error(
          `AdamW.step: gradient of ${path} must be [${variable.shape.join(', ')}], got [${gradient.shape.join(', ')}]`,
        );
      }
      return gradient.flatten();
    }),
  );
}

/** The factor that brings gradients of this norm down to `maxNorm`, or 1; in the graph, so that nothing is read back. */
function clipScale(norm: tf.Scalar, maxNorm: number): tf.Scalar {
  return tf.minimum(1, tf.div(maxNorm, tf.add(norm, 1e-6)));
}
