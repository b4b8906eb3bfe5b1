import { describe, expect, it } from 'vitest';
import { toRecord, unavailableRecord } from '../../../src/experiments/engine/engine-record.ts';

const key = { workload: 'vit', engine: 'onnxruntime', threads: 2 } as const;

describe('toRecord', () => {
  it('derives rates from the median step', () => {
    const record = toRecord(
      key,
      { flops: 8e9, batchSize: 128 },
      {
        version: '1',
        stepMs: [100, 200, 90],
        firstStepMs: 350,
        javascriptMs: [5, 9, 4],
        peakGflops: 160,
        peakRssMiB: 900,
        loss: 1,
      },
    );
    // 128 images and 8 GFLOP in 100 ms
    expect(record).toMatchObject({
      imagesPerSecond: 1280,
      stepMs: 100,
      fastestStepMs: 90,
      slowestStepMs: 200,
      numSteps: 3,
      gflops: 80,
      peakShare: 0.5,
      javascriptMs: 5,
      firstStepExtraMs: 250,
      unavailable: null,
    });
  });

  it('has the same columns with and without a measurement', () => {
    const measured = { version: '1', stepMs: [1], firstStepMs: 1, peakGflops: 1, peakRssMiB: 1, loss: 1 };
    const record = toRecord(key, { flops: 1, batchSize: 1 }, { ...measured, javascriptMs: null });
    const missing = unavailableRecord(key, 'not installed');
    expect(Object.keys(missing).toSorted()).toEqual(Object.keys(record).toSorted());
    expect(missing.unavailable).toBe('not installed');
  });
});
