import { softmaxCrossEntropy } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { SampledTokens } from './token-sampler.ts';

/** An output layer over a vocabulary: logits = rows · tableᵀ + bias. */
export interface TiedOutput {
  /** float32 `[rows, dim]`. */
  readonly rows: tf.Tensor2D;
  /** float32 `[vocab, dim]`. */
  readonly table: tf.Tensor2D;
  /** float32 `[vocab]`. */
  readonly bias: tf.Tensor1D;
}

/** What each row should say, and how much it counts. */
export interface TokenTargets {
  /** int32 `[rows]`. */
  readonly labels: tf.Tensor1D;
  /** float32 `[rows]`. */
  readonly weights: tf.Tensor1D;
}

/** Logits that are held at a time: 64 MiB. */
const defaultMaxLogits = 2 ** 24;

/**
 * Softmax cross-entropy over the whole vocabulary, averaged by weight; 0 where all weights are 0.
 *
 * No more than `maxLogits` logits exist at a time: where there are more, rows are taken in chunks, of which the forward
 * pass keeps one number a row, log Σ exp(logits), and the backward pass computes the logits again.
 *
 * @returns float32 scalar. The caller disposes it.
 */
export function tiedCrossEntropy(
  { rows, table, bias }: TiedOutput,
  { labels, weights }: TokenTargets,
  maxLogits = defaultMaxLogits,
): tf.Scalar {
  const bounds = chunkRows(rows.shape[0], table.shape[0], maxLogits);
  if (bounds.length <= 1) return tf.tidy(() => softmaxCrossEntropy(logitsOf(rows, table, bias), labels, weights));
  return chunkedCrossEntropy({ rows, table, bias }, { labels, weights }, bounds);
}

/**
 * Cross-entropy in nats of each row's right token, and 1 where it is the most likely one, else 0: `[losses, hits]`. No
 * more than `maxLogits` logits exist at a time.
 *
 * @param labels the right tokens, `[rows]`.
 * @returns float32 `[2, rows]`. The caller disposes it.
 */
export function scoreLabels(
  { rows, table, bias }: TiedOutput,
  labels: Int32Array,
  maxLogits = defaultMaxLogits,
): tf.Tensor2D {
  const vocab = table.shape[0];
  return tf.tidy(() => {
    const chunks = chunkRows(rows.shape[0], vocab, maxLogits).map(([start, count]) =>
      tf.tidy(() => {
        const logits = logitsOf(tf.slice(rows, start, count), table, bias); // [count, vocab]
        const own = labels.subarray(start, start + count);
        const places = own.map((label, row) => row * vocab + label);
        const atLabel = tf.gather(logits.flatten(), tf.tensor1d(places, 'int32')); // [count]
        const losses = tf.sub(tf.logSumExp(logits, 1), atLabel);
        const hits = tf.equal(tf.argMax(logits, 1), tf.tensor1d(own, 'int32')).toFloat();
        return tf.stack([losses, hits]) as tf.Tensor2D;
      }),
    );
    return tf.concat2d(chunks, 1);
  });
}

/** First row and number of rows of a chunk. */
type Bounds = readonly [start: number, count: number];

/** Chunks of like size with no more than `maxLogits` logits each, or of one row. */
function chunkRows(numRows: number, vocab: number, maxLogits: number): Bounds[] {
  const numChunks = Math.max(1, Math.min(numRows, Math.ceil((numRows * vocab) / maxLogits)));
  const size = Math.ceil(numRows / numChunks);
  const bounds: Bounds[] = [];
  for (let start = 0; start < numRows; start += size) bounds.push([start, Math.min(size, numRows - start)]);
  return bounds;
}

function chunkedCrossEntropy(
  output: TiedOutput,
  { labels, weights }: TokenTargets,
  bounds: readonly Bounds[],
): tf.Scalar {
  const operation = tf.customGrad<tf.Scalar>((...args) => {
    const [rows, table, bias] = args as unknown as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
    const save = args.at(-1) as unknown as tf.GradSaveFunc;
    const share = tf.divNoNan<tf.Tensor1D>(weights, tf.sum(weights)); // [rows]
    const logSums = tf.concat1d(
      bounds.map(([start, count]) =>
        tf.tidy(() => tf.logSumExp<tf.Tensor1D>(logitsOf(tf.slice(rows, start, count), table, bias), 1)),
      ),
    );
    const atLabel = tf.add(tf.sum(tf.mul(rows, tf.gather(table, labels)), 1), tf.gather(bias, labels)); // [rows]
    save([rows, table, bias, logSums, share, labels]);
    return {
      value: tf.sum<tf.Scalar>(tf.mul(share, tf.sub(logSums, atLabel))),
      gradFunc: (dy, saved) => chunkedGradient(dy, saved, bounds),
    };
  });
  return operation(output.rows, output.table, output.bias);
}

/** (softmax(logits) − onehot(label)) · share, through the product: the part of the labels by gathering and scattering. */
function chunkedGradient(dy: tf.Scalar, saved: readonly tf.Tensor[], bounds: readonly Bounds[]): tf.Tensor[] {
  const [rows, table, bias, logSums, share, labels] = saved as [
    tf.Tensor2D,
    tf.Tensor2D,
    tf.Tensor1D,
    tf.Tensor1D,
    tf.Tensor1D,
    tf.Tensor1D,
  ];
  const [vocab] = table.shape;
  const scale = tf.mul(share, dy).expandDims<tf.Tensor2D>(1); // [rows, 1]
  const scatter = (values: tf.Tensor) => tf.unsortedSegmentSum(values, labels, vocab);
  let tableGradient = tf.neg(scatter(tf.mul(rows, scale)));
  let biasGradient = tf.neg(scatter(scale.squeeze([1])));
  const rowGradients = bounds.map(([start, count]) => {
    const before = [tableGradient, biasGradient];
    // Backends that compute at once hold all that is not disposed: a chunk leaves its gradients alone.
    const [rowGradient, ...after] = tf.tidy((): [tf.Tensor2D, tf.Tensor, tf.Tensor] => {
      const some = tf.slice(rows, start, count);
      const distance = tf.sub(logitsOf(some, table, bias), tf.slice(logSums, start, count).expandDims(1));
      const probabilities = tf.mul<tf.Tensor2D>(tf.exp(distance), tf.slice(scale, start, count)); // [count, vocab]
      return [
        tf.matMul(probabilities, table),
        tf.add(tableGradient, tf.matMul(probabilities, some, true, false)),
        tf.add(biasGradient, tf.sum(probabilities, 0)),
      ];
    });
    tf.dispose(before);
    [tableGradient, biasGradient] = after;
    return rowGradient;
  });
  const rowGradient = tf.sub(tf.concat(rowGradients), tf.mul(tf.gather(table, labels), scale));
  return [rowGradient, tableGradient, biasGradient];
}

/**
 * Cross-entropy of the right token against a few drawn ones, the same for all rows: a sampled softmax (Jean et al., arXiv
 * 1412.2007, section 3.1). Each logit is lowered by the logarithm of how often its token is drawn, which makes the
 * gradient that of the whole vocabulary in expectation, as the number of draws grows; a draw that is a row's right token
 * is left out of that row.
 *
 * @returns float32 scalar. The caller disposes it.
 */
export function sampledCrossEntropy(
  { rows, table, bias }: TiedOutput,
  { labels, weights }: TokenTargets,
  sampled: SampledTokens,
): tf.Scalar {
  return tf.tidy(() => {
    const numRows = rows.shape[0];
    const tokens = tf.tensor1d(sampled.tokens, 'int32');
    const [right, wrong] = [labels, tokens].map((ids) => ({
      table: tf.gather<tf.Tensor2D>(table, ids),
      bias: tf.gather<tf.Tensor1D>(bias, ids),
    })) as [Pick<TiedOutput, 'table' | 'bias'>, Pick<TiedOutput, 'table' | 'bias'>];
    const ofRight = tf.add(tf.sum(tf.mul(rows, right.table), 1), tf.sub(right.bias, sampled.logRatesOfLabels)); // [rows]
    const ofWrong = tf.sub(logitsOf(rows, wrong.table, wrong.bias), sampled.logRates); // [rows, numSampled]
    const isRight = tf.equal(labels.expandDims(1), tokens.expandDims(0)).toFloat(); // [rows, numSampled]
    const logits = tf.concat<tf.Tensor2D>([ofRight.expandDims(1), tf.sub(ofWrong, tf.mul(isRight, 1e9))], 1);
    return softmaxCrossEntropy(logits, tf.zeros([numRows], 'int32'), weights);
  });
}

function logitsOf(rows: tf.Tensor2D, table: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  return tf.tidy(() => tf.matMul(rows, table, false, true).add<tf.Tensor2D>(bias));
}
