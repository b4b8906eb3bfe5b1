import type { Batch, LabelledFeatures } from '@qb-heat/training';
import type { DataDescription, SuiteName } from '../results/schema.ts';
import type { Cell, CellOutcome, CellProgress } from './cell.ts';
import { estimateCells } from './estimate-cells.ts';
import { majorityControl, untrainedControl } from './list-cells.ts';
import type { BuiltCell, Modality } from './modality.ts';
import { pretrainTrial } from './pretrain-trial.ts';
import { probeFeatures, scoreMajority } from './probe-features.ts';
import type { Suite } from './suite.ts';

/** The protocol, the same for images and text: pre-train, score on held-out data, probe the frozen encoder. */
export class ComparisonSuite<B extends Batch> implements Suite {
  readonly name: SuiteName;
  readonly unit: string;
  readonly data: DataDescription;
  readonly cells: readonly Cell[];
  readonly #modality: Modality<B>;

  constructor(modality: Modality<B>) {
    this.name = modality.data.suite;
    this.unit = modality.unit;
    this.data = modality.data;
    this.cells = modality.cells;
    this.#modality = modality;
  }

  estimateMs(cells: readonly Cell[], signal: AbortSignal): Promise<ReadonlyMap<Cell, number>> {
    return estimateCells(this.#modality, cells, signal);
  }

  async *run(cell: Cell, signal: AbortSignal): AsyncGenerator<CellProgress, CellOutcome | undefined, undefined> {
    const startMs = performance.now();
    try {
      const measured =
        cell.role !== 'control' || cell.method === untrainedControl
          ? yield* this.#runEncoder(cell, signal)
          : yield* this.#runPlainControl(cell, signal);
      if (measured === undefined || signal.aborted) return undefined;
      const { pretrainMs, ...outcome } = measured;
      const totalMs = performance.now() - startMs;
      return { ...outcome, durations: { pretrainMs, probeMs: totalMs - pretrainMs, totalMs } };
    } catch (error) {
      // What is under way when the signal comes may end by throwing.
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  async *#runEncoder(cell: Cell, signal: AbortSignal): AsyncGenerator<CellProgress, Measured | undefined, undefined> {
    const built = this.#modality.build(cell);
    try {
      const startMs = performance.now();
      const pretrained =
        cell.role === 'control' ? null : yield* pretrainTrial(built, this.#modality.optimization, signal);
      if (pretrained === undefined) return undefined;
      const pretrainMs = pretrained === null ? 0 : performance.now() - startMs;
      const probes = this.#hasClasses ? yield* this.#probeEncoder(built, cell.seed, signal) : {};
      if (pretrained === null) return { metrics: probes, curves: {}, pretrainMs, training: null, pictures: [] };
      const { heldOutLoss, training } = pretrained;
      const metrics = { heldOutLoss, ...(await built.heldOutMetrics?.(signal)), ...probes };
      const pictures = cell.seed === this.#firstSeed ? ((await built.pictures?.()) ?? []) : [];
      return { metrics, curves: {}, pretrainMs, training, pictures };
    } finally {
      built.dispose();
    }
  }

  async *#probeEncoder(
    built: BuiltCell<B>,
    seed: number,
    signal: AbortSignal,
  ): AsyncGenerator<CellProgress, Record<string, number>, undefined> {
    yield { phase: 'features', step: 0, numSteps: 2 };
    const train = await built.encode('train', signal);
    yield { phase: 'features', step: 1, numSteps: 2 };
    const test = await built.encode('test', signal);
    return yield* this.#probe(train, test, seed, signal);
  }

  async *#runPlainControl(cell: Cell, signal: AbortSignal): AsyncGenerator<CellProgress, Measured, undefined> {
    const nothing = { curves: {}, pretrainMs: 0, training: null, pictures: [] };
    if (cell.method === majorityControl) {
      const [train, test] = [this.#modality.labels('train'), this.#modality.labels('test')];
      const metrics = scoreMajority({ labels: train, numClasses: this.data.classes.length }, { labels: test });
      return { metrics, ...nothing };
    }
    yield { phase: 'features', step: 0, numSteps: 1 };
    const train = await this.#modality.plainFeatures(cell.method, 'train');
    const test = await this.#modality.plainFeatures(cell.method, 'test');
    if (train === undefined || test === undefined) throw new Error(`${this.name}: unknown control ${cell.method}`);
    return { metrics: yield* this.#probe(train, test, cell.seed, signal), ...nothing };
  }

  #probe(train: LabelledFeatures, test: LabelledFeatures, seed: number, signal: AbortSignal) {
    return probeFeatures(train, test, { ...this.#modality.probes, seed }, signal);
  }

  get #hasClasses(): boolean {
    return this.data.classes.length > 1;
  }

  /** Pictures are kept of one seed only. */
  get #firstSeed(): number {
    return Math.min(...this.cells.map((cell) => cell.seed));
  }
}

interface Measured extends Omit<CellOutcome, 'durations'> {
  readonly pretrainMs: number;
}
