import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';

/** Predictions whose similarities to all sentences are held at a time. */
const batchSize = 256;

/**
 * The rank of each right sentence among distractors by cosine similarity to its prediction: 1 is best, and sentences that
 * are equally similar share the mean of their ranks, so that a predictor that says nothing gains nothing.
 *
 * @param predictions float32 `[numPairs, dim]`.
 * @param candidates vectors of all sentences, float32 `[numSentences, dim]`.
 * @param sources index of the sentence before each right one, int32 `[numPairs]`; neither is a distractor.
 * @returns float64 `[numPairs]`.
 */
export async function rankTargets(
  predictions: tf.Tensor2D,
  candidates: tf.Tensor2D,
  sources: Int32Array,
  { seed, numDistractors }: { readonly seed: number; readonly numDistractors: number },
): Promise<Float64Array> {
  const numSentences = candidates.shape[0];
  const random = createRandom(seed).fork('distractors');
  const ranks = new Float64Array(sources.length);
  const unit = tf.tidy(() => toUnitLength(candidates));
  for (let first = 0; first < sources.length; first += batchSize) {
    const count = Math.min(batchSize, sources.length - first);
    const similarities = tf.tidy(() =>
      tf.matMul(toUnitLength(predictions.slice([first, 0], [count, -1])), unit, false, true),
    );
    const values = await similarities.data();
    similarities.dispose();
    for (let row = 0; row < count; row++) {
      const source = sources[first + row]!;
      // Numbers of the sentences without two neighbours: those after them move up by two.
      const distractors = random.fork(first + row).sample(numSentences - 2, numDistractors);
      const own = values.subarray(row * numSentences, (row + 1) * numSentences);
      const target = own[source + 1]!;
      let rank = 1;
      for (const number of distractors) {
        const similarity = own[number < source ? number : number + 2]!;
        rank += similarity > target ? 1 : similarity === target ? 0.5 : 0;
      }
      ranks[first + row] = rank;
    }
  }
  unit.dispose();
  return ranks;
}

/** Rows of length 1; a row of zeros stays. */
function toUnitLength(rows: tf.Tensor2D): tf.Tensor2D {
  return tf.divNoNan(rows, rows.norm('euclidean', 1, true));
}
