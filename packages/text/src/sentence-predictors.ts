import { setImmediate } from 'node:timers/promises';
import { AdamW, createRandom, Mlp, warmupCosine } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { RidgeSystem } from './ridge.ts';
import { meanReciprocal, rankTargets } from './sentence-retrieval.ts';
import type { RankOptions } from './sentence-retrieval.ts';
import type { SentenceVectors } from './sentences.ts';

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

/** Pairs to choose by, and the sentences among which their second is to be found. */
interface ValidationPairs extends Pairs {
  /** Float32 `[numSentences, dim]`. */
  readonly candidates: tf.Tensor2D;
  /** Index of the first sentence of each pair, the second being the one after it, int32 `[numPairs]`. */
  readonly sources: Int32Array;
  readonly ranking: RankOptions;
}

/** Sentences to fit to: vectors, float32 `[numSentences, dim]`, centred, and the rest as in `SentenceVectors`. */
interface TrainingSentences extends Pick<SentenceVectors, 'sources' | 'corpora'> {
  readonly vectors: tf.Tensor2D;
}

interface FitOptions {
  readonly seed: number;
  readonly numDistractors: number;
  readonly numSteps: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fits every predictor to training pairs by squared error. How strongly is chosen by retrieval for a fifth of the pairs,
 * for each alike: the penalty of the two linear ones, which are solved exactly, and when the MLP stops. Retrieval is what
 * `rankTargets` tests, among the sentences of those pairs.
 */
export async function fitSentencePredictors(
  sentences: TrainingSentences,
  options: FitOptions,
): Promise<FittedSentencePredictors> {
  const { all, fitting, validation } = splitPairs(sentences, options);
  const fitted: tf.Tensor2D[] = [];
  try {
    fitted.push(await fitPenalized(all, fitting, validation, changeOf, addChange));
    fitted.push(await fitPenalized(all, fitting, validation, nextOf, tf.matMul));
    const mlp = await trainMlp(fitting, validation, options);
    const [operator, weights] = fitted as [tf.Tensor2D, tf.Tensor2D];
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
  } catch (error) {
    tf.dispose(fitted);
    throw error;
  } finally {
    for (const { x, y } of [all, fitting, validation]) tf.dispose([x, y]);
    validation.candidates.dispose();
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

/**
 * Sets validation pairs aside, with each of their sentences once and in order: a test like that of held-out pairs. The
 * caller disposes the tensors.
 */
export function splitPairs(
  { vectors, sources, corpora }: TrainingSentences,
  { seed, numDistractors }: Pick<FitOptions, 'seed' | 'numDistractors'>,
): { all: Pairs; fitting: Pairs; validation: ValidationPairs } {
  const random = createRandom(seed);
  const order = random.fork('validation pairs').permutation(sources.length);
  const numValidation = Math.max(1, Math.min(maxValidation, Math.floor(validationShare * order.length)));
  const take = (firsts: Int32Array): Pairs => ({
    x: takeRows(vectors, firsts),
    y: takeRows(
      vectors,
      firsts.map((first) => first + 1),
    ),
  });
  const [chosen, others] = [order.subarray(0, numValidation), order.subarray(numValidation)].map((pairs) =>
    pairs.map((pair) => sources[pair]!),
  ) as [Int32Array, Int32Array];
  const own = Int32Array.from(new Set([...chosen].flatMap((first) => [first, first + 1]))).toSorted();
  const places = new Map(Array.from(own, (sentence, place) => [sentence, place]));
  const validation = {
    ...take(chosen),
    candidates: takeRows(vectors, own),
    sources: chosen.map((first) => places.get(first)!),
    ranking: { seed, numDistractors, corpora: corpora && own.map((sentence) => corpora[sentence]!) },
  };
  return { all: take(sources), fitting: take(others), validation };
}

/** Rows by index. @param vectors float32 `[numRows, dim]`. The caller disposes the result, `[rows, dim]`. */
export function takeRows(vectors: tf.Tensor2D, rows: Int32Array): tf.Tensor2D {
  return tf.tidy(() => tf.gather(vectors, tf.tensor1d(rows, 'int32')));
}

/** How well validation pairs' second sentences are found by their predictions, float32 `[numPairs, dim]`. */
async function scorePrediction(
  prediction: tf.Tensor2D,
  { candidates, sources, ranking }: ValidationPairs,
): Promise<number> {
  return meanReciprocal(await rankTargets(prediction, candidates, sources, ranking));
}

/**
 * Ridge regression of a target on x with the penalty that finds the next sentences of the validation pairs best, of
 * equals the one of least error, fitted to all pairs then.
 */
async function fitPenalized(
  all: Pairs,
  fitting: Pairs,
  validation: ValidationPairs,
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
    const score = await scorePrediction(prediction, validation);
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
  validation: ValidationPairs,
  { seed, numSteps, signal }: FitOptions,
): Promise<Mlp> {
  const random = createRandom(seed).fork('sentence mlp');
  const [numPairs, dim] = x.shape;
  const mlp = new Mlp({ dim, hiddenDim: Math.max(1, Math.round(dim / 2)), random: random.fork('start') });
  const variables = [...mlp.parameters.values()];
  const optimizer = new AdamW(mlp.parameters, { maxGradientNorm: 1 });
  const schedule = warmupCosine({ peak: 3e-3, numSteps, warmupSteps: Math.floor(numSteps / 10) });
  let best = { score: -1, weights: [] as tf.Tensor[] };
  for (let step = 0; step < numSteps; step++) {
    // A backend that computes at once would leave no turn to whoever wants to stop it.
    await setImmediate();
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
    const score = await scorePrediction(prediction, validation);
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
