import type { FillName } from '@qb-heat/core';
import type { Json } from '../results/content-hash.ts';
import type { Masking, SuiteName } from '../results/schema.ts';
import type { Cell } from './cell.ts';

/** A masking with the fills that are compared under it. */
interface MaskedComparison {
  readonly masking: Masking;
  /** Without the baseline, which is always there. */
  readonly fills: readonly FillName[];
}

export interface SuiteCells {
  readonly suite: SuiteName;
  readonly dataset: string;
  readonly encoder: string;
  readonly seeds: readonly number[];
  readonly comparisons: readonly MaskedComparison[];
  /** Controls whose features depend on no seed: raw inputs, majority class. */
  readonly seedlessControls: readonly string[];
  readonly settings: Json;
}

/** The [MASK] baseline of every comparison. */
export const baselineFill = 'mask-token' satisfies FillName;

/** The encoder as it was drawn, which every pre-training has to beat. */
export const untrainedControl = 'random-init';

/** Always the commonest class of the training part. */
export const majorityControl = 'majority';

/** The cells of a suite: per masking the baseline and each fill, and the controls, for each seed. */
export function listCells(cells: SuiteCells): Cell[] {
  const { suite, dataset, encoder, seeds, comparisons, seedlessControls, settings } = cells;
  const cellsOfSeed = (seed: number): Cell[] => [
    ...comparisons.flatMap(({ masking, fills }) =>
      [baselineFill, ...fills].map((method): Cell => {
        const role = method === baselineFill ? 'baseline' : 'method';
        return { suite, dataset, encoder, masking, method, role, seed, settings };
      }),
    ),
    { suite, dataset, encoder, masking: null, method: untrainedControl, role: 'control', seed, settings },
  ];
  const controls = seedlessControls.map((method): Cell => ({
    suite,
    dataset,
    encoder: null,
    masking: null,
    method,
    role: 'control',
    seed: 0,
    settings,
  }));
  return [...seeds.flatMap(cellsOfSeed), ...controls];
}
