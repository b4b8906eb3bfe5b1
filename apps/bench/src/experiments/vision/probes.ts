import { AdamW, pretrain, tran1Probe, warmupCosine, type LabelledFeatures } from '@qb-heat/training';
import {
  classifyImages,
  encodeImages,
  fullVisibility,
  ImageClassifier,
  maeAugmentation,
  takeImages,
  trainingBatches,
  type ImageBackbone,
  type ImageDataset,
} from '@qb-heat/vision';
import type { Part, ProbeContext, ProbedSet, SampleLimits } from '../protocol/probes.ts';

/** Pictures as an encoder is probed on them. */
export function probedImages(backbone: ImageBackbone, dataset: ImageDataset, limits?: SampleLimits): ProbedSet {
  const numClasses = dataset.classes.length;
  const splitOf = (part: Part) => {
    const split = dataset[part];
    const numImages = split.labels.length;
    const limit = limits?.[part] ?? numImages;
    if (limit >= numImages) return split;
    return takeImages(
      split,
      dataset,
      Int32Array.from({ length: limit }, (_, index) => index),
    );
  };
  const encode = async (part: Part, pool: 'mean' | 'none', signal: AbortSignal): Promise<LabelledFeatures> => {
    const split = splitOf(part);
    const { data } = await encodeImages(backbone, split, { pool, signal });
    return { features: data, labels: split.labels, numClasses };
  };
  return {
    name: null,
    features: (part, signal) => encode(part, 'mean', signal),
    tran1: async (settings, { seed, signal }) => {
      const { height, width } = backbone.grid;
      const maps = [await encode('train', 'none', signal), await encode('test', 'none', signal)] as const;
      return (await tran1Probe(...maps, { ...settings, numPositions: height * width, seed, signal })).accuracy;
    },
    fineTune: async (settings, { seed, signal }: ProbeContext) => {
      const { numEpochs, learningRate, weightDecay } = settings;
      const copy = backbone.copy();
      const classifier = new ImageClassifier(copy, { numClasses, head: 'linear', isFrozen: false, seed });
      const optimizer = new AdamW(classifier.parameters, { weightDecay, maxGradientNorm: 1 });
      try {
        const train = splitOf('train');
        const { source, numBatches } = trainingBatches(train, dataset, {
          batchSize: Math.min(settings.batchSize, train.labels.length),
          sampleMask: (batchSize) => fullVisibility(backbone.grid, batchSize),
          seed,
          augmentation: maeAugmentation,
        });
        const numSteps = numEpochs * numBatches;
        const schedule = warmupCosine({ peak: learningRate, numSteps, warmupSteps: Math.floor(numSteps / 10) });
        const steps = pretrain(classifier, { batches: source, optimizer, schedule, numSteps, signal });
        while (!(await steps.next()).done);
        signal.throwIfAborted();
        const test = splitOf('test');
        const predictions = await classifyImages(classifier, test);
        return predictions.filter((prediction, index) => prediction === test.labels[index]).length / predictions.length;
      } finally {
        optimizer.dispose();
        classifier.dispose();
        copy.dispose();
      }
    },
  };
}
