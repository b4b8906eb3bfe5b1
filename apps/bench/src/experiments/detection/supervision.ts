import { AdamW, pretrain, warmupCosine } from '@qb-heat/training';
import {
  fullVisibility,
  ImageClassifier,
  prefetchedBatches,
  type ImageBackbone,
  type ImageDataset,
  type PrefetchedBatches,
} from '@qb-heat/vision';
import type { CellProgress } from '../cell.ts';
import type { OptimizationSettings } from '../description.ts';

/** Milder than in pre-training, so that a class stays in the crop. */
const augmentation = { cropScale: [0.5, 1], flip: true } as const;

export interface SupervisionOptions {
  /** Of pre-training, whose number of steps and of pictures this takes too. */
  readonly optimization: OptimizationSettings;
  readonly learningRate: number;
  readonly seed: number;
}

/** An encoder with a classifier on it and the labelled pictures to train both on. */
export class Supervision {
  readonly classifier: ImageClassifier;
  readonly batches: PrefetchedBatches;
  readonly #options: SupervisionOptions;

  /** @param backbone is trained in place; whoever made it disposes it. */
  constructor(backbone: ImageBackbone, dataset: ImageDataset, options: SupervisionOptions) {
    const { optimization, seed } = options;
    const numClasses = dataset.classes.length;
    this.#options = options;
    this.classifier = new ImageClassifier(backbone, { numClasses, head: 'linear', isFrozen: false, seed });
    this.batches = prefetchedBatches(dataset.train, dataset, {
      batchSize: optimization.batchSize,
      sampleMask: (numImages) => fullVisibility(backbone.grid, numImages),
      seed,
      augmentation,
    });
  }

  /** Trains it all; ends early on the signal. */
  async *train(signal: AbortSignal): AsyncGenerator<CellProgress, void, undefined> {
    const { optimization, learningRate } = this.#options;
    const { numSteps, warmupSteps, weightDecay, maxGradientNorm } = optimization;
    const optimizer = new AdamW(this.classifier.parameters, { betas: [0.9, 0.999], weightDecay, maxGradientNorm });
    try {
      const schedule = warmupCosine({ peak: learningRate, numSteps, warmupSteps });
      const options = { batches: this.batches.source, optimizer, schedule, numSteps, signal };
      for await (const { step, loss, itemsPerSecond } of pretrain(this.classifier, options)) {
        yield { phase: 'training on the labels', step: step + 1, numSteps, loss, itemsPerSecond };
      }
    } finally {
      optimizer.dispose();
    }
  }

  /** Disposes the classifier and ends what prepares the batches. */
  async close(): Promise<void> {
    await this.batches.close();
    this.classifier.dispose();
  }
}
