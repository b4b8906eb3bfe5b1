import { InputError } from '@qb-heat/core';
import {
  cutSentences,
  encodeSentences,
  evaluateNextSentence,
  joinSentences,
  problemWithSentences,
  sentencePredictors,
  type NextSentenceScore,
  type SentenceSequence,
} from '@qb-heat/text';
import type { DataDescription } from '../../results/schema.ts';
import type { Cell, CellOutcome, CellProgress } from '../cell.ts';
import type { SentencesExperiment } from '../description.ts';
import { estimateEncoders } from '../estimates/estimate-encoders.ts';
import { pretrainEncoder, type PretrainedEncoders } from '../protocol/pretrained.ts';
import type { EstimateContext, Suite } from '../suite.ts';
import type { TextData } from '../text/data.ts';
import { pretrainingOf } from '../share-settings.ts';
import type { TextModality, TextSettings } from '../text/suite.ts';

/** What the others have to beat: the next sentence is like this one. */
const baseline = 'copy';

/** All that determines a cell besides its seed, its predictor and the data. */
type SentencesSettings = {
  readonly experiment: SentencesExperiment;
  /** Of the run that pre-trains the encoder. */
  readonly pretraining: ReturnType<typeof pretrainingOf<Omit<TextSettings, 'numProbeTrain' | 'numProbeTest'>>>;
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
  /** The sentences that are used, of each corpus the same share. */
  readonly #sentences: Readonly<Record<'train' | 'test', SentenceSequence>>;
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
    const { numTrain, numTest, numDistractors } = experiment;
    const cut = (part: 'train' | 'test', numTexts: number) =>
      cutCorpora(
        documents.map((corpus) => corpus[part]),
        numTexts,
      );
    this.#sentences = { train: cut('train', numTrain), test: cut('test', numTest) };
    const { train, test } = this.#sentences;
    const ofTest = { ...test, numSentences: test.sentences.length };
    const problem = problemWithSentences(train.sources, ofTest, numDistractors);
    // Told before any encoder is trained.
    if (problem !== null) throw new TooFewSentencesError(problem);
    this.#experiment = experiment;
    this.#encoders = encoders;
    for (const seed of seeds) encoders.want(this.#pretraining(seed));
    this.cells = seeds.flatMap((seed) => {
      const { dataset, encoder, settings } = this.#pretraining(seed);
      const { numProbeTrain: _probed, numProbeTest: _tested, ...determining } = settings;
      const own = { experiment, pretraining: pretrainingOf(determining) };
      return sentencePredictors.map((method): Cell<SentencesSettings> => {
        const role = method === baseline ? 'baseline' : 'method';
        const place = { suite: 'sentences', dataset, encoder, masking: null, method, role, seed } as const;
        return Object.assign({}, place, { settings: own });
      });
    });
  }

  async estimateMs(cells: readonly Cell[], context: EstimateContext): Promise<ReadonlyMap<Cell, number>> {
    const encoderMs = estimateEncoders(this.#text, this.#encoders, context);
    const estimates = new Map<Cell, number>();
    const seen = new Set<number>();
    for (const cell of cells) {
      // The first cell of a seed scores for all, which is quick beside the pre-training where nothing else is known of it.
      const isFirst = !seen.has(cell.seed);
      seen.add(cell.seed);
      const { suite, dataset, encoder } = cell;
      const scoreMs = context.finished.medianMs('probeMs', { suite, dataset, encoder, method: baseline }) ?? 0;
      estimates.set(cell, isFirst ? (await encoderMs(this.#pretraining(cell.seed))) + scoreMs : 0);
    }
    return estimates;
  }

  /** Its encoders are those of other runs. */
  isExportable(): boolean {
    return false;
  }

  async *run(
    cell: Cell<SentencesSettings>,
    signal: AbortSignal,
  ): AsyncGenerator<CellProgress, CellOutcome | undefined, undefined> {
    const startMs = performance.now();
    let pretrainMs = 0;
    if (!this.#scores.has(cell.seed)) {
      const scored = yield* this.#score(this.#pretraining(cell.seed), signal);
      if (scored === undefined) return undefined;
      this.#scores.set(cell.seed, scored.scores);
      pretrainMs = scored.pretrainMs;
    }
    const score = this.#scores.get(cell.seed)?.find(({ predictor }) => predictor === cell.method);
    if (score === undefined) throw new Error(`sentences: unknown predictor ${cell.method}`);
    const { recallAt1, recallAt5, recallAt10, meanReciprocalRank } = score;
    const totalMs = performance.now() - startMs;
    return {
      metrics: { recall1: recallAt1, recall5: recallAt5, recall10: recallAt10, mrr: meanReciprocalRank },
      curves: {},
      durations: { pretrainMs, probeMs: totalMs - pretrainMs, totalMs },
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
  ): AsyncGenerator<CellProgress, ScoredSentences | undefined, undefined> {
    const startMs = performance.now();
    const built = this.#text.build(cell);
    try {
      if (!(yield* pretrainEncoder(cell, built, this.#encoders, signal))) return undefined;
      const pretrainMs = performance.now() - startMs;
      yield { phase: 'sentences', step: 0, numSteps: 1 };
      const { numDistractors, numSteps } = this.#experiment;
      const encode = (part: 'train' | 'test') =>
        encodeSentences(built.model.encoder, this.#text.tokenizer, this.#sentences[part], { signal });
      const [train, test] = [await encode('train'), await encode('test')];
      const options = { seed: cell.seed, numDistractors, numSteps, signal };
      return { pretrainMs, scores: await evaluateNextSentence(train, test, options) };
    } catch (error) {
      // What is under way when the signal comes may end by throwing.
      if (signal.aborted) return undefined;
      throw error;
    } finally {
      await built.dispose();
    }
  }
}

/** The texts have too few sentences for the suite. */
export class TooFewSentencesError extends InputError {}

/** The sentences of so many texts, of each corpus the same share. */
function cutCorpora(corpora: readonly (readonly string[])[], numTexts: number): SentenceSequence {
  const share = numTexts / corpora.reduce((sum, texts) => sum + texts.length, 0);
  return joinSentences(corpora.map((texts) => cutSentences(takeEvenly(texts, Math.round(share * texts.length)))));
}

/** All predictors of a seed, and how long its encoder took before. */
interface ScoredSentences {
  readonly pretrainMs: number;
  readonly scores: readonly NextSentenceScore[];
}

/** Texts from all over a corpus, in their order. */
function takeEvenly(texts: readonly string[], count: number): string[] {
  const every = Math.max(1, texts.length / count);
  return Array.from({ length: Math.min(count, texts.length) }, (_, index) => texts[Math.floor(index * every)]!);
}
