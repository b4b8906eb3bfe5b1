import { InputError } from '@qb-heat/core';
import { expect, it } from 'vitest';
import type { MaskOptions, TextModelOptions, TextPreset } from '../src/config.ts';
import {
  parseBertModelConfig,
  parseMask,
  parseTextModelConfig,
  textConvNetPresets,
  textPresets,
} from '../src/config.ts';

const sizes = { vocabSize: 100, length: 16 };

it.each(Object.entries(textPresets))('the preset %s makes a model', (_, preset) => {
  const config = parseTextModelConfig({ ...sizes, ...preset, fill: 'linear' });
  expect(config).toMatchObject({ ...sizes, ...preset, seed: 0, encoder: { positions: 'learned', dropoutRate: 0 } });
  expect(parseBertModelConfig({ ...sizes, ...preset, maskId: 4 }).keepSome).toBe(false);
});

it.each(Object.entries(textConvNetPresets))(
  'the convolutional preset %s makes a model of about the same size',
  (name, preset) => {
    const config = parseTextModelConfig({ ...sizes, ...preset, fill: 'linear' });
    expect(config.encoder).toEqual({ ...preset.encoder, kernelSize: 7, positions: 'none' });
    const { dim, depth } = textPresets[name as TextPreset].encoder;
    expect(config.encoder.dim).toBe(dim);
    // 8 dim² a block in place of 12.
    expect(config.encoder.depth * 8).toBe(depth * 12);
  },
);

it('an encoder of no kind is a transformer, and another kind is refused', () => {
  const encoder = { dim: 8, depth: 1, numHeads: 2 };
  const decoder = textPresets.nano.decoder;
  expect(parseTextModelConfig({ ...sizes, encoder, decoder, fill: 'zero' }).encoder.kind).toBe('transformer');
  const [mamba, even] = [
    { kind: 'mamba', dim: 8 },
    { kind: 'convnet', dim: 8, depth: 1, kernelSize: 4 },
  ].map((other) => () => parseTextModelConfig({ ...sizes, encoder: other, decoder, fill: 'zero' } as TextModelOptions));
  expect(mamba).toThrow(/^text model encoder\.kind: expected 'transformer' or 'convnet'/);
  expect(even).toThrow(/^text model encoder\.kernelSize: must be odd/);
});

it('a decoder turns its heads by their places unless told otherwise, and needs them even for it', () => {
  const encoder = { dim: 8, depth: 1, numHeads: 2 };
  const parse = (decoder: TextModelOptions['decoder']) => () =>
    parseTextModelConfig({ ...sizes, encoder, decoder, fill: 'zero' });
  expect(parse({ dim: 8, depth: 1, numHeads: 2 })().decoder.positions).toBe('rotary');
  expect(parse({ dim: 6, depth: 1, numHeads: 2 })).toThrow(
    /^text model decoder: rotary positions need heads of an even/,
  );
  expect(parse({ dim: 6, depth: 1, numHeads: 2, positions: 'sin-cos' })().decoder.positions).toBe('sin-cos');
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
