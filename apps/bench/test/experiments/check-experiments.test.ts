import { describe, expect, it } from 'vitest';
import { findProblem } from '../../src/experiments/check-experiments.ts';
import { experimentsSchema } from '../../src/experiments/description.ts';
import { presetExperiments, presetNames } from '../../src/experiments/presets/index.ts';
import { tinyExperiments } from '../fixtures/tiny-experiments.ts';

const { vision, text } = tinyExperiments;
const detection = { encoder: 'convnet-tiny', methods: ['linear'], height: 32, width: 48, numSteps: 2 };
const sentences = {
  encoder: 'transformer-tiny',
  pretraining: { masking: 'random', method: 'mask-token' },
  numTrain: 8,
  numTest: 8,
};
const whole = { name: 'tiny', seeds: 1, vision, text, detection, sentences };
const block = { methods: ['linear'] };

function tell(changes: object): string | undefined {
  const problem = findProblem(experimentsSchema.parse({ ...whole, ...changes }));
  return problem && `${problem.field}: ${problem.message}`;
}

describe('findProblem', () => {
  it('finds none in experiments that run, nor in a preset', () => {
    expect(tell({})).toBeUndefined();
    for (const name of presetNames) expect(findProblem(presetExperiments(name))).toBeUndefined();
  });

  it.each<[string, object, string]>([
    [
      'nothing to run',
      { vision: undefined, text: undefined, detection: undefined, sentences: undefined },
      'name: nothing to run follows it',
    ],
    ['no encoder', { vision: { ...vision, encoders: {} } }, 'vision.encoders: expected at least one'],
    ['no comparison', { text: { ...text, comparisons: {} } }, 'text.comparisons: expected at least one'],
    [
      'a method twice',
      { vision: { ...vision, comparisons: { block: { methods: ['linear', 'mlp', 'linear'] } } } },
      "vision.comparisons.block: 'linear' is named twice",
    ],
    [
      'a baseline among the methods',
      { vision: { ...vision, comparisons: { block: { methods: ['mask-token'] } } } },
      "vision.comparisons.block: 'mask-token' is named twice",
    ],
    [
      'a fill that random masks do not suit',
      { text: { ...text, comparisons: { random: { methods: ['linear'] } } } },
      "text.comparisons.random: 'linear' cannot fill its masks",
    ],
    [
      'a comparison of an encoder that is not there',
      { vision: { ...vision, comparisons: { block: { ...block, encoders: ['nope'] } } } },
      "vision.comparisons.block.encoders: 'nope' is no label of vision.encoders: vit-tiny, convnet-tiny",
    ],
    [
      'a warm-up as long as the run of one encoder',
      { vision: { ...vision, optimization: { ...vision.optimization, warmupSteps: 4 } } },
      "vision.optimization: the warm-up of 'convnet-tiny' must be shorter than its run, got 4 of 4 steps",
    ],
    ['detection without images', { vision: undefined }, 'detection: needs vision'],
    [
      'detection on an encoder that is not there',
      { detection: { ...detection, encoder: 'nope' } },
      "detection.encoder: 'nope' is no label of vision.encoders",
    ],
    [
      'detection without blocks',
      { vision: { ...vision, comparisons: { random: { methods: [] } } } },
      'detection: needs vision.comparisons.block',
    ],
    [
      'an unknown method of detection',
      { detection: { ...detection, methods: ['liner'] } },
      "detection.methods: unknown method 'liner', expected one of linear",
    ],
    [
      'a size that patches do not tile',
      { detection: { ...detection, height: 36 } },
      'detection: 36×48 is not a whole number of patches of 8',
    ],
    ['sentences without text', { text: undefined }, 'sentences: needs text'],
    [
      'sentences on an encoder that is not there',
      { sentences: { ...sentences, encoder: 'nope' } },
      "sentences.encoder: 'nope' is no label of text.encoders",
    ],
    [
      'sentences by masks that are not there',
      { text: { ...text, comparisons: { span: { methods: [] } } } },
      "sentences.pretraining: text.comparisons has no 'random'",
    ],
    [
      'an unknown method of sentences',
      { sentences: { ...sentences, pretraining: { masking: 'random', method: 'liner' } } },
      "sentences.pretraining: unknown method 'liner'",
    ],
    [
      'a method of sentences that its masks do not suit',
      { sentences: { ...sentences, pretraining: { masking: 'random', method: 'linear' } } },
      "sentences.pretraining: 'linear' cannot fill the masks of 'random'",
    ],
  ])('tells %s', (_what, changes, message) => {
    expect(tell(changes)).toContain(message);
  });
});
