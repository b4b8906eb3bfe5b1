import { maskedIndices } from '@qb-heat/core';
import type { Visibility } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, it } from 'vitest';
import type { DecoderPositionKind } from '../src/text-decoder.ts';
import { decoderPositionKinds, TextDecoder } from '../src/text-decoder.ts';

const [batchSize, length, featureDim] = [2, 6, 8];
const random = createRandom(2);
const create = (positions: DecoderPositionKind) =>
  new TextDecoder({ length, featureDim, dim: 4, depth: 1, numHeads: 2, positions, random: createRandom(1) });
const decoders = { 'sin-cos': create('sin-cos'), rotary: create('rotary') };
const features = tf.tensor3d(random.normals(batchSize * length * featureDim), [batchSize, length, featureDim]);
afterAll(() => {
  Object.values(decoders).forEach((decoder) => decoder.dispose());
  features.dispose();
});

const grid = { height: 1, width: length };
const see = (...indices: number[]): Visibility => ({
  kind: 'scattered',
  grid,
  batchSize,
  numVisible: indices.length / batchSize,
  indices: Int32Array.from(indices),
});
const decode = (kind: DecoderPositionKind, x: tf.Tensor3D, visibility: Visibility, padding?: tf.Tensor2D): number[][] =>
  tf.tidy(() => decoders[kind].apply(x, visibility, padding).arraySync());

describe.each(decoderPositionKinds)('with %s positions', (kind) => {
  it('gives a row for each masked position, sample after sample', () => {
    const some = see(0, 2, 4, 1, 3, 5);
    const others = see(0, 1, 3, 0, 2, 3);
    const [first, second] = [decode(kind, features, some), decode(kind, features, others)];
    // Positions 5 of sample 0 and 4 of sample 1 are masked in both.
    expect([...maskedIndices(some)]).toEqual([1, 3, 5, 0, 2, 4]);
    expect([...maskedIndices(others)]).toEqual([2, 4, 5, 1, 4, 5]);
    for (const [row, other] of [
      [2, 2],
      [5, 4],
    ] as const) {
      first[row]!.forEach((value, token) => expect(value).toBeCloseTo(second[other]![token]!, 5));
    }
  });

  it('tells positions of equal features apart', () => {
    const [first, second] = decode(kind, tf.onesLike(features), see(0, 1, 2, 3, 0, 1, 2, 3));
    expect(first!.some((value, channel) => Math.abs(value - second![channel]!) > 1e-4)).toBe(true);
  });

  it('lets no padding into the rows of the others', () => {
    const padding = tf.tensor2d([0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1], [batchSize, length]);
    const noise = tf.mul<tf.Tensor3D>(padding.expandDims(2), 5);
    const visibility = see(0, 4, 5, 0, 4, 5);
    const [clean, noisy] = [features, tf.add<tf.Tensor3D>(features, noise)].map((x) =>
      decode(kind, x, visibility, padding),
    );
    clean!.forEach((row, index) => row.forEach((value, token) => expect(value).toBeCloseTo(noisy![index]![token]!, 4)));
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    decode(kind, features, see(0, 2, 4, 1, 3, 5));
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('turns queries and keys by their places where it is rotary, and has the same weights', () => {
  const visibility = see(0, 2, 4, 1, 3, 5);
  const [added, turned] = [decode('sin-cos', features, visibility), decode('rotary', features, visibility)];
  expect(Math.max(...added.flat().map((value, i) => Math.abs(value - turned.flat()[i]!)))).toBeGreaterThan(1e-3);
  expect([...decoders.rotary.parameters.keys()]).toEqual([...decoders['sin-cos'].parameters.keys()]);
});
