import { describe, expect, it } from 'vitest';
import { renderEngine, renderOperators } from '../../src/readme/measurement-sections.ts';
import type { Measurement } from '../../src/results/schema.ts';
import { makeResults } from '../fixtures/results.ts';

function operator(operation: string, pass: string, measured: Measurement): Measurement {
  return { operation, pass, grid: '8×8', dim: 192, batchSize: 128, ...measured };
}

function engine(name: string, threads: number, imagesPerSecond: number): Measurement {
  const stepMs = 128_000 / imagesPerSecond;
  return { workload: 'vit', engine: name, version: '1.0', threads, imagesPerSecond, stepMs, peakShare: 0.705 };
}

describe('renderOperators', () => {
  it('has a row for each operation and a column for each size, forward and backward', () => {
    const operators = [
      operator('stepwise', 'forward', { ratioToBareProduct: 9 }),
      operator('stepwise', 'forward + backward', { ratioToBareProduct: 1.52 }),
      operator('stepwise', 'forward + backward', { ratioToBareProduct: 1.61, dim: 512 }),
      operator('blockwise', 'forward + backward', { ratioToBareProduct: 1.43 }),
      operator('harmonic weights', 'forward', { ratioToBareProduct: null, shareOfTrainingStep: 0.0193 }),
    ];
    const section = renderOperators(makeResults({ operators }));
    expect(section).toContain('8×8, 192 channels, 128 samples | 8×8, 512 channels, 128 samples');
    expect(section).toMatch(/\| stepwise +\| +1\.52 \| +1\.61 \|/);
    expect(section).toMatch(/\| blockwise +\| +1\.43 \| +– \|/);
    expect(section).toMatch(/\| harmonic weights, forward +\| +8×8 \| +128 \| +1\.9 % \|/);
  });
});

describe('renderEngine', () => {
  it('holds every engine against PyTorch with as many threads, and says what was not measured', () => {
    const missing = { workload: 'vit', engine: 'wasm', threads: 2, imagesPerSecond: null, unavailable: 'too slow' };
    const section = renderEngine(
      makeResults({
        engine: [engine('onnxruntime', 1, 120), engine('pytorch', 1, 100), engine('onnxruntime', 2, 250), missing],
      }),
    );
    expect(section).toContain('**vit**, batches of 128');
    expect(section).toMatch(/\| onnxruntime 1\.0 +\| +1 \| +120 \| +70\.5 % \| +1\.2 \|/);
    expect(section).toMatch(/\| onnxruntime 1\.0 +\| +2 \| +250 \| +70\.5 % \| +– \|/);
    expect(section).toContain('- vit, wasm, 2: too slow');
  });
});
