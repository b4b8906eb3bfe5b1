import { describe, expect, it } from 'vitest';
import { minimizeLbfgs } from '../../src/probes/lbfgs.ts';
import type { Evaluation } from '../../src/probes/lbfgs.ts';

/** Σ cᵢ (xᵢ − i)² / 2, whose minimum is at (0, 1, 2, …). */
const bowl =
  (curvatures: number[]) =>
  async (point: Float64Array): Promise<Evaluation> => {
    const deviations = point.map((x, index) => x - index);
    const gradient = deviations.map((deviation, index) => (curvatures[index] as number) * deviation);
    return { value: gradient.reduce((sum, g, index) => sum + (g * (deviations[index] as number)) / 2, 0), gradient };
  };

async function rosenbrock(point: Float64Array): Promise<Evaluation> {
  const [x, y] = point as unknown as [number, number];
  const gradient = Float64Array.of(2 * (x - 1) - 400 * x * (y - x * x), 200 * (y - x * x));
  return { value: (1 - x) ** 2 + 100 * (y - x * x) ** 2, gradient };
}

/** x/4 − ln x, with its minimum at 4; not defined from 0 down. */
async function barrier([x]: Float64Array): Promise<Evaluation> {
  const value = (x as number) / 4 - Math.log(x as number);
  return { value, gradient: Float64Array.of(0.25 - 1 / (x as number)) };
}

/** A gradient that points nowhere, as noise makes it. */
async function flat(): Promise<Evaluation> {
  return { value: 1, gradient: Float64Array.of(1) };
}

describe('minimizeLbfgs', () => {
  it('finds the bottom of a bowl a thousand times steeper one way than another, in few evaluations', async () => {
    const { point, value, numEvaluations } = await minimizeLbfgs(bowl([1, 1000, 30, 5]), new Float64Array(4), {
      tolerance: 1e-8,
    });
    for (const [index, x] of point.entries()) expect(x).toBeCloseTo(index, 7);
    expect(value).toBeCloseTo(0, 12);
    // Steepest descent would need thousands.
    expect(numEvaluations).toBeLessThan(40);
  });

  it('follows the curved valley of Rosenbrock', async () => {
    const { point } = await minimizeLbfgs(rosenbrock, Float64Array.of(-1.2, 1), { tolerance: 1e-8 });
    expect(point[0]).toBeCloseTo(1, 6);
    expect(point[1]).toBeCloseTo(1, 6);
  });

  it('steps back from where the function is not defined', async () => {
    expect((await minimizeLbfgs(barrier, Float64Array.of(0.1))).point[0]).toBeCloseTo(4, 2);
    expect((await minimizeLbfgs(barrier, Float64Array.of(100))).point[0]).toBeCloseTo(4, 2);
  });

  it('starts and ends at a minimum with one evaluation', async () => {
    expect(await minimizeLbfgs(bowl([2, 3]), Float64Array.of(0, 1))).toMatchObject({ numEvaluations: 1, value: 0 });
  });

  it('ends when there is no decrease to be had', async () => {
    expect((await minimizeLbfgs(flat, Float64Array.of(0))).point).toEqual(Float64Array.of(0));
  });

  it('ends after the iterations that it is given', async () => {
    const { numEvaluations } = await minimizeLbfgs(bowl([1, 1000]), new Float64Array(2), { maxIterations: 2 });
    expect(numEvaluations).toBeLessThan(15);
  });
});
