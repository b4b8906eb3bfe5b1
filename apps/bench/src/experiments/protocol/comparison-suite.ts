import { InputError } from '@qb-heat/core';
import type { Batch } from '@qb-heat/training';
import type { Json } from '../../results/content-hash.ts';
import type { DataDescription, SuiteName } from '../../results/schema.ts';
import type { Cell, CellOutcome, CellProgress } from '../cell.ts';
import { estimateCells } from '../estimates/estimate-cells.ts';
import { untrainedControl } from '../list-cells.ts';
import type { BuiltCell, Modality } from './modality.ts';
import { pretrainTrial } from './pretrain-trial.ts';
import type { PretrainedEncoders } from './pretrained.ts';
import { runProbes } from './probes.ts';
import type { EstimateContext, Suite } from '../suite.ts';

/** Pictures are kept of one seed only. */
const picturedSeed = 0;

/** The protocol, the same for images and text: pre-train, score on held-out data, probe the frozen encoder. */
export class ComparisonSuite<B extends Batch, S extends Json> implements Suite {
  readonly name: SuiteName;
  readonly unit: string;
  readonly data: readonly DataDescription[];
  readonly cells: readonly Cell<S>[];
  readonly #modality: Modality<B, S>;
  readonly #encoders: PretrainedEncoders;

  /**
   * @param encoders keeps the trained encoders that others ask for.
   * @throws InputError that names the first cell whose model cannot be made.
   */
  constructor(modality: Modality<B, S>, encoders: PretrainedEncoders) {
    checkModels(modality);
    this.name = modality.name;
    this.unit = modality.unit;
    this.data = modality.data;
    this.cells = modality.cells;
    this.#modality = modality;
    this.#encoders = encoders;
  }

  estimateMs(cells: readonly Cell<S>[], context: EstimateContext): Promise<ReadonlyMap<Cell, number>> {
    for (const cell of cells) this.#encoders.expect(cell);
    return estimateCells(this.#modality, cells, context);
  }

  isExportable(cell: Cell<S>): boolean {
    if (cell.encoder === null || cell.method === untrainedControl) return false;
    this.#modality.checkExportable();
    return true;
  }

  async *run(
    cell: Cell<S>,
    signal: AbortSignal,
    exportTo?: string,
  ): AsyncGenerator<CellProgress, CellOutcome | undefined, undefined> {
    const startMs = performance.now();
    try {
      const measured =
        cell.encoder === null ? yield* this.#runControl(cell, signal) : yield* this.#train(cell, signal, exportTo);
      if (measured === undefined || signal.aborted) return undefined;
      const { pretrainMs, exportMs, ...outcome } = measured;
      const totalMs = performance.now() - startMs - exportMs;
      return { ...outcome, durations: { pretrainMs, probeMs: totalMs - pretrainMs, totalMs } };
    } catch (error) {
      // What is under way when the signal comes may end by throwing.
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  async *#train(
    cell: Cell<S>,
    signal: AbortSignal,
    exportTo?: string,
  ): AsyncGenerator<CellProgress, Untimed | undefined, undefined> {
    const built = this.#modality.build(cell);
    try {
      if (cell.method === untrainedControl) {
        return { ...untrained, ...(yield* this.#probe(built, cell.seed, signal)) };
      }
      const startMs = performance.now();
      const pretrained = yield* pretrainTrial(built, built.optimization, signal);
      if (pretrained === undefined) return undefined;
      const pretrainMs = performance.now() - startMs;
      await this.#encoders.keep(cell, built.encoderParameters);
      const { heldOutLoss, training } = pretrained;
      const ofModel = await built.measureModel(heldOutLoss, signal);
      const ofEncoder = yield* this.#probe(built, cell.seed, signal);
      const pictures = cell.seed === picturedSeed ? await built.drawPictures(signal) : [];
      if (signal.aborted) return undefined;
      const exportStartMs = performance.now();
      if (exportTo !== undefined) await built.exportEncoder(exportTo);
      return {
        metrics: { ...ofModel.metrics, ...ofEncoder.metrics },
        curves: { ...ofModel.curves, ...ofEncoder.curves },
        pretrainMs,
        exportMs: performance.now() - exportStartMs,
        training,
        pictures,
      };
    } finally {
      await built.dispose();
    }
  }

  async *#probe(built: BuiltCell<B>, seed: number, signal: AbortSignal) {
    yield { phase: 'features', step: 0, numSteps: 1 };
    const { metrics, curves } = await built.measureEncoder(signal);
    const probed = yield* runProbes(built.probedSets(), built.probes, { seed, signal });
    return { metrics: { ...metrics, ...probed }, curves };
  }

  async *#runControl(cell: Cell<S>, signal: AbortSignal): AsyncGenerator<CellProgress, Untimed, undefined> {
    yield { phase: cell.method, step: 0, numSteps: 1 };
    const metrics = await this.#modality.runControl(cell, signal);
    if (metrics === undefined) throw new Error(`${this.name}: unknown control ${cell.method}`);
    return { ...untrained, metrics, curves: {} };
  }
}

/** Makes each model once, so that what cannot be made is told before anything runs. */
function checkModels<B extends Batch, S extends Json>(modality: Modality<B, S>): void {
  const { name, cells } = modality;
  const lastSeed = cells.at(-1)?.seed;
  for (const cell of cells) {
    if (cell.encoder === null || cell.seed !== lastSeed) continue;
    try {
      modality.createModel(cell).dispose();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const where = [cell.encoder, cell.masking, cell.method].filter((word) => word !== null).join(' ');
      throw new InputError(`${name} ${where}: ${error.message}`, { cause: error });
    }
  }
}

interface Untimed extends Omit<CellOutcome, 'durations'> {
  readonly pretrainMs: number;
  /** What it took to write the encoder, which is no part of the run. */
  readonly exportMs: number;
}

/** What there is of a cell that trains nothing. */
const untrained = { pretrainMs: 0, exportMs: 0, training: null, pictures: [] } as const;
