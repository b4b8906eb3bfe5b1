import { describe, expect, it } from 'vitest';
import {
  formatCount,
  formatDifference,
  formatDuration,
  formatFieldName,
  formatMean,
  formatNumber,
  formatSigned,
} from '../../src/results/format.ts';

describe('formatDuration', () => {
  it.each([
    [0, '0.0 s'],
    [9_940, '9.9 s'],
    [9_960, '10 s'],
    [59_400, '59 s'],
    [59_600, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [3_599_600, '1 h 00 min'],
    [15_000_000, '4 h 10 min'],
  ])('writes %d ms as %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });
});

describe('formatSigned', () => {
  it.each([
    [0.0123, '+0.012'],
    [-0.0123, '−0.012'],
    [-0.0001, '0.000'],
  ])('writes %d as %s', (value, text) => {
    expect(formatSigned(value, 3)).toBe(text);
  });
});

describe('formatNumber', () => {
  it.each([
    [1_234_567, '1,234,567'],
    [1234.5, '1,235'],
    [12.345, '12.3'],
    [0.00123456, '0.00123'],
    [2.5, '2.5'],
    [100.2, '100'],
    [999.4, '999'],
    [999.7, '1,000'],
    [-999.7, '-1,000'],
  ])('writes %d as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});

it('writes a mean with half its interval, and alone without one', () => {
  expect(formatMean(0.5, { low: 0.4, high: 0.6 }, 2)).toBe('0.50 ± 0.10');
  expect(formatMean(0.5, null, 2)).toBe('0.50');
});

it('writes a difference with its interval, or why there is none', () => {
  const interval = { low: -0.01, high: 0.03 };
  expect(formatDifference({ meanDifference: 0.01, n: 2, interval }, 2)).toBe('+0.01 (−0.01 to +0.03)');
  expect(formatDifference({ meanDifference: 0.01, n: 1, interval: null }, 2)).toBe('+0.01 (one seed)');
  expect(formatDifference({ meanDifference: 0.01, n: 2, interval: null }, 2)).toBe('+0.01 (equal in all seeds)');
});

it('writes field names as words and counts with their noun', () => {
  expect(formatFieldName('ratioToProduct')).toBe('ratio to product');
  expect([formatCount(1, 'seed'), formatCount(3, 'seed')]).toEqual(['1 seed', '3 seeds']);
});
