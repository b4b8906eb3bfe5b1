import type { ExperimentsInput } from '../description.ts';

/** A minute: shows that everything runs. */
export const smoke: ExperimentsInput = {
  name: 'smoke',
  seeds: 1,
  operators: { gridSizes: [8], dims: [192], numRepeats: 3, withTrainingStep: false, estimateMs: 3000 },
  vision: {
    numTrain: 512,
    numTest: 128,
    maxHeldOutBatches: 2,
    encoders: { 'vit-atto': { options: { kind: 'vit', preset: 'atto' } } },
    model: { patchSize: 4, decoder: { dim: 64, depth: 1, numHeads: 4 }, target: 'pixels' },
    isAugmented: false,
    optimization: {
      numSteps: 30,
      warmupSteps: 5,
      batchSize: 64,
      learningRate: 2e-3,
      weightDecay: 0.05,
      maxGradientNorm: 1,
    },
    comparisons: { block: { methods: ['linear'] } },
    probes: {
      knn: {},
      linear: {},
      tran1: { numEpochs: 1 },
      fineTune: { numEpochs: 1, batchSize: 64, learningRate: 1e-3 },
      predictability: { maxOffset: 4, numSamples: 128 },
    },
  },
  text: {
    numTrain: 1024,
    numTest: 256,
    numProbeTrain: 1024,
    numProbeTest: 256,
    vocabSize: 1000,
    length: 32,
    maxHeldOutBatches: 8,
    encoders: { 'transformer-nano': { options: { kind: 'transformer', dim: 64, depth: 2, numHeads: 2 } } },
    decoder: { dim: 64, depth: 1, numHeads: 2 },
    optimization: {
      numSteps: 40,
      warmupSteps: 5,
      batchSize: 32,
      learningRate: 3e-3,
      weightDecay: 0.05,
      maxGradientNorm: 1,
    },
    comparisons: { span: { methods: ['linear'] }, random: { methods: ['interpolate'] } },
    probes: { knn: {}, linear: {}, predictability: { maxOffset: 4, numSamples: 128 } },
  },
};
