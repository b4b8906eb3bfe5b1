import { AdamW, accuracy, pretrain, warmupCosine } from '@qb-heat/training';
import type { ProbeResult } from '@qb-heat/training';
import type { ImageBackbone } from '../backbone.ts';
import type { Augmentation } from '../data/augment.ts';
import { trainingBatches } from '../data/image-batches.ts';
import type { ImageDataset } from '../data/image-dataset.ts';
import { ImageClassifier, classifyImages } from '../image-classifier.ts';
import { fullVisibility } from '../masks.ts';
import { requireClasses } from './image-probes.ts';

export interface FineTuneOptions {
  /** Draws the head, the order of the images and the augmentation. */
  readonly seed: number;
  /** Passes over the training images. Default 10. */
  readonly numEpochs?: number;
  /** Default 128, or all images when they are fewer. */
  readonly batchSize?: number;
  /** The highest of the run: it warms up over a tenth of the steps and falls by half a cosine. Default 1e-3. */
  readonly learningRate?: number;
  /** Default 0.05. */
  readonly weightDecay?: number;
  /** Default: crops of at least half the image, and flips; null for none. */
  readonly augmentation?: Augmentation | null;
  /** Ends the training after the step under way by throwing the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Milder than what pre-training takes, so that a class stays in the crop. */
const defaultAugmentation: Augmentation = { cropScale: [0.5, 1], flip: true };

/**
 * Accuracy of the encoder once all of it is trained on the labels, with a linear map from the mean of its feature map.
 * A copy is trained: the backbone keeps its weights. With a backbone fresh from its seed it is training from scratch.
 *
 * Equal weights and seed give an equal result, to the bit on the same backend.
 *
 * @throws InputError if there are fewer than two classes, or the training diverges.
 */
export async function fineTune(
  backbone: ImageBackbone,
  data: ImageDataset,
  options: FineTuneOptions,
): Promise<ProbeResult> {
  requireClasses('fineTune', data);
  const { seed, numEpochs = 10, learningRate = 1e-3, weightDecay = 0.05, signal } = options;
  const batchSize = Math.min(options.batchSize ?? 128, data.train.labels.length);
  const augmentation = options.augmentation === undefined ? defaultAugmentation : (options.augmentation ?? undefined);
  const copy = backbone.copy();
  const classifier = new ImageClassifier(copy, {
    numClasses: data.classes.length,
    head: 'linear',
    isFrozen: false,
    seed,
  });
  const optimizer = new AdamW(classifier.parameters, { betas: [0.9, 0.999], weightDecay, maxGradientNorm: 1 });
  try {
    const { source, numBatches } = trainingBatches(data.train, data, {
      batchSize,
      // The classifier sees whole images.
      sampleMask: (numImages) => fullVisibility(backbone.grid, numImages),
      seed,
      augmentation,
    });
    const numSteps = numEpochs * numBatches;
    const schedule = warmupCosine({ peak: learningRate, numSteps, warmupSteps: Math.floor(numSteps / 10) });
    const steps = pretrain(classifier, { batches: source, optimizer, schedule, numSteps, signal });
    while (!(await steps.next()).done);
    signal?.throwIfAborted();
    const predictions = await classifyImages(classifier, data.test, batchSize);
    return { accuracy: accuracy(predictions, data.test.labels), predictions };
  } finally {
    optimizer.dispose();
    classifier.dispose();
    copy.dispose();
  }
}
