import type { Parameters } from '@qb-heat/core';
import type { Batch, PretrainingModel } from '@qb-heat/training';
import type { Json } from '../../results/content-hash.ts';
import type { DataDescription, Run, SuiteName } from '../../results/schema.ts';
import type { Cell, Drawing } from '../cell.ts';
import type { OptimizationSettings, ProbeSettings } from '../description.ts';
import type { Trial } from './pretrain-trial.ts';
import type { ProbedSet, SampleLimits } from './probes.ts';

/** Numbers and curves by name. */
export type Measured = Pick<Run, 'metrics' | 'curves'>;

/** A cell's model and batches, built; its encoder can be used before, after or without training. */
export interface BuiltCell<B extends Batch> extends Trial<B> {
  /** The variables of what is kept after pre-training. */
  readonly encoderParameters: Parameters;
  /** How it is trained. */
  readonly optimization: OptimizationSettings;
  /** What is measured of its encoder. */
  readonly probes: ProbeSettings;

  /** The labelled sets that its encoder, as it is, is probed on; fewer samples of each where limits are given. */
  probedSets(limits?: SampleLimits): readonly ProbedSet[];

  /** What is measured of the encoder besides the probes, such as how well features predict their neighbours. */
  measureEncoder(signal: AbortSignal): Promise<Measured>;

  /** What is measured of the trained model on held-out data, the loss included where it compares with others'. */
  measureModel(heldOutLoss: number, signal: AbortSignal): Promise<Measured>;

  /** Held-out inputs and what the trained model makes of them. */
  drawPictures(signal: AbortSignal): Promise<Drawing[]>;

  /** Writes its encoder as a folder that transformers.js loads. */
  exportEncoder(folder: string): Promise<void>;

  /** Disposes the model and ends what prepares its batches. */
  dispose(): Promise<void>;
}

/** What images and text have to say for themselves; all that they share is in `ComparisonSuite`. */
export interface Modality<B extends Batch, S extends Json> {
  readonly name: SuiteName;
  /** What the rate counts. */
  readonly unit: string;
  readonly data: readonly DataDescription[];
  readonly cells: readonly Cell<S>[];

  /** Makes the model of a cell; for the control without pre-training, any whose encoder starts as those of the methods. */
  createModel(cell: Cell<S>): PretrainingModel<B>;

  /** Makes the model of a cell, and opens the batches for it. */
  build(cell: Cell<S>): BuiltCell<B>;

  /** @throws InputError where its encoders can't be exported, and why. */
  checkExportable(): void;

  /** Measures a control that has no encoder; undefined for one that it does not know. */
  runControl(cell: Cell<S>, signal: AbortSignal): Promise<Record<string, number> | undefined>;
}
