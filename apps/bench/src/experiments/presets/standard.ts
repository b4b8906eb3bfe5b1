import type { ExperimentsInput } from '../description.ts';

/**
 * Four to five hours on two cores, three seeds: less than three for images and detection, less than two for text and
 * sentences. For real data, such as CIFAR-10, and WikiText-2 and AG News with SST-2 and TREC to probe on.
 */
export const standard: ExperimentsInput = {
  name: 'standard',
  seeds: 3,
  operators: { gridSizes: [8, 16, 32], dims: [192, 512], numRepeats: 5, withTrainingStep: true, estimateMs: 120_000 },
  vision: {
    numTrain: 10_000,
    numTest: 2000,
    maxHeldOutBatches: 31,
    encoders: {
      'vit-atto': { options: { kind: 'vit', preset: 'atto' } },
      'convnet-atto': { options: { kind: 'convnet', preset: 'atto' } },
    },
    model: { patchSize: 4, decoder: { dim: 64, depth: 1, numHeads: 4 }, target: 'normalized-patches' },
    isAugmented: true,
    // Ten epochs.
    optimization: {
      numSteps: 1560,
      warmupSteps: 156,
      batchSize: 64,
      learningRate: 2e-3,
      weightDecay: 0.05,
      maxGradientNorm: 1,
    },
    comparisons: {
      block: { methods: ['linear', 'linear-blockwise', 'norm-linear', 'mlp', 'nearest'] },
      random: { methods: ['harmonic'] },
    },
    probes: {
      knn: {},
      linear: {},
      // So few epochs take high rates: at the defaults both score below the linear probe.
      tran1: { numEpochs: 3, learningRate: 4e-3 },
      fineTune: { numEpochs: 2, batchSize: 64, learningRate: 2e-3 },
      predictability: { maxOffset: 7, numSamples: 1000 },
    },
  },
  detection: {
    encoder: 'convnet-atto',
    methods: ['linear'],
    height: 120,
    width: 160,
    numSteps: 300,
  },
  text: {
    numTrain: 20_000,
    numTest: 4000,
    // Few labels show what pre-training gives; with many, training from scratch catches up.
    numProbeTrain: 1000,
    numProbeTest: 2000,
    vocabSize: 2000,
    length: 32,
    maxHeldOutBatches: 64,
    encoders: {
      'transformer-nano': { options: { kind: 'transformer', dim: 64, depth: 2, numHeads: 2, positions: 'rotary' } },
    },
    decoder: { dim: 64, depth: 1, numHeads: 2 },
    // In the same time, with twice as many channels a mask token beside a window stays at the cost of word frequencies.
    optimization: {
      numSteps: 3000,
      warmupSteps: 100,
      batchSize: 64,
      learningRate: 2e-3,
      weightDecay: 0.05,
      maxGradientNorm: 1,
    },
    comparisons: {
      // Models of this size learn from masked tokens beside the window alone: two at each end are masked.
      span: {
        mask: { kind: 'window', visibleRatio: 0.875, position: 'center' },
        methods: ['linear', 'linear-free', 'norm-linear', 'mlp', 'nearest', 'zero'],
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
      tran1: { numEpochs: 16, learningRate: 1e-3 },
      fineTune: { numEpochs: 6, batchSize: 64, learningRate: 2e-3 },
      predictability: { maxOffset: 16, numSamples: 1000 },
    },
  },
  sentences: {
    encoder: 'transformer-nano',
    pretraining: { masking: 'random', method: 'mask-token' },
    numTrain: 8000,
    numTest: 2000,
  },
};
