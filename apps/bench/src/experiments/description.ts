import { fillNames } from '@qb-heat/core';
import { z } from 'zod';

const count = z.int().min(1);
const ratio = z.number().gt(0).lt(1);

/** Names in results and on the command line; a comma separates them there, `@` and a space have meanings of their own. */
const label = z.string().regex(/^[^\s,@]+$/, 'must be a word without commas and @');

const methodSchema = z
  .union([
    label,
    z.strictObject({
      name: label,
      /** A fill by its name and options, such as `{ name: linear, scheme: exact, route: yx }`. */
      fill: z.object({ name: z.enum(fillNames) }).catchall(z.json()),
    }),
  ])
  .meta({ description: 'A method by its name, or a name of your own for a fill with options of your own.' });

const methodsSchema = {
  /** What every method beside them is compared with. */
  baselines: z.array(methodSchema).min(1).default(['mask-token']),
  methods: z.array(methodSchema),
  /** Of the suite's encoders, by label; all of them where none are named. */
  encoders: z.array(label).min(1).optional(),
};

const optimizationSchema = z.strictObject({
  numSteps: count,
  warmupSteps: z.int().min(0),
  batchSize: count,
  /** Of AdamW, after the warm-up; it falls by half a cosine. */
  learningRate: z.number().positive(),
  weightDecay: z.number().min(0),
  maxGradientNorm: z.number().positive(),
});

/** What is measured of frozen features, and of the encoder trained on; what is left out is not measured. */
const probesSchema = z.strictObject({
  /** Cosine kNN with so many neighbours. */
  knn: z.strictObject({ numNeighbors: count.default(20) }).optional(),
  linear: z.strictObject({}).optional(),
  /** One transformer block and a linear classifier on the feature map. */
  tran1: z.strictObject({ numEpochs: count, learningRate: z.number().positive().default(1e-3) }).optional(),
  /** Passes over the labelled samples; the learning rate is that after the warm-up. */
  fineTune: z
    .strictObject({
      numEpochs: count,
      batchSize: count.default(128),
      learningRate: z.number().positive().default(1e-3),
    })
    .optional(),
  /** R² of the best linear map and of copying, so many places apart and fewer. */
  predictability: z.strictObject({ maxOffset: count, numSamples: count }).optional(),
});

/** An encoder of a suite, with what has to be set otherwise for it. */
const encoderSchema = z.strictObject({
  /** As the packages take them: `{ kind: vit, preset: atto }`, or with sizes of your own. */
  options: z.object({ kind: z.string() }).catchall(z.json()),
  optimization: optimizationSchema.partial().optional(),
});

const visionSchema = z.strictObject({
  /** Images to pre-train and to fit probes on, at most, and held-out ones to score on. */
  numTrain: count,
  numTest: count,
  /** Held-out batches that the loss is measured on, at most. */
  maxHeldOutBatches: count,
  encoders: z.record(label, encoderSchema),
  /** Everything of the model but the data's shape, the encoder, the mask, the fill and the seed. */
  model: z.strictObject({
    patchSize: count,
    decoder: z.strictObject({ dim: count, depth: z.int().min(0), numHeads: count }),
    target: z.enum(['pixels', 'normalized-patches']),
    lossOn: z.enum(['masked', 'all']).default('masked'),
  }),
  /** Random resized crops and flips in pre-training. */
  isAugmented: z.boolean(),
  optimization: optimizationSchema,
  comparisons: z.strictObject({
    /** Blocks are visible. */
    block: z
      .strictObject({
        ...methodsSchema,
        mask: z
          .object({ kind: z.literal('block') })
          .catchall(z.json())
          .prefault({ kind: 'block' }),
      })
      .optional(),
    /** Random patches are visible. */
    random: z
      .strictObject({
        ...methodsSchema,
        mask: z.strictObject({ kind: z.literal('random'), ratio: ratio.default(0.75) }).prefault({ kind: 'random' }),
      })
      .optional(),
  }),
  probes: probesSchema,
});

const textMaskSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['tokens', 'words']), maskRatio: ratio.default(0.3) }),
  z.strictObject({ kind: z.literal('spans'), maskRatio: ratio.default(0.3), meanLength: z.number().min(1).default(5) }),
]);

const textSchema = z.strictObject({
  /** Texts of each corpus to pre-train on, at most, and held-out ones to score on. */
  numTrain: count,
  numTest: count,
  /** Texts of each labelled set to fit probes on, at most, and to score on. */
  numProbeTrain: count,
  numProbeTest: count,
  /** Entries of a tokenizer that is trained on the text, and the most that are used of one that is given. */
  vocabSize: count,
  /** Tokens of a row. */
  length: count,
  maxHeldOutBatches: count,
  encoders: z.record(label, encoderSchema),
  decoder: z.strictObject({
    dim: count,
    depth: z.int().min(0),
    numHeads: count,
    /** Rotary besides the vectors of the places: without, a mask token takes hundreds of steps to find its neighbours. */
    positions: z.enum(['sin-cos', 'rotary']).default('rotary'),
  }),
  optimization: optimizationSchema,
  comparisons: z.strictObject({
    /** A contiguous window is visible. */
    span: z
      .strictObject({
        ...methodsSchema,
        mask: z
          .object({ kind: z.literal('window'), visibleRatio: ratio.default(0.5) })
          .catchall(z.json())
          .prefault({ kind: 'window' }),
      })
      .optional(),
    /** Random tokens are masked. */
    random: z.strictObject({ ...methodsSchema, mask: textMaskSchema.prefault({ kind: 'tokens' }) }).optional(),
  }),
  probes: probesSchema,
});

const detectionSchema = z.strictObject({
  /** Of the images' encoders, by label; one of convolutions takes pictures of any size. */
  encoder: label,
  baselines: z.array(label).min(1).default(['mask-token']),
  methods: z.array(label),
  /** Size in pixels that pictures are resized to, multiples of the patch size. */
  height: count,
  width: count,
  /** Of the head's training. */
  numSteps: count,
  batchSize: count.default(8),
  learningRate: z.number().positive().default(2e-3),
  /** Of the control that is trained on the labels of the pictures that the others are pre-trained on. */
  supervisedLearningRate: z.number().positive().default(1e-3),
});

const sentencesSchema = z.strictObject({
  /** Of the text's encoders, by label. */
  encoder: label,
  /** How that encoder is pre-trained, as one of the text's own runs; none leaves it as it was drawn. */
  pretraining: z.strictObject({ masking: z.enum(['span', 'random']), method: label }),
  /** Texts whose sentences are used, at most, to fit and to score. */
  numTrain: count,
  numTest: count,
  numDistractors: count.default(100),
  /** Optimizer steps of the MLP. */
  numSteps: count.default(500),
});

const operatorsSchema = z.strictObject({
  gridSizes: z.array(count).min(1),
  dims: z.array(count).min(1),
  numRepeats: count,
  withTrainingStep: z.boolean(),
  /** How long that takes on two cores; other machines differ. */
  estimateMs: z.number().min(0),
});

/** What to run, as data: suite × data set × encoder × masking × method × seed. */
export const experimentsSchema = z
  .strictObject({
    $schema: z.string().optional(),
    name: label,
    /** Runs per method, each with its own seed, 0, 1, … */
    seeds: count,
    operators: operatorsSchema.optional(),
    vision: visionSchema.optional(),
    /** A head on the frozen encoder; needs `vision`, whose encoder it takes, and a set with boxes. */
    detection: detectionSchema.optional(),
    text: textSchema.optional(),
    /** The next sentence by its predicted vector; needs `text`, whose encoder it takes. */
    sentences: sentencesSchema.optional(),
  })
  .meta({ title: 'Experiments of qb-heat', description: 'What `pnpm bench --experiments FILE` runs.' });

export type Experiments = z.output<typeof experimentsSchema>;
export type ExperimentsInput = z.input<typeof experimentsSchema>;
export type VisionExperiment = z.output<typeof visionSchema>;
export type TextExperiment = z.output<typeof textSchema>;
export type DetectionExperiment = z.output<typeof detectionSchema>;
export type SentencesExperiment = z.output<typeof sentencesSchema>;
export type OperatorsExperiment = z.output<typeof operatorsSchema>;
export type Method = z.output<typeof methodSchema>;
export type OptimizationSettings = z.output<typeof optimizationSchema>;
export type ProbeSettings = z.output<typeof probesSchema>;
export type EncoderDescription = z.output<typeof encoderSchema>;
