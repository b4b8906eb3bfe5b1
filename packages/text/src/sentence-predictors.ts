import { AdamW, createRandom, Mlp, warmupCosine } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { RidgeSystem } from './ridge.ts';
import { meanReciprocalRank } from './sentence-retrieval.ts';

/**
 * What predicts the next sentence's vector from one: `copy` s; `mean`, that of the training vectors, which is 0 here; `linear`
 * (I + A) s, the penalty on A; `ridge` W s, the penalty on W; `mlp` s + MLP(s), with about as many parameters.
 */
export const sentencePredictors = ['copy', 'mean', 'linear', 'ridge', 'mlp'] as const;
export type SentencePredictor = (typeof sentencePredictors)[number];

export interface FittedSentencePredictors {
  /** @param x float32 `[numPairs, dim]`, centred. @returns float32 `[numPairs, dim]`. The caller disposes it. */
  predict(predictor: SentencePredictor, x: tf.Tensor2D): tf.Tensor2D;
  dispose(): void;
}

/** Of the squared length of the training vectors, from a strong pull to almost none. */
const penalties = [30, 10, 3, 1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001];
/** Share of the pairs that choose penalties and when to stop, and the most that are worth their time. */
const [validationShare, maxValidation] = [0.2, 1000];

/** Pairs of a sentence and the next, float32 `[numPairs, dim]` each. */
interface Pairs {
  readonly x: tf.Tensor2D;
  readonly y: tf.Tensor2D;
}

/**
 * Fits every predictor to training pairs by squared error. How strongly is chosen by retrieval among a fifth of the pairs,
 * for each alike: the penalty of the two linear ones, which are solved exactly, and when the MLP stops.
 *
 * @param x vectors of sentences, float32 `[numPairs, dim]`, centred. @param y those of the sentences after them.
 */
export async function fitSentencePredictors(
  x: tf.Tensor2D,
  y: tf.Tensor2D,
  options: { readonly seed: number; readonly numSteps: number; readonly signal?: AbortSignal | undefined },
): Promise<FittedSentencePredictors> {
  const { fitting, validation } = splitPairs({ x, y }, options.seed);
  try {
    const operator = await fitPenalized({ x, y }, fitting, validation, changeOf, addChange);
    const weights = await fitPenalized({ x, y }, fitting, validation, nextOf, tf.matMul);
    const mlp = await trainMlp(fitting, validation, options);
    return {
      predict(predictor, rows) {
        switch (predictor) {
          case 'copy':
            return rows.clone();
          case 'mean':
            return tf.zerosLike(rows);
          case 'linear':
            return addChange(rows, operator);
          case 'ridge':
            return tf.matMul(rows, weights);
          case 'mlp':
            return tf.tidy(() => tf.add(rows, mlp.apply(rows)));
        }
      },
      dispose() {
        tf.dispose([operator, weights]);
        mlp.dispose();
      },
    };
  } finally {
    tf.dispose([fitting.x, fitting.y, validation.x, validation.y]);
  }
}

function changeOf({ x, y }: Pairs): tf.Tensor2D {
  return tf.sub(y, x);
}

function nextOf({ y }: Pairs): tf.Tensor2D {
  return y.clone();
}

/** s + A s. */
function addChange(rows: tf.Tensor2D, operator: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.add(rows, tf.matMul(rows, operator)));
}

function splitPairs({ x, y }: Pairs, seed: number): { fitting: Pairs; validation: Pairs } {
  const order = createRandom(seed).fork('validation pairs').permutation(x.shape[0]);
  const numValidation = Math.max(1, Math.min(maxValidation, Math.floor(validationShare * order.length)));
  const take = (rows: Int32Array): Pairs =>
    tf.tidy(() => {
      const indices = tf.tensor1d(rows, 'int32');
      return { x: tf.gather(x, indices), y: tf.gather(y, indices) };
    });
  return { fitting: take(order.subarray(numValidation)), validation: take(order.subarray(0, numValidation)) };
}

/**
 * Ridge regression of a target on x with the penalty that finds the next sentences of the validation pairs best, of
 * equals the one of least error, fitted to all pairs then.
 */
async function fitPenalized(
  all: Pairs,
  fitting: Pairs,
  validation: Pairs,
  targetOf: (pairs: Pairs) => tf.Tensor2D,
  predict: (rows: tf.Tensor2D, map: tf.Tensor2D) => tf.Tensor2D,
): Promise<tf.Tensor2D> {
  const systemOf = async (pairs: Pairs): Promise<RidgeSystem> => {
    const target = targetOf(pairs);
    const system = await RidgeSystem.of(pairs.x, target);
    target.dispose();
    return system;
  };
  const system = await systemOf(fitting);
  let best = { penalty: penalties[0]!, score: -1, error: Infinity };
  for (const penalty of penalties) {
    const prediction = tf.tidy(() => predict(validation.x, system.solve(penalty)));
    const squared = tf.tidy(() => tf.squaredDifference(prediction, validation.y).mean());
    const score = await meanReciprocalRank(prediction, validation.y);
    const error = (await squared.data())[0]!;
    tf.dispose([prediction, squared]);
    if (score > best.score || (score === best.score && error < best.error)) best = { penalty, score, error };
  }
  return (await systemOf(all)).solve(best.penalty);
}

/** A step of the MLP's training is over so many pairs. */
const batchSize = 256;
/** Times that the MLP is tried on the validation pairs. */
const numTrials = 10;

/**
 * MLP(s) such that s + MLP(s) is near the next vector in squared error: half as wide as the vectors, by AdamW; as it was
 * when it found the next sentences of the validation pairs best.
 */
async function trainMlp(
  { x, y }: Pairs,
  validation: Pairs,
  {
    seed,
    numSteps,
    signal,
  }: { readonly seed: number; readonly numSteps: number; readonly signal?: AbortSignal | undefined },
): Promise<Mlp> {
  const random = createRandom(seed).fork('sentence mlp');
  const [numPairs, dim] = x.shape;
  const mlp = new Mlp({ dim, hiddenDim: Math.max(1, Math.round(dim / 2)), random: random.fork('start') });
  const variables = [...mlp.parameters.values()];
  const optimizer = new AdamW(mlp.parameters, { maxGradientNorm: 1 });
  const schedule = warmupCosine({ peak: 3e-3, numSteps, warmupSteps: Math.floor(numSteps / 10) });
  let best = { score: -1, weights: [] as tf.Tensor[] };
  for (let step = 0; step < numSteps; step++) {
    if (signal?.aborted) break;
    const rows = random.fork(step);
    const indices = new Int32Array(batchSize).map(() => rows.integer(numPairs));
    const norm = tf.tidy(() => {
      const [some, next] = [x, y].map((all) => tf.gather(all, tf.tensor1d(indices, 'int32')));
      const loss = () => tf.squaredDifference(tf.add(some!, mlp.apply(some!)), next!).mean<tf.Scalar>();
      const { grads } = tf.variableGrads(loss, variables);
      const gradients = new Map([...mlp.parameters].map(([path, variable]) => [path, grads[variable.name]!]));
      return optimizer.step(gradients, tf.scalar(schedule(step)));
    });
    // One read per step keeps a lazy backend's graph to a step.
    await norm.data();
    norm.dispose();
    if ((step + 1) % Math.ceil(numSteps / numTrials) !== 0 && step !== numSteps - 1) continue;
    const prediction = tf.tidy(() => tf.add<tf.Tensor2D>(validation.x, mlp.apply(validation.x)));
    const score = await meanReciprocalRank(prediction, validation.y);
    prediction.dispose();
    if (score < best.score) continue;
    tf.dispose(best.weights);
    best = { score, weights: variables.map((variable) => variable.clone()) };
  }
  optimizer.dispose();
  best.weights.forEach((weight, index) => variables[index]!.assign(weight));
  tf.dispose(best.weights);
  if (signal?.aborted) mlp.dispose();
  signal?.throwIfAborted();
  return mlp;
}
