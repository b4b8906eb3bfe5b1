import { z } from 'zod';

/** Raised whenever a reader of `results.json` has to change. */
export const schemaVersion = 2;

const suiteNames = ['vision', 'detection', 'text', 'sentences'] as const;

/** What the positions that the encoder sees have in common; controls that mask nothing have none. */
export const maskings = ['block', 'span', 'random'] as const;

/** A `baseline` is what the methods beside it are compared with; a `control` says what the probes give without pre-training. */
const roles = ['method', 'baseline', 'control'] as const;

const milliseconds = z.number().nonnegative();

const lossPoint = z.strictObject({ step: z.int().nonnegative(), loss: z.number() });

const costSchema = z.strictObject({
  /** Floating-point operations of a training step, forward and backward; null where they are not counted. */
  flopsPerStep: z.number().nonnegative().nullable(),
  /** The most memory that the process held until the end of the training. */
  peakMemoryBytes: z.int().nonnegative(),
  encoderParameters: z.int().nonnegative(),
  /** To encode one input of which the visible part is seen, and one that is seen whole. */
  encoderFlopsVisible: z.number().nonnegative().nullable(),
  encoderFlopsFull: z.number().nonnegative().nullable(),
  /** Share of the training time in which it waited for data, from 0 to 1. */
  waitShare: z.number().min(0).max(1),
});

const trainingSchema = z.strictObject({
  numSteps: z.int().positive(),
  batchSize: z.int().positive(),
  numParameters: z.int().nonnegative(),
  /** Images or tokens per second, the median over the steps. */
  itemsPerSecond: z.number().nonnegative(),
  /** Held-out loss before the first step. */
  initialLoss: z.number(),
  /** Held-out loss of predicting the mean (images) or of the unigram distribution (text): what knowing nothing costs. */
  referenceLoss: z.number(),
  /** Training loss, thinned to at most 200 points. */
  lossCurve: z.array(lossPoint),
  /** Scalars over the training, such as the spectral radius of `I + A` or the effective rank of the features. */
  diagnosticsCurve: z.array(z.strictObject({ step: z.int().nonnegative(), values: z.record(z.string(), z.number()) })),
  /** What looked wrong, in sentences, such as collapsed features. */
  warnings: z.array(z.string()),
  cost: costSchema,
});

/** Rows of small pictures, as PNG files relative to the output folder. */
const picturesSchema = z.strictObject({
  kind: z.enum(['reconstruction', 'features', 'heat-figure', 'detections']),
  caption: z.string(),
  /** In each row. */
  numPictures: z.int().positive(),
  rows: z.array(z.strictObject({ label: z.string(), file: z.string() })),
});

const curveSchema = z.array(z.strictObject({ x: z.number(), y: z.number() }));

/** One run: a method with one seed. */
export const runSchema = z.strictObject({
  /** Content hash of everything that determines the run. */
  id: z.string(),
  suite: z.enum(suiteNames),
  /** Name of the data that the encoder was pre-trained on. */
  dataset: z.string(),
  /** Kind and size, such as `vit-atto`; null for controls without one. */
  encoder: z.string().nullable(),
  masking: z.enum(maskings).nullable(),
  method: z.string(),
  role: z.enum(roles),
  seed: z.int().nonnegative(),
  backend: z.string(),
  /**
   * `heldOutLoss`; accuracies from 0 to 1 (`maskedAccuracy`, `knn`, `linearProbe`, `tran1`, `fineTune`), with `@name`
   * behind where the probed set is another than the pre-training one; `ap50`, `ap`; `recall1`, `recall5`, `recall10`, `mrr`.
   */
  metrics: z.record(z.string(), z.number()),
  /** `lossByDistance`, `accuracyByDistance` (x: places from the nearest visible one), `r2Linear`, `r2Copy` (x: places apart). */
  curves: z.record(z.string(), curveSchema),
  durations: z.strictObject({ pretrainMs: milliseconds, probeMs: milliseconds, totalMs: milliseconds }),
  training: trainingSchema.nullable(),
  pictures: z.array(picturesSchema),
  finishedAt: z.iso.datetime(),
});

const intervalSchema = z.strictObject({ low: z.number(), high: z.number() }).nullable();

const summarySchema = z.strictObject({
  suite: z.enum(suiteNames),
  dataset: z.string(),
  encoder: z.string().nullable(),
  masking: z.enum(maskings).nullable(),
  method: z.string(),
  role: z.enum(roles),
  n: z.int().positive(),
  /** Mean duration of a run. */
  meanTotalMs: milliseconds,
  metrics: z.record(
    z.string(),
    z.strictObject({
      n: z.int().positive(),
      mean: z.number(),
      /** Sample standard deviation over the seeds; null for one seed. */
      standardDeviation: z.number().nonnegative().nullable(),
      /** 95 % t-interval of the mean; null for one seed, and where all seeds are equal. */
      interval: intervalSchema,
    }),
  ),
});

/** Method minus baseline, paired by seed; the baseline may be the encoder as it was drawn, `random-init`. */
const comparisonSchema = z.strictObject({
  suite: z.enum(suiteNames),
  dataset: z.string(),
  encoder: z.string().nullable(),
  masking: z.enum(maskings).nullable(),
  method: z.string(),
  baseline: z.string(),
  metric: z.string(),
  n: z.int().positive(),
  meanDifference: z.number(),
  /** 95 % t-interval of the mean difference; null for one seed, and where it is equal in all seeds. */
  interval: intervalSchema,
});

/** A question that comparisons of one encoder, data set and masking are asked, and what they say to it. */
const verdictSchema = z.strictObject({
  question: z.string(),
  answer: z.string(),
  /** The comparisons that it rests on: places in the list `comparisons`. */
  comparisons: z.array(z.int().nonnegative()),
});

const dataSchema = z.strictObject({
  suite: z.enum(suiteNames),
  use: z.array(z.enum(['pre-training', 'probes'])),
  name: z.string(),
  /** As given on the command line; null for the embedded data. */
  path: z.string().nullable(),
  synthetic: z.boolean(),
  classes: z.array(z.string()),
  numTrain: z.int().nonnegative(),
  numTest: z.int().nonnegative(),
  /** SHA-256 over the samples and labels as read. */
  sha256: z.string(),
  notes: z.array(z.string()),
});

const machineSchema = z.strictObject({
  platform: z.string(),
  release: z.string(),
  architecture: z.string(),
  cpu: z.string(),
  numCores: z.int().positive(),
  memoryBytes: z.int().positive(),
});

const backendSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  /** Why it was taken. */
  reason: z.string(),
  device: z.enum(['cpu', 'gpu']),
  threads: z.int().positive(),
});

/** Rows of the micro-benchmarks: flat records, whose columns the benchmark decides. */
const measurementSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** `results.json`, whole. */
export const resultsSchema = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
  /** When the last run of it was finished. */
  createdAt: z.iso.datetime(),
  /** False if the run was interrupted, or is a shard: what was done until then is here. */
  complete: z.boolean(),
  /** The command that made it, to be run again. */
  command: z.string(),
  machine: machineSchema,
  /** Of Node, this project and what computes; `git commit` where there is one. */
  versions: z.record(z.string(), z.string()),
  backend: backendSchema,
  /** The options after defaults, and the sizes that the preset stands for. */
  configuration: z.record(z.string(), z.json()),
  data: z.array(dataSchema),
  /** Ids of all runs of the experiments, finished or not, in their order. */
  plan: z.array(z.string()),
  /** The finished ones, in that order. */
  runs: z.array(runSchema),
  summaries: z.array(summarySchema),
  comparisons: z.array(comparisonSchema),
  /** How many intervals of a difference there are: about one in twenty leaves zero out by chance alone. */
  numComparisons: z.int().nonnegative(),
  verdicts: z.array(verdictSchema),
  /** What the numbers say to the project's question, in three sentences; none where there is nothing to compare. */
  answer: z.array(z.string()),
  operators: z.array(measurementSchema),
  engine: z.array(measurementSchema),
});

export type SuiteName = (typeof suiteNames)[number];
export type Masking = (typeof maskings)[number];
export type Role = (typeof roles)[number];
export type Run = z.infer<typeof runSchema>;
export type Training = z.infer<typeof trainingSchema>;
export type Pictures = z.infer<typeof picturesSchema>;
export type Summary = z.infer<typeof summarySchema>;
export type Comparison = z.infer<typeof comparisonSchema>;
export type DataDescription = z.infer<typeof dataSchema>;
export type Machine = z.infer<typeof machineSchema>;
export type BackendDescription = z.infer<typeof backendSchema>;
export type Measurement = z.infer<typeof measurementSchema>;
export type Results = z.infer<typeof resultsSchema>;
