import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EncoderDescription } from '../../src/experiments/description.ts';
import { openTextData } from '../../src/experiments/text/data.ts';
import { createTextSuite } from '../../src/experiments/text/suite.ts';
import { openVisionData } from '../../src/experiments/vision/data.ts';
import { createVisionSuite } from '../../src/experiments/vision/suite.ts';
import { presetExperiments, presetNames } from '../../src/experiments/presets/index.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** The same encoders, with other sizes. */
function shrink(encoders: Readonly<Record<string, EncoderDescription>>, sizes: object) {
  return Object.fromEntries(
    Object.entries(encoders).map(([label, { options }]) => [label, { options: { ...options, ...sizes } }]),
  );
}

describe.each(presetNames)('the preset %s', (name) => {
  const { vision, text, detection, sentences, seeds } = presetExperiments(name);

  it('has models that can be built', async () => {
    // On a little data, and of the least size: making the suites builds each model once, and throws where one cannot be.
    const small = { numTrain: 300, numTest: 300 };
    const pictured = { ...vision!, ...small, encoders: shrink(vision!.encoders, { preset: 'atto' }) };
    const images = createVisionSuite(await openVisionData(null, pictured), pictured, [0]);
    expect(images.cells.length).toBeGreaterThan(0);
    const sources = { images: [], detection: null, text: [], probeText: [], tokenizer: null };
    const encoders = shrink(text!.encoders, { dim: 32, depth: 1 });
    const settings = { ...text!, ...small, numTrain: 600, encoders, vocabSize: 300 };
    expect(createTextSuite(await openTextData(sources, settings), settings, [0]).cells.length).toBeGreaterThan(0);
  }, 120_000);

  it('takes encoders that it describes for detection and sentences', () => {
    if (detection !== undefined) expect(Object.keys(vision!.encoders)).toContain(detection.encoder);
    if (sentences !== undefined) expect(Object.keys(text!.encoders)).toContain(sentences.encoder);
  });

  it('has seeds enough for an interval where it means to answer', () => {
    expect(seeds).toBe({ smoke: 1, quick: 1, standard: 3, full: 5 }[name]);
  });
});
