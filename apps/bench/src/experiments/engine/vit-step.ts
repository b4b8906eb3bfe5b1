import { createFill, gatherVisible } from '@qb-heat/core';
import type { BlockVisibility, Fill, Parameters } from '@qb-heat/core';
import {
  collectParameters,
  createRandom,
  Linear,
  meanSquaredError,
  PositionEmbedding,
  TransformerStack,
} from '@qb-heat/training';
import type { ForwardContext, PretrainingModel } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { linearFlops, trainingFlops, transformerBlockFlops } from './flops.ts';
import { normalBatches } from './workload.ts';
import type { TensorBatch, Workload } from './workload.ts';

export interface VitStepSize {
  readonly batchSize: number;
  /** Patches along each side of the image. */
  readonly gridSize: number;
  /** Patches along each side of the visible block, which lies in the middle. */
  readonly blockSize: number;
  /** Numbers in a patch. */
  readonly patchDim: number;
  readonly dim: number;
  readonly numHeads: number;
  readonly encoderDepth: number;
  readonly decoderDepth: number;
}

/** Pictures of 32 × 32 in patches of 4 × 4 × 3, a quarter of them visible: about 58 GFLOP a step. */
export const referenceVitStep: VitStepSize = {
  batchSize: 128,
  gridSize: 8,
  blockSize: 4,
  patchDim: 48,
  dim: 192,
  numHeads: 3,
  encoderDepth: 6,
  decoderDepth: 1,
};

/** QB-Heat with a ViT: encode the visible block, extrapolate linearly, decode all patches, mean squared error. */
class VitModel implements PretrainingModel<TensorBatch> {
  readonly parameters: Parameters;
  readonly #visibility: BlockVisibility;
  readonly #embed: Linear;
  readonly #encoderPositions: PositionEmbedding;
  readonly #encoder: TransformerStack;
  readonly #fill: Fill;
  readonly #decoderPositions: PositionEmbedding;
  readonly #decoder: TransformerStack;
  readonly #head: Linear;

  constructor(size: VitStepSize, seed: number) {
    const { batchSize, gridSize, blockSize, patchDim, dim, numHeads, encoderDepth, decoderDepth } = size;
    const random = createRandom(seed);
    const grid = { height: gridSize, width: gridSize };
    const start = Math.floor((gridSize - blockSize) / 2);
    const block = { top: start, left: start, height: blockSize, width: blockSize };
    this.#visibility = { kind: 'block', grid, batchSize, blocks: [block] };
    this.#embed = new Linear({ inputDim: patchDim, outputDim: dim, random: random.fork('embed') });
    this.#encoderPositions = new PositionEmbedding({ grid, dim, kind: 'learned', random: random.fork('positions') });
    this.#encoder = new TransformerStack({ dim, numHeads, depth: encoderDepth, random: random.fork('encoder') });
    this.#fill = createFill('linear', { dim, grid, seed });
    const decoderRandom = random.fork('decoder');
    this.#decoderPositions = new PositionEmbedding({ grid, dim, kind: 'learned', random: decoderRandom.fork('at') });
    this.#decoder = new TransformerStack({ dim, numHeads, depth: decoderDepth, random: decoderRandom });
    this.#head = new Linear({ inputDim: dim, outputDim: patchDim, random: random.fork('head') });
    this.parameters = collectParameters({
      embed: this.#embed,
      encoderPositions: this.#encoderPositions,
      encoder: this.#encoder,
      fill: this.#fill,
      decoderPositions: this.#decoderPositions,
      decoder: this.#decoder,
      head: this.#head,
    });
  }

  loss({ values }: TensorBatch, context: ForwardContext): tf.Scalar {
    return tf.tidy(() => {
      const patches = values as tf.Tensor3D; // [batch, positions, patchDim]
      const visible = gatherVisible(patches, this.#visibility); // [batch, numVisible, patchDim]
      const positions = gatherVisible(
        this.#encoderPositions.table.expandDims<tf.Tensor3D>(0),
        { ...this.#visibility, batchSize: 1 }, // [1, numVisible, dim]
      );
      const features = this.#encoder.apply(tf.add(this.#embed.apply(visible), positions), context);
      const filled = this.#fill.apply(features, this.#visibility); // [batch, positions, dim]
      const decoded = this.#decoder.apply(tf.add(filled, this.#decoderPositions.table), context);
      return meanSquaredError(this.#head.apply(decoded), patches);
    });
  }

  diagnostics(): Promise<Record<string, number>> {
    return this.#fill.diagnostics();
  }

  dispose(): void {
    for (const module of [
      this.#embed,
      this.#encoderPositions,
      this.#encoder,
      this.#fill,
      this.#decoderPositions,
      this.#decoder,
      this.#head,
    ]) {
      module.dispose();
    }
  }
}

/** The ViT step of a size, with weights and data that `seed` determines. The caller disposes its model. */
export function createVitStep(size: VitStepSize, seed: number): Workload {
  const { batchSize, gridSize, patchDim } = size;
  return {
    name: 'vit',
    model: new VitModel(size, seed),
    batchSize,
    flops: vitStepFlops(size),
    nextBatch: normalBatches([batchSize, gridSize * gridSize, patchDim], seed),
  };
}

/** Products of one step: each masked cell costs one `[dim, dim]` product in the extrapolation. */
export function vitStepFlops(size: VitStepSize): number {
  const { batchSize, gridSize, blockSize, patchDim, dim, encoderDepth, decoderDepth } = size;
  const [numPositions, numVisible] = [gridSize * gridSize, blockSize * blockSize];
  const embed = linearFlops(batchSize * numVisible, patchDim, dim);
  const forward =
    embed +
    encoderDepth * transformerBlockFlops(batchSize, numVisible, dim) +
    linearFlops(batchSize * (numPositions - numVisible), dim, dim) +
    decoderDepth * transformerBlockFlops(batchSize, numPositions, dim) +
    linearFlops(batchSize * numPositions, dim, patchDim);
  return trainingFlops(forward, embed);
}
