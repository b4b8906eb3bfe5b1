import type { Batch, LabelledFeatures } from '@qb-heat/training';
import type { DataDescription } from '../results/schema.ts';
import type { Cell, Drawing } from './cell.ts';
import type { OptimizationSettings, Trial } from './pretrain-trial.ts';
import type { ProbeSettings } from './probe-features.ts';

/** The parts of labelled data that probes fit and are scored on. */
export type Part = 'train' | 'test';

/** A cell's model and batches, built; its encoder can be used before, after or without training. */
export interface BuiltCell<B extends Batch> extends Trial<B> {
  /** Features of whole inputs from the encoder as it is. Throws the signal's reason when it is aborted. */
  encode(part: Part, signal: AbortSignal): Promise<LabelledFeatures>;

  /** What is measured on held-out data besides the loss. */
  heldOutMetrics?(signal: AbortSignal): Promise<Record<string, number>>;

  /** Held-out inputs and what the model makes of them; absent where there is nothing to look at. */
  pictures?(): Promise<Drawing[]>;

  /** Disposes the model. */
  dispose(): void;
}

/** What images and text have to say for themselves; all that they share is in `ComparisonSuite`. */
export interface Modality<B extends Batch> {
  /** What the rate counts. */
  readonly unit: string;
  readonly data: DataDescription;
  readonly cells: readonly Cell[];
  readonly optimization: OptimizationSettings;
  readonly probes: ProbeSettings;

  /** Builds the model of a cell; for the control without pre-training, the baseline's. */
  build(cell: Cell): BuiltCell<B>;

  /** Class of each sample. */
  labels(part: Part): Int32Array;

  /** Features that need no encoder, by the name of their control; undefined for a control that it does not know. */
  plainFeatures(control: string, part: Part): Promise<LabelledFeatures | undefined>;
}
