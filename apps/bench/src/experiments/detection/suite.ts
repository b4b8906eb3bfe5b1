import { detectionProbe, drawDetections, type DetectionProbeResult, type ImageBackbone } from '@qb-heat/vision';
import type { DataDescription } from '../../results/schema.ts';
import type { Cell, CellOutcome, CellProgress, Drawing } from '../cell.ts';
import type { DetectionExperiment } from '../description.ts';
import { estimateEncoders } from '../estimates/estimate-encoders.ts';
import { timeDetection } from '../estimates/time-detection.ts';
import { timeStep } from '../estimates/time-training.ts';
import { methodName, untrainedControl } from '../list-cells.ts';
import { pretrainEncoder, type PretrainedEncoders } from '../protocol/pretrained.ts';
import { pretrainingOf } from '../share-settings.ts';
import type { EstimateContext, Suite } from '../suite.ts';
import type { VisionModality, VisionSettings } from '../vision/suite.ts';
import type { DetectionData } from './data.ts';
import { Supervision } from './supervision.ts';

/** The same encoder, trained on the labels of the pictures that the others are pre-trained on. */
const supervisedControl = 'supervised';

/** Pictures with boxes in the report, and the seed that they are of. */
const [numPictures, picturedSeed] = [4, 0];

/** All that determines a cell besides its seed, its method and the data. */
type DetectionSettings = {
  readonly head: Omit<DetectionExperiment, 'encoder' | 'baselines' | 'methods'>;
  /** Of the run that pre-trains the encoder, or whose steps the supervised one takes. */
  readonly pretraining: ReturnType<typeof pretrainingOf<VisionSettings>>;
};

type DetectionCell = Cell<DetectionSettings>;

/** How long a head takes, and the training on the labels. */
interface Rehearsal {
  readonly probeMs: number;
  readonly supervisedMs: number;
}

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

  async estimateMs(cells: readonly DetectionCell[], context: EstimateContext): Promise<ReadonlyMap<Cell, number>> {
    const { finished, signal, onTiming } = context;
    const encoderMs = estimateEncoders(this.#vision, this.#encoders, context);
    let timed: Promise<Rehearsal> | undefined;
    const rehearse = (cell: DetectionCell): Promise<Rehearsal> => {
      onTiming();
      return this.#rehearse(cell, signal);
    };
    const estimates = new Map<Cell, number>();
    for (const cell of cells) {
      const { suite, dataset, encoder, method } = cell;
      const kind = { suite, dataset, encoder };
      const probeMs = finished.medianMs('probeMs', kind) ?? (await (timed ??= rehearse(cell))).probeMs;
      let trainMs = 0;
      if (method === supervisedControl) {
        const knownMs = finished.medianMs('pretrainMs', { ...kind, method });
        trainMs = knownMs ?? (await (timed ??= rehearse(cell))).supervisedMs;
      } else if (method !== untrainedControl) {
        trainMs = await encoderMs(this.#pretraining(method, cell.seed));
      }
      estimates.set(cell, probeMs + trainMs);
    }
    return estimates;
  }

  /** Its encoders are those of other runs. */
  isExportable(): boolean {
    return false;
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
        const supervision = this.#openSupervision(backbone, cell);
        try {
          yield* supervision.train(signal);
        } finally {
          await supervision.close();
        }
        if (signal.aborted) return undefined;
      } else if (cell.method !== untrainedControl) {
        if (!(yield* pretrainEncoder(pretraining, built, this.#encoders, signal))) return undefined;
      }
      const pretrainMs = performance.now() - startMs;
      yield { phase: 'detection', step: 0, numSteps: 1 };
      const result = await detectionProbe(backbone, this.#data.dataset, headOptions(cell, signal));
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

  #openSupervision(backbone: ImageBackbone, { seed, settings }: DetectionCell): Supervision {
    const { training } = this.#pretraining(supervisedControl, seed).settings;
    if (training === null) throw new Error('detection: the encoder has no pre-training');
    const { supervisedLearningRate: learningRate } = settings.head;
    return new Supervision(backbone, this.#vision.dataset, { optimization: training.optimization, learningRate, seed });
  }

  /** Times the head, and a few steps on the labels. */
  async #rehearse(cell: DetectionCell, signal: AbortSignal): Promise<Rehearsal> {
    const built = this.#vision.build(this.#pretraining(cell.method, cell.seed));
    const { backbone } = built.model;
    const supervision = this.#openSupervision(backbone, cell);
    try {
      const probeMs = await timeDetection(backbone, this.#data.dataset, headOptions(cell, signal));
      const stepMs = await timeStep(supervision.classifier, supervision.batches.source, signal);
      return { probeMs, supervisedMs: stepMs * built.optimization.numSteps };
    } finally {
      await supervision.close();
      await built.dispose();
    }
  }

  #cell(method: string, role: Cell['role'], seed: number): DetectionCell {
    const { dataset, encoder, masking, settings } = this.#pretraining(method, seed);
    const { encoder: _encoder, baselines: _baselines, methods: _methods, ...head } = this.#experiment;
    const pretraining = pretrainingOf(method === untrainedControl ? { ...settings, training: null } : settings);
    const own = { head, pretraining };
    const place = { suite: 'detection', dataset, encoder, method, role, seed } as const;
    return { ...place, masking: role === 'control' ? null : masking, settings: own };
  }

  /** The images' cell that pre-trains the encoder; for a control that of the baseline, which it starts as. */
  #pretraining(method: string, seed: number): Cell<VisionSettings> {
    const { encoder, baselines } = this.#experiment;
    const isControl = method === untrainedControl || method === supervisedControl;
    return this.#vision.cellAt({ encoder, masking: 'block', method: isControl ? baselines[0]! : method }, seed);
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

function headOptions({ seed, settings }: DetectionCell, signal: AbortSignal) {
  const { supervisedLearningRate: _ofEncoder, ...options } = settings.head;
  return { ...options, seed, signal };
}
