import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';

/** Predictions whose similarities to all sentences are held at a time. */
const batchSize = 256;

export interface RankOptions {
  readonly seed: number;
  /** At most: all other sentences of a smaller corpus. */
  readonly numDistractors: number;
  /** The corpus of each sentence, `[numSentences]`: distractors are of the right one's own; one corpus unless given. */
  readonly corpora?: Int32Array | undefined;
}

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
  { seed, numDistractors, corpora }: RankOptions,
): Promise<Float64Array> {
  const numSentences = candidates.shape[0];
  const membersOf = groupSentences(corpora ?? new Int32Array(numSentences));
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
      const { members, place } = membersOf(source);
      // Places of the corpus's sentences without two neighbours: those after them move up by two.
      const numOthers = members.length - 2;
      const distractors = random.fork(first + row).sample(numOthers, Math.min(numDistractors, numOthers));
      const own = values.subarray(row * numSentences, (row + 1) * numSentences);
      const target = own[source + 1]!;
      let rank = 1;
      for (const number of distractors) {
        const similarity = own[members[number < place ? number : number + 2]!]!;
        rank += similarity > target ? 1 : similarity === target ? 0.5 : 0;
      }
      ranks[first + row] = rank;
    }
  }
  unit.dispose();
  return ranks;
}

/** The mean of 1 / rank. */
export function meanReciprocal(ranks: Float64Array): number {
  return ranks.reduce((sum, rank) => sum + 1 / rank, 0) / ranks.length;
}

/** Finds the sentences of a sentence's corpus in their order, and its own place among them. */
export function groupSentences(
  corpora: Int32Array,
): (sentence: number) => { members: readonly number[]; place: number } {
  const groups = new Map<number, number[]>();
  const places = corpora.map((corpus, sentence) => {
    const members = groups.get(corpus) ?? [];
    groups.set(corpus, members);
    return members.push(sentence) - 1;
  });
  return (sentence) => ({ members: groups.get(corpora[sentence]!)!, place: places[sentence]! });
}

/** Rows of length 1; a row of zeros stays. */
function toUnitLength(rows: tf.Tensor2D): tf.Tensor2D {
  return tf.divNoNan(rows, rows.norm('euclidean', 1, true));
}
