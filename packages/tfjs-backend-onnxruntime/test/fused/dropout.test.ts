import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { dropout, stochasticDepth } from '../../src/fused/index.ts';
import type { OnnxruntimeBackend } from '../../src/index.ts';
import { backends, expectClose, useBackend } from './check-operation.ts';

const key = { seed: 7, step: 0 };

async function draw(seed: number, step: number): Promise<string> {
  const y = tf.tidy(() => dropout(tf.ones([64]), 0.5, { seed, step }));
  const values = await y.data();
  y.dispose();
  return values.join();
}

describe.each(backends)('random operations on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it('dropout zeroes about the given share and scales the rest', async () => {
    const y = await dropout(tf.ones([100, 100]), 0.25, key).data();
    const numDropped = y.filter((value) => value === 0).length;
    // The count has mean 2500 and deviation √(10⁴ · ¼ · ¾) = 43; five deviations either way.
    expect(Math.abs(numDropped - 2500)).toBeLessThan(217);
    expect(y.every((value) => value === 0 || Math.abs(value - 4 / 3) < 1e-6)).toBe(true);
  });

  it('dropout passes the gradient where it passed the value', async () => {
    const y = await dropout(tf.ones([50]), 0.5, key).data();
    await expectClose(tf.grad((x) => dropout(x, 0.5, key))(tf.ones([50])), y, 1e-6);
  });

  it('stochasticDepth zeroes or scales whole samples', async () => {
    const y = await stochasticDepth(tf.ones([200, 3]), 0.4, key).data();
    const perSample = Array.from({ length: 200 }, (_, i) => y.slice(3 * i, 3 * i + 3));
    for (const values of perSample) expect(new Set(values).size).toBe(1);
    const numDropped = perSample.filter(([value]) => value === 0).length;
    // mean 80, deviation √(200 · 0.4 · 0.6) = 7; five deviations either way
    expect(Math.abs(numDropped - 80)).toBeLessThan(35);
  });

  it('draws the same for the same seed and step, and anew for another of either', async () => {
    expect(await draw(7, 3)).toBe(await draw(7, 3));
    expect(await draw(7, 3)).not.toBe(await draw(7, 4));
    expect(await draw(7, 3)).not.toBe(await draw(8, 3));
  });

  it('leaves no tensor but its result', () => {
    const x = tf.ones([10]);
    const numBefore = tf.memory().numTensors;
    const y = dropout(x, 0.5, key);
    expect(tf.memory().numTensors).toBe(numBefore + 1);
    tf.dispose([x, y]);
  });

  it('names what it wanted and what it got', () => {
    expect(() => dropout(tf.ones([2]), 1, key)).toThrow('dropout: rate must be at least 0 and below 1, got 1');
    expect(() => stochasticDepth(tf.ones([2]), -0.1, key)).toThrow(
      'stochasticDepth: rate must be at least 0 and below 1, got -0.1',
    );
  });
});

describe('a new step', () => {
  it('compiles nothing', async () => {
    await useBackend('onnxruntime');
    const { statistics } = (tf.backend() as OnnxruntimeBackend).recorder;
    await draw(1, 0);
    const { numCompilations } = statistics;
    await draw(1, 1);
    expect(statistics.numCompilations).toBe(numCompilations);
  });
});
