import type { Parameters } from '@qb-heat/core';
import { adamw, sumOfSquares } from '@qb-heat/tfjs-backend-onnxruntime/fused';
import type { AdamWConstants, AdamWRates } from '@qb-heat/tfjs-backend-onnxruntime/fused';
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
  readonly isDecayed: boolean;
  /** Moments of all parameters of the group end to end, float32 `[size]`. */
  readonly firstMoment: tf.Variable<tf.Rank.R1>;
  readonly secondMoment: tf.Variable<tf.Rank.R1>;
}

/**
 * Groups stop growing here: a step passes over them some twenty times, which a processor's cache should serve, and large
 * weights had better be groups of their own, since joining and cutting them costs as much as three of these passes.
 */
const GROUP_ELEMENTS = 150_000;

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
  readonly #constants: AdamWConstants;
  readonly #weightDecay: number;
  readonly #maxGradientNorm: number | undefined;

  /** @param parameters of one model; the caller keeps owning them. */
  constructor(parameters: Parameters, options: AdamWOptions = {}) {
    const { betas = [0.9, 0.95], epsilon = 1e-8, weightDecay = 0.05, maxGradientNorm } = options;
    const entries = [...parameters];
    this.#groups = [
      ...createGroups(
        entries.filter(([, variable]) => variable.rank >= 2),
        true,
      ),
      ...createGroups(
        entries.filter(([, variable]) => variable.rank < 2),
        false,
      ),
    ];
    this.state = new Map(
      this.#groups.flatMap(({ firstMoment, secondMoment }, index) => [
        [`groups.${index}.firstMoment`, firstMoment],
        [`groups.${index}.secondMoment`, secondMoment],
      ]),
    );
    this.#constants = { beta1: betas[0], beta2: betas[1], epsilon };
    this.#weightDecay = weightDecay;
    this.#maxGradientNorm = maxGradientNorm;
  }

  step(gradients: ReadonlyMap<string, tf.Tensor>, learningRate: tf.Scalar): tf.Scalar {
    this.numUpdates += 1;
    return tf.tidy(() => {
      const perGroup = this.#groups.map((group) => gradientsOf(group, gradients));
      const norm = tf.sqrt<tf.Scalar>(
        perGroup.map((group) => sumOfSquares(group)).reduce((total, squares) => tf.add(total, squares)),
      );
      const rates = this.#rates(norm, learningRate);
      this.#groups.forEach((group, index) => {
        this.#update(group, perGroup[index]!, group.isDecayed ? rates : { ...rates, decay: tf.scalar(1) });
      });
      return norm;
    });
  }

  dispose(): void {
    for (const variable of this.state.values()) variable.dispose();
  }

  /** All as tensors, since they change with every step: inputs of a compiled graph, not part of it. */
  #rates(norm: tf.Scalar, learningRate: tf.Scalar): AdamWRates {
    const { beta1, beta2 } = this.#constants;
    return {
      stepSize: tf.div(learningRate, tf.scalar(1 - beta1 ** this.numUpdates)),
      secondCorrection: tf.scalar(Math.sqrt(1 - beta2 ** this.numUpdates)),
      decay: tf.sub(1, tf.mul(learningRate, this.#weightDecay)),
      gradientScale: this.#maxGradientNorm === undefined ? tf.scalar(1) : clipScale(norm, this.#maxGradientNorm),
    };
  }

  #update(group: Group, gradients: readonly tf.Tensor[], rates: AdamWRates): void {
    const variables = group.parameters.map(([, variable]) => variable);
    const { firstMoment, secondMoment } = group;
    const updated = adamw({ parameters: variables, firstMoment, secondMoment }, gradients, this.#constants, rates);
    firstMoment.assign(updated.firstMoment);
    secondMoment.assign(updated.secondMoment);
    variables.forEach((variable, index) => variable.assign(updated.parameters[index]!));
  }
}

/** Neighbours together, up to the size of a group. */
function createGroups(parameters: Group['parameters'], isDecayed: boolean): Group[] {
  const runs: (readonly [string, tf.Variable])[][] = [];
  let size = Infinity;
  for (const entry of parameters) {
    size += entry[1].size;
    if (size > GROUP_ELEMENTS) {
      runs.push([]);
      size = entry[1].size;
    }
    runs.at(-1)!.push(entry);
  }
  return runs.map((run) => {
    const length = tf.util.sum(run.map(([, variable]) => variable.size));
    const moment = () => tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([length]), false));
    return { parameters: run, isDecayed, firstMoment: moment(), secondMoment: moment() };
  });
}

function gradientsOf(group: Group, gradients: ReadonlyMap<string, tf.Tensor>): tf.Tensor[] {
  return group.parameters.map(([path, variable]) => {
    const gradient = gradients.get(path);
    if (!gradient) return tf.zeros(variable.shape);
    if (!tf.util.arraysEqual(gradient.shape, variable.shape)) {
      throw new Error(
        `AdamW.step: gradient of ${path} must be [${variable.shape.join(', ')}], got [${gradient.shape.join(', ')}]`,
      );
    }
    return gradient;
  });
}

/** The factor that brings gradients of this norm down to `maxNorm`, or 1; in the graph, so that nothing is read back. */
function clipScale(norm: tf.Scalar, maxNorm: number): tf.Scalar {
  return tf.minimum(1, tf.div(maxNorm, tf.add(norm, 1e-6)));
}
