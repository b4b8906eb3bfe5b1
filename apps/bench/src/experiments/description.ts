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
      fill: z
        .object({ name: z.enum(fillNames) })
        .catchall(z.json())
        .describe('A fill by its name and options, such as { name: linear, scheme: exact, route: yx }.'),
    }),
  ])
  .meta({ description: 'A method by its name, or a name of your own for a fill with options of your own.' });

const methodsSchema = {
  baselines: z
    .array(methodSchema)
    .min(1)
    .default(['mask-token'])
    .describe('What every method beside them is compared with.'),
  methods: z.array(methodSchema).describe('Methods to compare with the baselines.'),
  encoders: z
    .array(label)
    .min(1)
    .optional()
    .describe("Of the suite's encoders, by label; all that can where none are named."),
};

const optimizationSchema = z.strictObject({
  numSteps: count.describe('Updates of the pre-training.'),
  warmupSteps: z.int().min(0).describe('Steps over which the learning rate rises to its height.'),
  batchSize: count.describe('Samples, or rows of tokens, of a step.'),
  learningRate: z.number().positive().describe('Of AdamW, after the warm-up; it falls by half a cosine.'),
  weightDecay: z.number().min(0).describe('Of AdamW, on matrices alone.'),
  maxGradientNorm: z.number().positive().describe('Longer gradients are shortened to it.'),
});

const probesSchema = z.strictObject({
  knn: z
    .strictObject({ numNeighbors: count.default(20) })
    .optional()
    .describe('Cosine kNN with so many neighbours.'),
  linear: z.strictObject({}).optional().describe('A linear classifier on the mean feature.'),
  tran1: z
    .strictObject({ numEpochs: count, learningRate: z.number().positive().default(1e-3) })
    .optional()
    .describe('One transformer block and a linear classifier on the feature map.'),
  fineTune: z
    .strictObject({
      numEpochs: count,
      batchSize: count.default(128),
      learningRate: z.number().positive().default(1e-3),
    })
    .optional()
    .describe('The encoder and a linear classifier trained on; the learning rate is that after the warm-up.'),
  predictability: z
    .strictObject({ maxOffset: count, numSamples: count })
    .optional()
    .describe('R² of the best linear map and of copying, up to so many places apart, on so many samples.'),
});

/** An encoder of a suite, with what has to be set otherwise for it. */
const encoderSchema = z.strictObject({
  options: z
    .object({ kind: z.string() })
    .catchall(z.json())
    .describe('As the packages take them: { kind: vit, preset: atto }, or with sizes of your own.'),
  optimization: optimizationSchema.partial().optional().describe('What is set otherwise for this encoder.'),
});

const probes = probesSchema.describe(
  'What is measured of frozen features, and of the encoder trained on; what is left out is not measured.',
);
const maxHeldOutBatches = count.describe('Held-out batches that the loss is measured on, at most.');
const encoders = z.record(label, encoderSchema).describe('Encoders by a label of yours.');
const decoderDepth = z.int().min(0).describe('Transformer blocks; without, a linear map.');

const visionSchema = z.strictObject({
  numTrain: count.describe('Images to pre-train and to fit probes on, at most.'),
  numTest: count.describe('Held-out images to score on, at most.'),
  maxHeldOutBatches,
  encoders,
  model: z
    .strictObject({
      patchSize: count.describe('Height and width of a patch in pixels.'),
      decoder: z.strictObject({ dim: count, depth: decoderDepth, numHeads: count }),
      target: z
        .enum(['pixels', 'normalized-patches'])
        .describe('What is predicted: pixels, or those of each patch by its own mean and deviation.'),
      lossOn: z.enum(['masked', 'all']).default('masked').describe('The patches that the loss counts.'),
    })
    .describe("Everything of the model but the data's shape, the encoder, the mask, the fill and the seed."),
  isAugmented: z.boolean().describe('Random resized crops and flips in pre-training.'),
  optimization: optimizationSchema,
  comparisons: z.strictObject({
    block: z
      .strictObject({
        ...methodsSchema,
        mask: z
          .object({ kind: z.literal('block') })
          .catchall(z.json())
          .prefault({ kind: 'block' })
          .describe('As the package takes it, such as { kind: block, position: random }.'),
      })
      .optional()
      .describe('A block is visible.'),
    random: z
      .strictObject({
        ...methodsSchema,
        mask: z
          .strictObject({ kind: z.literal('random'), ratio: ratio.default(0.75).describe('Share that is masked.') })
          .prefault({ kind: 'random' }),
      })
      .optional()
      .describe('Random patches are visible.'),
  }),
  probes,
});

const maskRatio = ratio.default(0.3).describe('Share of the tokens that is masked.');
const textMaskSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['tokens', 'words']), maskRatio }),
  z.strictObject({
    kind: z.literal('spans'),
    maskRatio,
    meanLength: z.number().min(1).default(5).describe('Mean of the geometric distribution of their lengths.'),
  }),
]);

const textSchema = z.strictObject({
  numTrain: count.describe('Texts of each corpus to pre-train on, at most.'),
  numTest: count.describe('Held-out texts of each corpus to score on, at most.'),
  numProbeTrain: count.describe('Texts of each labelled set to fit probes on, at most.'),
  numProbeTest: count.describe('Texts of each labelled set to score probes on, at most.'),
  vocabSize: count.describe(
    'Entries of a tokenizer that is trained on the text, and the most that are used of one that is given.',
  ),
  length: count.describe('Tokens of a row.'),
  maxHeldOutBatches,
  encoders,
  decoder: z.strictObject({
    dim: count,
    depth: decoderDepth,
    numHeads: count,
    positions: z
      .enum(['sin-cos', 'rotary'])
      .default('rotary')
      .describe(
        'rotary comes beside the vectors of the places: without, a mask token takes hundreds of steps to find its neighbours.',
      ),
  }),
  optimization: optimizationSchema,
  comparisons: z.strictObject({
    span: z
      .strictObject({
        ...methodsSchema,
        mask: z
          .object({ kind: z.literal('window'), visibleRatio: ratio.default(0.5) })
          .catchall(z.json())
          .prefault({ kind: 'window' })
          .describe('As the package takes it, such as { kind: window, visibleRatio: 0.5, position: center }.'),
      })
      .optional()
      .describe('A contiguous window is visible.'),
    random: z
      .strictObject({ ...methodsSchema, mask: textMaskSchema.prefault({ kind: 'tokens' }) })
      .optional()
      .describe('Random tokens are masked.'),
  }),
  probes,
});

const detectionSchema = z.strictObject({
  encoder: label.describe("Of the images' encoders, by label; one of convolutions takes pictures of any size."),
  baselines: z.array(label).min(1).default(['mask-token']).describe('Methods that the others are compared with.'),
  methods: z.array(label).describe('Methods whose pre-trained encoders are compared.'),
  height: count.describe('Pixels that pictures are resized to, a multiple of the patch size.'),
  width: count.describe('Pixels that pictures are resized to, a multiple of the patch size.'),
  numSteps: count.describe("Of the head's training."),
  batchSize: count.default(8).describe("Of the head's training."),
  learningRate: z.number().positive().default(2e-3).describe("Of the head's training."),
  supervisedLearningRate: z
    .number()
    .positive()
    .default(1e-3)
    .describe('Of the control that is trained on the labels of the pictures that the others are pre-trained on.'),
});

const sentencesSchema = z.strictObject({
  encoder: label.describe("Of the text's encoders, by label."),
  pretraining: z
    .strictObject({ masking: z.enum(['span', 'random']), method: label })
    .describe("How that encoder is pre-trained, as one of the text's own runs."),
  numTrain: count.describe('Texts whose sentences the predictors are fitted to, at most.'),
  numTest: count.describe('Texts whose sentences they are scored on, at most.'),
  numDistractors: count.default(100).describe('Other sentences that the next one is to be found among.'),
  numSteps: count.default(500).describe('Optimizer steps of the MLP.'),
});

const operatorsSchema = z.strictObject({
  gridSizes: z.array(count).min(1).describe('Cells along each side of the feature maps.'),
  dims: z.array(count).min(1).describe('Channels of the features.'),
  numRepeats: count.describe('Timings of each, of which the median counts.'),
  withTrainingStep: z.boolean().describe('Also the share of a training step that they take.'),
  estimateMs: z.number().min(0).describe('How long that takes on two cores; other machines differ.'),
});

/** What to run, as data: suite × data set × encoder × masking × method × seed. */
export const experimentsSchema = z
  .strictObject({
    $schema: z.string().optional(),
    name: label,
    seeds: count.describe('Runs per method, each with its own seed: 0, 1, …'),
    operators: operatorsSchema.optional().describe('What the operators cost.'),
    vision: visionSchema.optional().describe('Pre-training on images.'),
    detection: detectionSchema
      .optional()
      .describe('A head on the frozen encoder; needs vision, whose encoder it takes, and a set with boxes.'),
    text: textSchema.optional().describe('Pre-training on text.'),
    sentences: sentencesSchema
      .optional()
      .describe('The next sentence by its predicted vector; needs text, whose encoder it takes.'),
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
