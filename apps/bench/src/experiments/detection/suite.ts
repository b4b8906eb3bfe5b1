import { AdamW, pretrain, warmupCosine } from '@qb-heat/training';
import {
  detectionProbe,
  drawDetections,
  fullVisibility,
  ImageClassifier,
  prefetchedBatches,
  type DetectionProbeResult,
  type ImageBackbone,
} from '@qb-heat/vision';
import type { DataDescription } from '../../results/schema.ts';
import type { Cell, CellOutcome, CellProgress, Drawing } from '../cell.ts';
import type { DetectionExperiment } from '../description.ts';
import { estimatePretraining } from '../estimate-cells.ts';
import { methodName, untrainedControl } from '../list-cells.ts';
import { pretrainEncoder, type PretrainedEncoders } from '../protocol/pretrained.ts';
import type { Suite } from '../suite.ts';
import type { VisionModality, VisionSettings } from '../vision/suite.ts';
import type { DetectionData } from './data.ts';

/** The same encoder, trained on the labels of the pictures that the others are pre-trained on. */
const supervisedControl = 'supervised';

/** Milder than in pre-training, so that a class stays in the crop. */
const supervisedAugmentation = { cropScale: [0.5, 1], flip: true } as const;

/** Pictures with boxes in the report, and the seed that they are of. */
const [numPictures, picturedSeed] = [4, 0];

/** All that determines a cell besides its seed, its method and the data. */
type DetectionSettings = {
  readonly experiment: DetectionExperiment;
  /** Of the run that pre-trains the encoder, or whose steps the supervised one takes. */
  readonly pretraining: VisionSettings;
};

type DetectionCell = Cell<DetectionSettings>;

/** Detection by a light head on the frozen encoder, where QB-Heat is said to win, by COCO's average precision. */
export class DetectionSuite implements Suite {
  readonly name = 'detection';
  readonly unit = 'images';
  readonly data: readonly DataDescription[];
  readonly cells: readonly DetectionCell[];
  readonly #vision: VisionModality;
  readonly #data: DetectionData;
  readonly #experiment: DetectionExperiment;
  readonly #encoders: PretrainedEncoders;

  constructor(
    vision: VisionModality,
    data: DetectionData,
    experiment: DetectionExperiment,
    { seeds, encoders }: { readonly seeds: readonly number[]; readonly encoders: PretrainedEncoders },
  ) {
    this.data = [
      ...vision.data.map((described) => Object.assign({}, described, { suite: 'detection' })),
      data.description,
    ];
    this.#vision = vision;
    this.#data = data;
    this.#experiment = experiment;
    this.#encoders = encoders;
    const { baselines, methods } = experiment;
    this.cells = seeds.flatMap((seed) => [
      ...[...baselines, ...methods].map((method, place) => {
        encoders.want(this.#pretraining(methodName(method), seed));
        return this.#cell(methodName(method), place < baselines.length ? 'baseline' : 'method', seed);
      }),
      this.#cell(untrainedControl, 'control', seed),
      this.#cell(supervisedControl, 'control', seed),
    ]);
  }

  async estimateMs(cells: readonly Cell[], signal: AbortSignal): Promise<ReadonlyMap<Cell, number>> {
    const [first] = cells;
    if (first === undefined) return new Map();
    const built = this.#vision.build(this.#pretraining(methodName(this.#experiment.baselines[0]!), first.seed));
    const pretrainMs = await estimatePretraining(built, signal).finally(() => built.dispose());
    const { estimateMs } = this.#experiment;
    return new Map(
      cells.map((cell) => {
        const isTrained = cell.method !== untrainedControl;
        const isKnown = this.#encoders.isExpected(this.#pretraining(cell.method, cell.seed));
        return [cell, estimateMs + (isTrained && !isKnown ? pretrainMs : 0)];
      }),
    );
  }

  async *run(
    cell: DetectionCell,
    signal: AbortSignal,
  ): AsyncGenerator<CellProgress, CellOutcome | undefined, undefined> {
    const startMs = performance.now();
    const pretraining = this.#pretraining(cell.method, cell.seed);
    const built = this.#vision.build(pretraining);
    const { backbone } = built.model;
    try {
      if (cell.method === supervisedControl) {
        if (!(yield* this.#supervise(backbone, cell, signal))) return undefined;
      } else if (cell.method !== untrainedControl) {
        if (!(yield* pretrainEncoder(pretraining, built, this.#encoders, signal))) return undefined;
      }
      const pretrainMs = performance.now() - startMs;
      yield { phase: 'detection', step: 0, numSteps: 1 };
      const { estimateMs: _estimate, encoder: _encoder, baselines: _b, methods: _m, ...options } = this.#experiment;
      const result = await detectionProbe(backbone, this.#data.dataset, { ...options, seed: cell.seed, signal });
      const totalMs = performance.now() - startMs;
      return {
        metrics: { ap50: result.scores.ap50, ap: result.scores.ap },
        curves: {},
        durations: { pretrainMs, probeMs: totalMs - pretrainMs, totalMs },
        training: null,
        pictures: cell.seed === picturedSeed ? [await this.#draw(result)] : [],
      };
    } catch (error) {
      // What is under way when the signal comes may end by throwing.
      if (signal.aborted) return undefined;
      throw error;
    } finally {
      await built.dispose();
    }
  }

  #cell(method: string, role: Cell['role'], seed: number): DetectionCell {
    const { dataset, encoder, masking, settings } = this.#pretraining(method, seed);
    const own = { experiment: this.#experiment, pretraining: settings };
    const place = { suite: 'detection', dataset, encoder, method, role, seed } as const;
    return { ...place, masking: role === 'control' ? null : masking, settings: own };
  }

  /** The images' cell that pre-trains the encoder; for a control that of the baseline, which it starts as. */
  #pretraining(method: string, seed: number): Cell<VisionSettings> {
    const { encoder, baselines } = this.#experiment;
    const isControl = method === untrainedControl || method === supervisedControl;
    return this.#vision.cellAt({ encoder, masking: 'block', method: isControl ? baselines[0]! : method }, seed);
  }

  /** Trains the encoder on the labels, as many steps of as many pictures as pre-training takes. False if it was stopped. */
  async *#supervise(
    backbone: ImageBackbone,
    { seed, settings }: DetectionCell,
    signal: AbortSignal,
  ): AsyncGenerator<CellProgress, boolean, undefined> {
    const { dataset } = this.#vision;
    const { training } = settings.pretraining;
    if (training === null) throw new Error('detection: the encoder has no pre-training');
    const { numSteps, warmupSteps, batchSize, weightDecay, maxGradientNorm } = training.optimization;
    const numClasses = dataset.classes.length;
    const classifier = new ImageClassifier(backbone, { numClasses, head: 'linear', isFrozen: false, seed });
    const optimizer = new AdamW(classifier.parameters, { betas: [0.9, 0.999], weightDecay, maxGradientNorm });
    const batches = prefetchedBatches(dataset.train, dataset, {
      batchSize,
      sampleMask: (numImages) => fullVisibility(backbone.grid, numImages),
      seed,
      augmentation: supervisedAugmentation,
    });
    try {
      const schedule = warmupCosine({ peak: this.#experiment.supervisedLearningRate, numSteps, warmupSteps });
      const options = { batches: batches.source, optimizer, schedule, numSteps, signal };
      for await (const { step, loss, itemsPerSecond } of pretrain(classifier, options)) {
        yield { phase: 'training on the labels', step: step + 1, numSteps, loss, itemsPerSecond };
      }
      return !signal.aborted;
    } finally {
      await batches.close();
      optimizer.dispose();
      classifier.dispose();
    }
  }

  async #draw({ detections }: DetectionProbeResult): Promise<Drawing> {
    const { classes, test } = this.#data.dataset;
    const pictures = test.slice(0, numPictures);
    const png = await drawDetections(pictures, detections.slice(0, numPictures), classes);
    return {
      kind: 'detections',
      caption: 'Test pictures: what is marked on the left, what was found on the right, with the score in percent.',
      numPictures: pictures.length,
      rows: [{ label: 'marked and found', png }],
    };
  }
}
