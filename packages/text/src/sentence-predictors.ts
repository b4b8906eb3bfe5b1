import { AdamW, createRandom, Mlp, warmupCosine } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { RidgeSystem } from './ridge.ts';

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
const penalties = [10, 3, 1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001];
const validationShare = 0.2;

/**
 * Fits every predictor to training pairs. The two linear ones are solved exactly, with the penalty that does best on a
 * fifth of the pairs; the MLP is trained.
 *
 * @param x vectors of sentences, float32 `[numPairs, dim]`, centred. @param y those of the sentences after them.
 */
export async function fitSentencePredictors(
  x: tf.Tensor2D,
  y: tf.Tensor2D,
  options: { readonly seed: number; readonly numSteps: number; readonly signal?: AbortSignal | undefined },
): Promise<FittedSentencePredictors> {
  const difference = tf.tidy(() => tf.sub<tf.Tensor2D>(y, x));
  const operator = await fitPenalized(x, difference, options.seed);
  difference.dispose();
  const weights = await fitPenalized(x, y, options.seed);
  const mlp = await trainMlp(x, y, options);
  return {
    predict(predictor, rows) {
      switch (predictor) {
        case 'copy':
          return rows.clone();
        case 'mean':
          return tf.zerosLike(rows);
        case 'linear':
          return tf.tidy(() => tf.add(rows, tf.matMul(rows, operator)));
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
}

/** Ridge regression of y on x, with the penalty chosen on held-out pairs and then all pairs fitted. */
async function fitPenalized(x: tf.Tensor2D, y: tf.Tensor2D, seed: number): Promise<tf.Tensor2D> {
  const order = createRandom(seed).fork('validation pairs').permutation(x.shape[0]);
  const numValidation = Math.max(1, Math.floor(validationShare * order.length));
  const parts = tf.tidy(() =>
    [x, y].map((all) => ({
      validation: tf.gather(all, tf.tensor1d(order.subarray(0, numValidation), 'int32')),
      fitting: tf.gather(all, tf.tensor1d(order.subarray(numValidation), 'int32')),
    })),
  );
  const [ofX, ofY] = parts as [(typeof parts)[number], (typeof parts)[number]];
  const system = await RidgeSystem.of(ofX.fitting, ofY.fitting);
  let best = { penalty: penalties[0]!, error: Infinity };
  for (const penalty of penalties) {
    const squared = tf.tidy(() =>
      tf.squaredDifference(tf.matMul(ofX.validation, system.solve(penalty)), ofY.validation).mean(),
    );
    const [error] = await squared.data();
    squared.dispose();
    if (error! < best.error) best = { penalty, error: error! };
  }
  tf.dispose(parts);
  return (await RidgeSystem.of(x, y)).solve(best.penalty);
}

/** A step of the MLP's training is over so many pairs. */
const batchSize = 256;

/** MLP(s) such that s + MLP(s) is near the next vector in squared error: half as wide as the vectors, by AdamW. */
async function trainMlp(
  x: tf.Tensor2D,
  y: tf.Tensor2D,
  {
    seed,
    numSteps,
    signal,
  }: { readonly seed: number; readonly numSteps: number; readonly signal?: AbortSignal | undefined },
): Promise<Mlp> {
  const random = createRandom(seed).fork('sentence mlp');
  const [numPairs, dim] = x.shape;
  const mlp = new Mlp({ dim, hiddenDim: Math.max(1, Math.round(dim / 2)), random: random.fork('start') });
  const optimizer = new AdamW(mlp.parameters, { maxGradientNorm: 1 });
  const schedule = warmupCosine({ peak: 3e-3, numSteps, warmupSteps: Math.floor(numSteps / 10) });
  for (let step = 0; step < numSteps; step++) {
    if (signal?.aborted) break;
    const rows = random.fork(step);
    const indices = new Int32Array(batchSize).map(() => rows.integer(numPairs));
    const norm = tf.tidy(() => {
      const [some, next] = [x, y].map((all) => tf.gather(all, tf.tensor1d(indices, 'int32')));
      const loss = () => tf.squaredDifference(tf.add(some!, mlp.apply(some!)), next!).mean<tf.Scalar>();
      const { grads } = tf.variableGrads(loss, [...mlp.parameters.values()]);
      const gradients = new Map([...mlp.parameters].map(([path, variable]) => [path, grads[variable.name]!]));
      return optimizer.step(gradients, tf.scalar(schedule(step)));
    });
    // One read per step keeps a lazy backend's graph to a step.
    await norm.data();
    norm.dispose();
  }
  optimizer.dispose();
  if (signal?.aborted) mlp.dispose();
  signal?.throwIfAborted();
  return mlp;
}
