import { describe, expect, it } from 'vitest';
import { constantRate, warmupCosine } from '../src/schedule.ts';

describe('warmupCosine', () => {
  it('rises in a line, then falls by half a cosine', () => {
    const schedule = warmupCosine({ peak: 8, numSteps: 8, warmupSteps: 4, final: 2 });
    const rates = Array.from({ length: 8 }, (_, step) => schedule(step));
    // Rise: 8 · (1, 2, 3, 4) / 4. Fall: 2 + 6 · (1 + cos(π k / 4)) / 2 for k = 0 … 3.
    const expected = [2, 4, 6, 8, 8, 2 + 3 * (1 + Math.SQRT1_2), 5, 2 + 3 * (1 - Math.SQRT1_2)];
    for (const [step, rate] of rates.entries()) expect(rate).toBeCloseTo(expected[step] as number, 12);
  });

  it('stays at the final rate past the end', () => {
    const schedule = warmupCosine({ peak: 1, numSteps: 10, warmupSteps: 0, final: 0.25 });
    expect([schedule(0), schedule(10), schedule(50)]).toEqual([1, 0.25, 0.25]);
  });

  it('refuses a warm-up that does not end within the run, and rates that do not fall', () => {
    expect(() => warmupCosine({ peak: 1, numSteps: 10, warmupSteps: 10 })).toThrow(
      'warmupCosine: warm-up must be shorter than the run, got 10 of 10 steps',
    );
    expect(() => warmupCosine({ peak: 1, numSteps: 10, warmupSteps: 1, final: 2 })).toThrow(
      'warmupCosine: rates must satisfy 0 <= final <= peak and peak > 0, got 2 and 1',
    );
  });
});

it('constantRate is the same at every step', () => {
  expect([0, 1, 99].map(constantRate(3e-4))).toEqual([3e-4, 3e-4, 3e-4]);
});
