import { countVisible } from '@qb-heat/core';
import type { Grid, Visibility } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import type { MaskedImageModel } from './masked-image-model.ts';

/** What a model costs, in parameters and in floating-point operations: two for each multiplication with its addition. */
export interface ImageModelCost {
  readonly parameters: number;
  /** What is kept after pre-training. */
  readonly encoderParameters: number;
  /** To encode what is visible of one image in pre-training. */
  readonly encoderFlopsVisible: number;
  /** To encode one full image. */
  readonly encoderFlopsFull: number;
  /**
   * One image's share of a training step: encoder, fill and decoder, forward and twice as much backward. Norms,
   * activations and the optimizer, which are cheap beside the products, are left out.
   */
  readonly trainingFlops: number;
}

/** Counts what a model costs before anything is run. */
export function describeCost(model: MaskedImageModel): ImageModelCost {
  const { backbone, parameters, config } = model;
  const visibility = model.sampleMask(1, createRandom(0));
  const seen = config.fillAt === 'features' ? shapeOf(visibility) : backbone.grid;
  const encoderFlopsVisible = backbone.countFlops(seen);
  const forward = encoderFlopsVisible + countFillFlops(model, visibility) + model.countDecoderFlops();
  return {
    parameters: countValues(parameters),
    encoderParameters: countValues(backbone.parameters),
    encoderFlopsVisible,
    encoderFlopsFull: backbone.countFlops(),
    trainingFlops: 3 * forward,
  };
}

/** The visible block; of scattered patches, as many in a row. */
function shapeOf(visibility: Visibility): Grid {
  return visibility.kind === 'block' ? visibility.blocks[0]! : { height: 1, width: visibility.numVisible };
}

/** Forward, for one image: a product for each masked cell, or weights over what is visible. */
function countFillFlops({ fill, backbone, config }: MaskedImageModel, visibility: Visibility): number {
  const numVisible = countVisible(visibility);
  const numMasked = backbone.grid.height * backbone.grid.width - numVisible;
  const dim = config.fillAt === 'features' ? backbone.dim : backbone.patchDim;
  switch (fill.name) {
    case 'linear':
    case 'mlp':
      return 2 * numMasked * dim * dim;
    case 'harmonic':
    case 'nearest':
      return 2 * numMasked * numVisible * dim;
    default:
      return 0;
  }
}

function countValues(parameters: MaskedImageModel['parameters']): number {
  return [...parameters.values()].reduce((sum, variable) => sum + variable.size, 0);
}
