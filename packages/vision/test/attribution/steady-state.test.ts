import { createRandom } from '@qb-heat/training';
import { expect, test } from 'vitest';
import { steadyState } from '../../src/attribution/steady-state.ts';

const grid = { height: 6, width: 7 };

function randomMap(seed: number): Float32Array {
  return createRandom(seed).uniforms(42);
}

test('held are the border and the hottest cells inside', async () => {
  const map = Float32Array.from({ length: 42 }, (_, i) => (i % 7) + Math.floor(i / 7));
  const { held, values } = await steadyState(map, grid, 0.05);
  const border = [...map.keys()].filter((i) => i % 7 === 0 || i % 7 === 6 || i < 7 || i >= 35);
  // 5 % of 42 are two: of the inside, column 5 of row 4, and one of its two neighbours, the first.
  const isHeld = [...held.keys()].filter((i) => held[i] === 1);
  expect(isHeld).toEqual([...border, 4 * 7 + 5, 3 * 7 + 5].toSorted((a, b) => a - b));
  for (const cell of isHeld) expect(values[cell]).toBeCloseTo(map[cell]!, 5);
});

test('elsewhere each cell is the mean of its four neighbours, so that no inner cell is an extreme', async () => {
  const map = randomMap(1);
  const { held, values } = await steadyState(map, grid);
  for (let cell = 0; cell < 42; cell++) {
    if (held[cell] === 1) continue;
    const mean = (values[cell - 1]! + values[cell + 1]! + values[cell - 7]! + values[cell + 7]!) / 4;
    expect(values[cell]).toBeCloseTo(mean, 5);
  }
});

test('a map that is harmonic already is its own steady state', async () => {
  // x y and x² − y² are harmonic on the grid, too.
  const map = Float32Array.from({ length: 42 }, (_, i) => {
    const [x, y] = [(i % 7) - 3, Math.floor(i / 7) - 2];
    return x * y + 0.5 * (x * x - y * y);
  });
  const { values, correlation } = await steadyState(map, grid);
  map.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 4));
  expect(correlation).toBeCloseTo(1, 5);
});

test('the correlation is over the free cells alone, and of an even map there is none', async () => {
  const map = randomMap(2);
  const { values, held, correlation } = await steadyState(map, grid);
  const free = [...map.keys()].filter((cell) => held[cell] === 0);
  const mean = (of: Float32Array) => free.reduce((sum, cell) => sum + of[cell]!, 0) / free.length;
  const product = (a: Float32Array, b: Float32Array) =>
    free.reduce((sum, cell) => sum + (a[cell]! - mean(a)) * (b[cell]! - mean(b)), 0);
  expect(correlation).toBeCloseTo(product(map, values) / Math.sqrt(product(map, map) * product(values, values)), 6);
  expect(Math.abs(correlation)).toBeLessThan(0.95);
  expect((await steadyState(new Float32Array(42), grid)).correlation).toBeNaN();
});

test('a map without an inside is refused', async () => {
  await expect(steadyState(new Float32Array(14), { height: 2, width: 7 })).rejects.toThrow('at least 3×3 cells');
  await expect(steadyState(new Float32Array(14), { height: 3, width: 3 })).rejects.toThrow('got 14 for 3×3');
});
