import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { chooseBackend, formatBackend } from '../../src/backend/choose.ts';
import { describeBackends } from '../../src/backend/describe.ts';

describe('chooseBackend', () => {
  it('sets a named backend and tells its version and threads', async () => {
    const choice = await chooseBackend('wasm');
    expect(tf.getBackend()).toBe('wasm');
    expect(choice).toEqual({ name: 'wasm', version: '4.22.0', device: 'cpu', threads: 1, reason: 'as asked' });
  });

  it('passes the number of threads on', async () => {
    expect(await chooseBackend('onnxruntime', { threads: 2 })).toMatchObject({ name: 'onnxruntime', threads: 2 });
    expect(tf.getBackend()).toBe('onnxruntime');
  });

  it('leaves the tensors of a backend that is chosen again', async () => {
    await chooseBackend('onnxruntime', { threads: 1 });
    const x = tf.tidy(() => tf.add(tf.tensor1d([1, 2]), 1));
    await chooseBackend('onnxruntime', { threads: 1 });
    expect(x.dataSync()).toEqual(Float32Array.of(2, 3));
    x.dispose();
  });

  it('computes on what it chose', async () => {
    for (const name of ['onnxruntime', 'wasm', 'cpu']) {
      await chooseBackend(name);
      const sum = tf.tidy(() => tf.sum(tf.tensor1d([1, 2, 3])).dataSync()[0]);
      expect([tf.getBackend(), sum]).toEqual([name, 6]);
    }
  });

  it('takes with auto what the description ranks first, and says why not better', async () => {
    const { chosen, backends } = await describeBackends();
    expect(tf.getBackend()).toBe(chosen.name);
    const choice = await chooseBackend('auto');
    expect(choice.name).toBe(chosen.name);
    expect(tf.getBackend()).toBe(chosen.name);
    expect(choice.reason).not.toBe('');
    expect(new Set(backends.map(({ name }) => name)).size).toBe(4);
    expect(backends.at(-1)).toMatchObject({ name: 'cpu', isUsable: true });
  });

  it.each([
    ['gpu', {}, 'chooseBackend: backend must be one of auto, onnxruntime, tensorflow, wasm, cpu, got gpu'],
    ['auto', { threads: 0 }, 'chooseBackend: threads must be a whole number from 1, got 0'],
    ['cpu', { threads: 2 }, 'chooseBackend: cpu has one thread in Node, got threads 2; use onnxruntime'],
  ])('refuses %s with %o', async (name, options, message) => {
    await expect(chooseBackend(name, options)).rejects.toThrow(new InputError(message));
  });
});

it('formatBackend fits into one line', () => {
  const choice = { name: 'wasm', version: '4.22.0', device: 'cpu', threads: 1, reason: 'as asked' } as const;
  expect(formatBackend(choice)).toBe('backend wasm 4.22.0 on 1 CPU thread: as asked');
  expect(formatBackend({ ...choice, name: 'tensorflow', device: 'gpu', threads: 8 })).toBe(
    'backend tensorflow 4.22.0 on the GPU: as asked',
  );
});
