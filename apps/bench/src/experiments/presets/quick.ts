import type { ExperimentsInput } from '../description.ts';

/** Six minutes on two cores, and so one seed: more would leave each run too short to learn anything. */
export const quick: ExperimentsInput = {
  name: 'quick',
  seeds: 1,
  operators: { gridSizes: [8, 16], dims: [192], numRepeats: 3, withTrainingStep: false, estimateMs: 10_000 },
  vision: {
    numTrain: 5000,
    numTest: 1000,
    maxHeldOutBatches: 16,
    encoders: { 'vit-femto': { options: { kind: 'vit', preset: 'femto' } } },
    model: { patchSize: 4, decoder: { dim: 64, depth: 1, numHeads: 4 }, target: 'normalized-patches' },
    isAugmented: false,
    optimization: {
      numSteps: 500,
      warmupSteps: 50,
      batchSize: 64,
      learningRate: 1.5e-3,
      weightDecay: 0.05,
      maxGradientNorm: 1,
    },
    comparisons: { block: { methods: ['linear'] } },
    probes: {
      knn: {},
      linear: {},
      predictability: { maxOffset: 7, numSamples: 1000 },
    },
  },
  text: {
    numTrain: 5000,
    numTest: 1000,
    numProbeTrain: 5000,
    numProbeTest: 1000,
    vocabSize: 4000,
    length: 32,
    maxHeldOutBatches: 16,
    encoders: { 'transformer-nano': { options: { kind: 'transformer', dim: 64, depth: 2, numHeads: 2 } } },
    decoder: { dim: 64, depth: 1, numHeads: 2 },
    optimization: {
      numSteps: 300,
      warmupSteps: 30,
      batchSize: 64,
      learningRate: 4e-3,
      weightDecay: 0.05,
      maxGradientNorm: 1,
    },
    comparisons: { span: { methods: ['linear'] }, random: { methods: ['interpolate'] } },
    probes: { knn: {}, linear: {}, predictability: { maxOffset: 7, numSamples: 1000 } },
  },
  sentences: {
    encoder: 'transformer-nano',
    pretraining: { masking: 'random', method: 'mask-token' },
    numTrain: 5000,
    numTest: 1000,
  },
};
