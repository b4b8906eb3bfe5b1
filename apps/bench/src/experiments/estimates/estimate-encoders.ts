import type { Batch } from '@qb-heat/training';
import type { Json } from '../../results/content-hash.ts';
import type { Cell } from '../cell.ts';
import type { Modality } from '../protocol/modality.ts';
import type { PretrainedEncoders } from '../protocol/pretrained.ts';
import type { EstimateContext } from '../suite.ts';
import { estimatePretraining } from './time-training.ts';

/**
 * Tells how long the encoder of a cell takes for what builds on it, in milliseconds: nothing where a run of this process
 * trains it anyway, else as long as finished runs of its kind took, else by a few steps.
 *
 * @returns a function of cells that all have one encoder and one masking: they are timed once.
 */
export function estimateEncoders<B extends Batch, S extends Json>(
  modality: Modality<B, S>,
  encoders: PretrainedEncoders,
  { finished, signal, onTiming }: EstimateContext,
): (cell: Cell<S>) => Promise<number> {
  let timedMs: Promise<number> | undefined;
  const time = async (cell: Cell<S>): Promise<number> => {
    onTiming();
    const built = modality.build(cell);
    try {
      return await estimatePretraining(built, signal);
    } finally {
      await built.dispose();
    }
  };
  return async (cell) => {
    if (encoders.isExpected(cell)) return 0;
    const { suite, dataset, encoder, masking, method } = cell;
    const kind = { suite, dataset, encoder, masking };
    return finished.medianMs('pretrainMs', { ...kind, method }, kind) ?? (timedMs ??= time(cell));
  };
}
