import {
  cutSentences,
  encodeSentences,
  evaluateNextSentence,
  sentencePredictors,
  type NextSentenceScore,
  type TextEncoder,
} from '@qb-heat/text';
import type { DataDescription } from '../../results/schema.ts';
import type { Cell, CellOutcome, CellProgress } from '../cell.ts';
import type { SentencesExperiment } from '../description.ts';
import { estimatePretraining } from '../estimate-cells.ts';
import { pretrainEncoder, type PretrainedEncoders } from '../protocol/pretrained.ts';
import type { Suite } from '../suite.ts';
import type { TextData } from '../text/data.ts';
import type { TextModality, TextSettings } from '../text/suite.ts';

/** What the others have to beat: the next sentence is like this one. */
const baseline = 'copy';

/** All that determines a cell besides its seed, its predictor and the data. */
type SentencesSettings = {
  readonly experiment: SentencesExperiment;
  /** Of the run that pre-trains the encoder. */
  readonly pretraining: TextSettings;
};

/**
 * The sources' proposal for sentences: s(t + 1) = (I + A) s(t) on the vectors of a pre-trained text encoder, by retrieval of
 * the next sentence among distractors.
 */
export class SentencesSuite implements Suite {
  readonly name = 'sentences';
  readonly unit = 'tokens';
  readonly data: readonly DataDescription[];
  readonly cells: readonly Cell<SentencesSettings>[];
  readonly #text: TextModality;
  readonly #documents: TextData['documents'];
  readonly #experiment: SentencesExperiment;
  readonly #encoders: PretrainedEncoders;
  /** All predictors are scored at once; the cells of a seed share what came out. */
  readonly #scores = new Map<number, readonly NextSentenceScore[]>();

  constructor(
    text: TextModality,
    documents: TextData['documents'],
    experiment: SentencesExperiment,
    { seeds, encoders }: { readonly seeds: readonly number[]; readonly encoders: PretrainedEncoders },
  ) {
    this.data = text.data
      .filter(({ use }) => use.includes('pre-training'))
      .map((described) =>
        Object.assign({}, described, { suite: 'sentences' as const, use: ['pre-training' as const] }),
      );
    this.#text = text;
    this.#documents = documents;
    this.#experiment = experiment;
    this.#encoders = encoders;
    for (const seed of seeds) encoders.want(this.#pretraining(seed));
    this.cells = seeds.flatMap((seed) => {
      const { dataset, encoder, settings } = this.#pretraining(seed);
      return sentencePredictors.map((method): Cell<SentencesSettings> => {
        const role = method === baseline ? 'baseline' : 'method';
        const place = { suite: 'sentences', dataset, encoder, masking: null, method, role, seed } as const;
        return Object.assign({}, place, { settings: { experiment, pretraining: settings } });
      });
    });
  }

  async estimateMs(cells: readonly Cell[], signal: AbortSignal): Promise<ReadonlyMap<Cell, number>> {
    const [first] = cells;
    if (first === undefined) return new Map();
    // The first cell of a seed pre-trains where the text's own runs have not; fitting the predictors is quick beside it.
    const built = this.#text.build(this.#pretraining(first.seed));
    const pretrainMs = await estimatePretraining(built, signal).finally(() => built.dispose());
    const seen = new Set<number>();
    return new Map(
      cells.map((cell) => {
        const isFirst = !seen.has(cell.seed) && !this.#encoders.isExpected(this.#pretraining(cell.seed));
        seen.add(cell.seed);
        return [cell, isFirst ? pretrainMs : 0];
      }),
    );
  }

  async *run(
    cell: Cell<SentencesSettings>,
    signal: AbortSignal,
  ): AsyncGenerator<CellProgress, CellOutcome | undefined, undefined> {
    const startMs = performance.now();
    const pretraining = this.#pretraining(cell.seed);
    if (!this.#scores.has(cell.seed)) {
      const scores = yield* this.#score(pretraining, signal);
      if (scores === undefined) return undefined;
      this.#scores.set(cell.seed, scores);
    }
    const score = this.#scores.get(cell.seed)?.find(({ predictor }) => predictor === cell.method);
    if (score === undefined) throw new Error(`sentences: unknown predictor ${cell.method}`);
    const { recallAt1, recallAt5, recallAt10, meanReciprocalRank } = score;
    const totalMs = performance.now() - startMs;
    return {
      metrics: { recall1: recallAt1, recall5: recallAt5, recall10: recallAt10, mrr: meanReciprocalRank },
      curves: {},
      durations: { pretrainMs: 0, probeMs: totalMs, totalMs },
      training: null,
      pictures: [],
    };
  }

  /** The text's cell that pre-trains the encoder. */
  #pretraining(seed: number): Cell<TextSettings> {
    const { encoder, pretraining } = this.#experiment;
    return this.#text.cellAt({ encoder, ...pretraining }, seed);
  }

  async *#score(
    cell: Cell<TextSettings>,
    signal: AbortSignal,
  ): AsyncGenerator<CellProgress, readonly NextSentenceScore[] | undefined, undefined> {
    const built = this.#text.build(cell);
    try {
      if (!(yield* pretrainEncoder(cell, built, this.#encoders, signal))) return undefined;
      yield { phase: 'sentences', step: 0, numSteps: 1 };
      const { numTrain, numTest, numDistractors, numSteps } = this.#experiment;
      const train = await this.#encode(built.model.encoder, takeEvenly(this.#documents.train, numTrain), signal);
      const test = await this.#encode(built.model.encoder, takeEvenly(this.#documents.test, numTest), signal);
      return await evaluateNextSentence(train, test, { seed: cell.seed, numDistractors, numSteps, signal });
    } catch (error) {
      // What is under way when the signal comes may end by throwing.
      if (signal.aborted) return undefined;
      throw error;
    } finally {
      await built.dispose();
    }
  }

  #encode(encoder: TextEncoder, texts: readonly string[], signal: AbortSignal) {
    return encodeSentences(encoder, this.#text.tokenizer, cutSentences(texts), { signal });
  }
}

/** Texts from all over a corpus, in their order. */
function takeEvenly(texts: readonly string[], count: number): string[] {
  const every = Math.max(1, texts.length / count);
  return Array.from({ length: Math.min(count, texts.length) }, (_, index) => texts[Math.floor(index * every)]!);
}
