import * as tf from '@tensorflow/tfjs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { configureOnnxruntime } from '../src/index.ts';

beforeAll(() => {
  tf.env().set('IS_TEST', true);
});

afterEach(() => {
  configureOnnxruntime({});
});

async function computeSomething(): Promise<number[]> {
  await tf.setBackend('onnxruntime');
  return [...tf.tidy(() => tf.tensor1d([1, 2]).add(1).dataSync())];
}

describe('configureOnnxruntime', () => {
  it.each([
    [{ threads: 0 }, 'threads must be an integer of at least 1, got 0'],
    [{ cacheSize: 1.5 }, 'cacheSize must be an integer of at least 1, got 1.5'],
    [{ maxCachedBytes: -1 }, 'maxCachedBytes must be an integer of at least 0, got -1'],
    [{ maxPooledBytes: -1 }, 'maxPooledBytes must be an integer of at least 0, got -1'],
    [{ executionProviders: ['gpu' as 'cuda'] }, 'executionProviders must be among cpu, webgpu'],
  ])('refuses %j', (options, message) => {
    expect(() => configureOnnxruntime(options)).toThrow(message);
  });

  it('says in one line that an execution provider is not available, and takes the next', async () => {
    const lines: string[] = [];
    configureOnnxruntime({ executionProviders: ['dml', 'coreml', 'cpu'], log: (line) => lines.push(line) });
    expect(await computeSomething()).toEqual([2, 3]);
    const missing = ['dml', 'coreml'].filter((name) => lines.some((line) => line.includes(name)));
    // At most one of the two exists on any platform.
    expect(missing.length).toBeGreaterThanOrEqual(1);
    for (const line of lines) expect(line.split('\n')).toHaveLength(1);
  });

  it('names each kernel that runs on a CPU kernel of tfjs once', async () => {
    const lines: string[] = [];
    configureOnnxruntime({ debugLog: (line) => lines.push(line) });
    await tf.setBackend('onnxruntime');
    for (let i = 0; i < 2; i++) tf.tidy(() => tf.tensor1d([1, 2]).cumprod().dataSync());
    expect(lines).toEqual(["onnxruntime: Cumprod runs on tfjs's CPU kernel"]);
  });

  it('writes a profile of each graph where it is told to', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'onnxruntime-profile-'));
    configureOnnxruntime({ profilePrefix: path.join(folder, 'trace') });
    expect(await computeSomething()).toEqual([2, 3]);
    // The traces are written when the sessions are closed.
    configureOnnxruntime({});
    const files = await readdir(folder);
    expect(files).toHaveLength(1);
    const events = JSON.parse(await readFile(path.join(folder, files[0]!), 'utf8')) as {
      args?: { op_name?: string };
    }[];
    expect(events.map(({ args }) => args?.op_name)).toContain('Add');
    await rm(folder, { recursive: true });
  });
});
