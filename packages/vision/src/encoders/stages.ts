import { InputError } from '@qb-heat/core';

/** What a stage does to one patch. */
export interface StagePlan {
  /** By how much it lowers height and width. */
  readonly factor: number;
  /** Window of the convolution that does so. */
  readonly entryKernel: number;
  readonly inChannels: number;
  readonly channels: number;
  readonly depth: number;
  /** Its features for each patch. */
  readonly numCells: number;
}

/**
 * Up to three stages that lower the resolution by convolutions without overlap, until the last has one feature per patch.
 * A patch size that can't be halved twice leaves out the first ones.
 *
 * @param encoder what the error calls the encoder.
 * @param sizes channels of the last stage (each before has half as many) and blocks of the three stages.
 * @throws InputError if the channels can't be halved as often as there are stages.
 */
export function planStages(
  encoder: string,
  { dim, depths }: { readonly dim: number; readonly depths: readonly [number, number, number] },
  patchSize: number,
  numChannels: number,
): StagePlan[] {
  const numHalvings = patchSize % 4 === 0 ? 2 : patchSize % 2 === 0 ? 1 : 0;
  if (dim % 2 ** numHalvings !== 0) {
    throw new InputError(`encoder.dim must be a multiple of ${2 ** numHalvings} for a ${encoder}, got ${dim}`);
  }
  return depths.slice(-1 - numHalvings).map((depth, stage) => {
    const channels = dim / 2 ** (numHalvings - stage);
    const factor = stage === 0 ? patchSize / 2 ** numHalvings : 2;
    return {
      factor,
      entryKernel: factor === 1 ? 3 : factor,
      inChannels: stage === 0 ? numChannels : channels / 2,
      channels,
      depth,
      numCells: 4 ** (numHalvings - stage),
    };
  });
}
