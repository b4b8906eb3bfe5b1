import { InputError } from '@qb-heat/core';
import { expect, test } from 'vitest';
import { parseModelOptions } from '../src/config.ts';
import { MaskedImageModel } from '../src/index.ts';
import { tinyImage, tinyOptions } from './models.ts';

test('what is not given has a default', () => {
  expect(parseModelOptions({ image: tinyImage })).toMatchObject({
    patchSize: 4,
    encoder: { kind: 'vit', preset: 'femto' },
    mask: { kind: 'block', position: 'center' },
    fill: 'linear',
    target: 'pixels',
    lossOn: 'masked',
    seed: 0,
  });
});

test('a parsed configuration parses to itself, so that a checkpoint builds the same model', () => {
  const config = parseModelOptions({
    ...tinyOptions,
    encoder: { kind: 'convnet' },
    mask: { kind: 'block', height: 1 },
  });
  expect(parseModelOptions(JSON.parse(JSON.stringify(config)))).toEqual(config);
});

test.each([
  ['an unknown option', { decodr: {} }, "MaskedImageModel: unknown option 'decodr'"],
  ['an unknown option within', { decoder: { dept: 1 } }, "MaskedImageModel: decoder: unknown option 'dept'"],
  [
    'a number out of range',
    { decoder: { dim: 0 } },
    'MaskedImageModel: decoder.dim: Too small: expected number to be >=1, got 0',
  ],
  [
    'an unknown encoder',
    { encoder: { kind: 'resnet' } },
    "MaskedImageModel: encoder.kind: expected 'vit', 'convnet' or 'mobile-former'",
  ],
  [
    'an unknown preset',
    { encoder: { kind: 'vit', preset: 'huge' } },
    'MaskedImageModel: encoder.preset: Invalid option',
  ],
  [
    'an unknown mask',
    { mask: { kind: 'stripes' } },
    "MaskedImageModel: mask.kind: expected 'block', 'random' or 'none'",
  ],
  [
    'an unknown position',
    { mask: { kind: 'block', position: 'middle' } },
    'MaskedImageModel: mask.position: Invalid option',
  ],
  [
    'an even window',
    { encoder: { kind: 'convnet', kernelSize: 4 } },
    'MaskedImageModel: encoder.kernelSize: must be odd, got 4',
  ],
  ['a fill without a name', { fill: { scheme: 'euler' } }, 'MaskedImageModel: fill: must be a name or { name, … }'],
  ['an unknown fill', { fill: 'magic' }, 'createFill: fill must be'],
  [
    'a fill option that it has not',
    { fill: { name: 'zero', scheme: 'euler' } },
    "createFill: fill 'zero' has no option 'scheme'",
  ],
  [
    'heads that do not divide',
    { encoder: { kind: 'vit', dim: 16, numHeads: 3 } },
    'encoder.numHeads must divide dim, got 3 for 16',
  ],
  [
    'decoder heads that do not divide',
    { decoder: { dim: 16, numHeads: 3 } },
    'decoder.numHeads must divide dim, got 3 for 16',
  ],
  [
    'patches that do not tile',
    { patchSize: 3 },
    "patchGrid: patchSize must divide the image's height and width, got 3 for 8×8",
  ],
  [
    'a block that does not fit',
    { mask: { kind: 'block', height: 5 } },
    'mask.height: a block of 5×2 patches does not fit the grid of 4×4',
  ],
  [
    'a convnet on random patches',
    { encoder: { kind: 'convnet' }, mask: { kind: 'random' }, fill: 'zero' },
    "encoder 'convnet' needs a visible block",
  ],
  [
    'a hybrid on random patches',
    { encoder: { kind: 'mobile-former' }, mask: { kind: 'random' }, fill: 'zero' },
    "encoder 'mobile-former' needs a visible block",
  ],
  ['a fill for sequences', { fill: 'least-squares' }, "fill 'least-squares' is for sequences"],
  ['a walk from random patches', { mask: { kind: 'random' }, fill: 'linear' }, "fill 'linear' needs a visible block"],
  [
    'means of another number of channels',
    { image: { ...tinyImage, numChannels: 1 } },
    'image.normalization must hold 1 means and deviations',
  ],
])('%s is refused by name', (_, changes, message) => {
  const build = () => new MaskedImageModel({ ...tinyOptions, ...changes } as never);
  expect(build).toThrow(InputError);
  expect(build).toThrow(message);
});
