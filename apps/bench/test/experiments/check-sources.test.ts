import { InputError } from '@qb-heat/core';
import { describe, expect, it } from 'vitest';
import { checkSources } from '../../src/experiments/check-sources.ts';
import type { DataSources } from '../../src/experiments/data-sources.ts';
import { presetExperiments } from '../../src/experiments/presets/index.ts';
import { makeTiny } from '../fixtures/tiny-experiments.ts';

const none: DataSources = { images: [], detection: null, text: [], probeText: [], tokenizer: null };
const given = { path: '/data', given: 'data' };
const text = { ...given, textColumn: null, labelColumn: null, encoding: null };
const { vision: _vision, ...onlyText } = makeTiny();
const { text: _text, ...onlyVision } = makeTiny();

describe('checkSources', () => {
  it('takes data that is read', () => {
    expect(() => checkSources({ ...none, images: [given], text: [text], tokenizer: given }, makeTiny())).not.toThrow();
    expect(() => checkSources({ ...none, detection: given }, presetExperiments('standard'))).not.toThrow();
    expect(() => checkSources(none, onlyText)).not.toThrow();
  });

  it.each<[string, Partial<DataSources>, typeof onlyText, string]>([
    ['images', { images: [given] }, onlyText, '--images has no effect: tiny has no vision experiment'],
    ['boxes', { detection: given }, makeTiny(), '--detection has no effect: tiny has no detection experiment'],
    ['text', { text: [text] }, onlyVision, '--text has no effect: tiny has no text experiment'],
    ['a tokenizer', { tokenizer: given }, onlyVision, '--tokenizer has no effect: tiny has no text experiment'],
  ])('refuses %s that nothing reads', (_what, sources, experiments, message) => {
    const check = () => checkSources({ ...none, ...sources }, experiments);
    expect(check).toThrow(InputError);
    expect(check).toThrow(message);
  });
});
