import type { OperatorsSettings } from './measurement-tasks.ts';
import type { TextSettings } from './text.ts';
import type { VisionSettings } from './vision.ts';

/** How much is run. */
export interface Preset {
  readonly numSeeds: number;
  readonly operators: OperatorsSettings;
  readonly vision: VisionSettings;
  readonly text: TextSettings;
}

/** A minute: shows that everything runs. */
const smoke: Preset = {
  numSeeds: 1,
  operators: { gridSizes: [8], dims: [192], numRepeats: 3, withTrainingStep: false, estimateMs: 3000 },
  vision: {
    numTrain: 1024,
    numTest: 256,
    maxHeldOutBatches: 4,
    model: {
      patchSize: 4,
      encoder: { kind: 'vit', preset: 'atto' },
      decoder: { dim: 64, depth: 1, numHeads: 4 },
      target: 'pixels',
    },
    isAugmented: false,
    optimization: {
      numSteps: 40,
      warmupSteps: 5,
      batchSize: 64,
      learningRate: 2e-3,
      weightDecay: 0.05,
      maxGradientNorm: 1,
    },
    probes: { numNeighbors: 20 },
  },
  text: {
    numTrain: 1024,
    numTest: 256,
    vocabSize: 1000,
    length: 32,
    encoder: { dim: 64, depth: 2, numHeads: 2 },
    decoder: { dim: 64, depth: 1, numHeads: 2 },
    masks: { span: { kind: 'window', visibleRatio: 0.5 }, random: { kind: 'tokens', maskRatio: 0.3 } },
    maxHeldOutBatches: 8,
    optimization: {
      numSteps: 40,
      warmupSteps: 5,
      batchSize: 32,
      learningRate: 3e-3,
      weightDecay: 0.05,
      maxGradientNorm: 1,
    },
    probes: { numNeighbors: 20 },
  },
};

/** Six minutes on two cores, and so one seed: more would leave each run too short to learn anything. */
const quick: Preset = {
  numSeeds: 1,
  operators: { gridSizes: [8, 16], dims: [192], numRepeats: 3, withTrainingStep: false, estimateMs: 10_000 },
  vision: {
    numTrain: 5000,
    numTest: 1000,
    maxHeldOutBatches: 16,
    model: {
      patchSize: 4,
      encoder: { kind: 'vit', preset: 'femto' },
      decoder: { dim: 64, depth: 1, numHeads: 4 },
      target: 'pixels',
    },
    isAugmented: false,
    optimization: {
      numSteps: 500,
      warmupSteps: 50,
      batchSize: 64,
      learningRate: 1.5e-3,
      weightDecay: 0.05,
      maxGradientNorm: 1,
    },
    probes: { numNeighbors: 20 },
  },
  text: {
    numTrain: 5000,
    numTest: 1000,
    vocabSize: 4000,
    length: 32,
    encoder: { dim: 64, depth: 2, numHeads: 2 },
    decoder: { dim: 64, depth: 1, numHeads: 2 },
    masks: { span: { kind: 'window', visibleRatio: 0.5 }, random: { kind: 'tokens', maskRatio: 0.3 } },
    maxHeldOutBatches: 16,
    optimization: {
      numSteps: 300,
      warmupSteps: 30,
      batchSize: 64,
      learningRate: 4e-3,
      weightDecay: 0.05,
      maxGradientNorm: 1,
    },
    probes: { numNeighbors: 20 },
  },
};

export const presets = { smoke, quick } as const;
