import { InputError } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { drawBeta, drawMixture, mix } from '../../src/probes/mixup.ts';

it.each([0.1, 0.2, 1, 4])('draws Beta(α, α) of α = %d by its mean and variance', (alpha) => {
  const random = createRandom(1);
  const draws = Array.from({ length: 20_000 }, () => drawBeta(alpha, random));
  expect(draws.every((draw) => draw >= 0 && draw <= 1)).toBe(true);
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
  const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length;
  expect(mean).toBeCloseTo(0.5, 1.5);
  expect(variance / (1 / (4 * (2 * alpha + 1)))).toBeCloseTo(1, 1);
});

it('is uniform for α = 1, down to the quartiles', () => {
  const random = createRandom(2);
  const draws = Array.from({ length: 20_000 }, () => drawBeta(1, random));
  expect(draws.filter((draw) => draw < 0.25).length / draws.length).toBeCloseTo(0.25, 1.5);
});

it('pairs each sample with another of a permutation, alike for the same stream', () => {
  const { partners, shares } = drawMixture(8, 0.5, createRandom(3));
  expect([...partners].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(shares).toHaveLength(8);
  expect(drawMixture(8, 0.5, createRandom(3))).toEqual({ partners, shares });
});

it('adds the share of a sample and the rest of its partner', () => {
  const x = tf.tensor3d([1, 2, 3, 10, 20, 30], [2, 1, 3]);
  const mixed = mix(x, { partners: Int32Array.of(1, 0), shares: Float32Array.of(0.75, 1) });
  // 0.75 · (1, 2, 3) + 0.25 · (10, 20, 30), and the second as it is.
  expect([...mixed.dataSync()]).toEqual([3.25, 6.5, 9.75, 10, 20, 30]);
  expect(mixed.shape).toEqual([2, 1, 3]);
  tf.dispose([x, mixed]);
});

it('refuses an α that is no positive number', () => {
  expect(() => drawBeta(0, createRandom(1))).toThrow(InputError);
  expect(() => drawBeta(0, createRandom(1))).toThrow(/mixup: alpha must be positive, got 0/);
});
