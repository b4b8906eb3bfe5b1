import { InputError } from '@qb-heat/core';
import { expect, it } from 'vitest';
import type { MaskOptions, TextModelOptions } from '../src/config.ts';
import { parseBertModelConfig, parseMask, parseTextModelConfig, textPresets } from '../src/config.ts';

const sizes = { vocabSize: 100, length: 16 };

it.each(Object.entries(textPresets))('the preset %s makes a model', (_, preset) => {
  const config = parseTextModelConfig({ ...sizes, ...preset, fill: 'linear' });
  expect(config).toMatchObject({ ...sizes, ...preset, seed: 0, encoder: { positions: 'learned', dropoutRate: 0 } });
  expect(parseBertModelConfig({ ...sizes, ...preset, maskId: 4 }).keepSome).toBe(false);
});

it('masks have the defaults of their papers', () => {
  expect(parseMask({ kind: 'tokens' })).toEqual({ kind: 'tokens', maskRatio: 0.15 });
  expect(parseMask({ kind: 'spans' })).toEqual({ kind: 'spans', maskRatio: 0.15, meanLength: 5 });
  expect(parseMask({ kind: 'window' })).toEqual({ kind: 'window', visibleRatio: 0.5, position: 'random' });
});

it.each([
  [{ kind: 'blocks' }, /^mask kind: /],
  [{ kind: 'tokens', maskRatio: 1 }, /^mask maskRatio: /],
  [{ kind: 'window', position: 'left' }, /^mask position: .*center/],
  [{ kind: 'spans', meanLength: 0 }, /^mask meanLength: /],
  [{ kind: 'tokens', ratio: 0.5 }, /^mask: .*ratio/],
])('refuses the mask %j and names the field', (options, message) => {
  expect(() => parseMask(options as MaskOptions)).toThrow(InputError);
  expect(() => parseMask(options as MaskOptions)).toThrow(message);
});

it('refuses fields of models by their path', () => {
  const options = { ...sizes, ...textPresets.nano, encoder: { dim: 8, depth: -1, numHeads: 2 }, fill: 'zero' };
  expect(() => parseTextModelConfig(options as TextModelOptions)).toThrow(/^text model encoder\.depth: /);
});
