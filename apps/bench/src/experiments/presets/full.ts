import type { ExperimentsInput } from '../description.ts';

/**
 * About a day on a GPU, five seeds: the methods of both modalities at sizes where the published claims are made, on data
 * as large as is given.
 */
export const full: ExperimentsInput = {
  name: 'full',
  seeds: 5,
  operators: { gridSizes: [8, 16, 32], dims: [192, 512], numRepeats: 9, withTrainingStep: true, estimateMs: 180_000 },
  vision: {
    numTrain: 50_000,
    numTest: 10_000,
    maxHeldOutBatches: 39,
    encoders: {
      'vit-tiny': { options: { kind: 'vit', preset: 'tiny' } },
      'convnet-tiny': { options: { kind: 'convnet', preset: 'tiny' } },
      'mobile-former-tiny': { options: { kind: 'mobile-former', preset: 'tiny' } },
    },
    model: { patchSize: 4, decoder: { dim: 192, depth: 2, numHeads: 3 }, target: 'normalized-patches' },
    isAugmented: true,
    // Hundred epochs.
    optimization: {
      numSteps: 19_500,
      warmupSteps: 1950,
      batchSize: 256,
      learningRate: 1.5e-3,
      weightDecay: 0.05,
      maxGradientNorm: 1,
    },
    comparisons: {
      block: {
        methods: [
          'linear',
          'linear-blockwise',
          'linear-both-routes',
          'linear-free',
          'linear-exact',
          'linear-cayley',
          'norm-linear',
          'mlp',
          'nearest',
          'mean',
          'zero',
        ],
      },
      random: { methods: ['harmonic', 'simmim', 'nearest', 'zero', 'autoencoder'] },
    },
    probes: {
      knn: {},
      linear: {},
      tran1: { numEpochs: 20 },
      fineTune: { numEpochs: 30 },
      predictability: { maxOffset: 7, numSamples: 2000 },
    },
  },
  detection: {
    encoder: 'convnet-tiny',
    methods: ['linear', 'norm-linear'],
    height: 240,
    width: 320,
    numSteps: 3000,
  },
  text: {
    numTrain: 200_000,
    numTest: 10_000,
    numProbeTrain: 120_000,
    numProbeTest: 10_000,
    vocabSize: 16_000,
    length: 128,
    maxHeldOutBatches: 64,
    encoders: {
      'transformer-mini': { options: { kind: 'transformer', dim: 256, depth: 4, numHeads: 4, positions: 'rotary' } },
      'text-convnet-mini': { options: { kind: 'convnet', dim: 256, depth: 6 } },
    },
    decoder: { dim: 128, depth: 1, numHeads: 2 },
    optimization: {
      numSteps: 20_000,
      warmupSteps: 1000,
      batchSize: 128,
      learningRate: 1e-3,
      weightDecay: 0.05,
      maxGradientNorm: 1,
    },
    comparisons: {
      // Four tokens at each end: those farther from the window teach next to nothing.
      span: {
        mask: { kind: 'window', visibleRatio: 0.9375, position: 'center' },
        methods: ['linear', 'linear-free', 'linear-exact', 'linear-cayley', 'norm-linear', 'mlp', 'nearest', 'zero'],
      },
      // Without harmonic, which is interpolate in one dimension.
      random: {
        baselines: ['mask-token', 'bert-80-10-10'],
        methods: ['bert', 'interpolate', 'least-squares', 'nearest', 'zero'],
      },
    },
    probes: {
      knn: {},
      linear: {},
      tran1: { numEpochs: 10, learningRate: 2e-3 },
      fineTune: { numEpochs: 5, batchSize: 64, learningRate: 5e-4 },
      predictability: { maxOffset: 32, numSamples: 1000 },
    },
  },
  sentences: {
    encoder: 'transformer-mini',
    pretraining: { masking: 'random', method: 'mask-token' },
    numTrain: 50_000,
    numTest: 5000,
    numSteps: 2000,
  },
};
