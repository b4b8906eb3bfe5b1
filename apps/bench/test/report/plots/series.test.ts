import { describe, expect, it } from 'vitest';
import { averageCurves, thinBand } from '../../../src/report/plots/series.ts';

describe('averageCurves', () => {
  it('gives mean, lowest and highest at each x, in order of x', () => {
    const first = [
      { x: 10, y: 4 },
      { x: 0, y: 1 },
    ];
    const second = [
      { x: 0, y: 3 },
      { x: 10, y: 8 },
    ];
    expect(averageCurves([first, second])).toEqual([
      { x: 0, mean: 2, low: 1, high: 3, n: 2 },
      { x: 10, mean: 6, low: 4, high: 8, n: 2 },
    ]);
  });

  it('takes what there is where a seed has no value or none that is finite', () => {
    const curves = [
      [
        { x: 0, y: 1 },
        { x: 1, y: 2 },
      ],
      [
        { x: 0, y: 5 },
        { x: 1, y: Number.NaN },
      ],
    ];
    expect(averageCurves(curves).map(({ mean, n }) => [mean, n])).toEqual([
      [3, 2],
      [2, 1],
    ]);
    expect(averageCurves([])).toEqual([]);
  });
});

describe('thinBand', () => {
  const long = averageCurves([Array.from({ length: 1001 }, (_, x) => ({ x, y: x }))]);

  it('leaves short curves as they are', () => {
    expect(thinBand(long.slice(0, 100), 100)).toEqual(long.slice(0, 100));
  });

  it('cuts long ones to means over equal bins, and keeps the last place', () => {
    const thin = thinBand(long, 100);
    // 1,001 points in bins of 11: 91 bins, the last of which is whole.
    expect(thin).toHaveLength(91);
    expect(thin[0]).toEqual({ x: 10, mean: 5, low: 5, high: 5, n: 1 });
    expect(thin.at(-1)?.x).toBe(1000);
  });
});
