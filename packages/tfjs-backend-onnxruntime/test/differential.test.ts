import * as tf from '@tensorflow/tfjs';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import '../src/index.ts';
import { evaluate, type RandomProgram, randomPrograms } from './random-program.ts';

const TOLERANCE = 2e-4;
// Fixed, since where two values tie, rounding decides which of them a gradient goes to.
const SEED = 20_221;

beforeAll(() => {
  tf.env().set('IS_TEST', true);
});

async function evaluateOn(backend: string, program: RandomProgram): Promise<number[][]> {
  await tf.setBackend(backend);
  return evaluate(program);
}

describe('random programs with gradients', () => {
  it('agree with the cpu backend', async () => {
    const property = fc.asyncProperty(randomPrograms, async (program) => {
      const expected = await evaluateOn('cpu', program);
      const actual = await evaluateOn('onnxruntime', program);
      for (const [i, values] of expected.entries()) {
        for (const [j, value] of values.entries()) {
          expect(Math.abs(actual[i]![j]! - value)).toBeLessThanOrEqual(TOLERANCE * (1 + Math.abs(value)));
        }
      }
    });
    await fc.assert(property, { numRuns: 100, seed: SEED, endOnFailure: true });
  });
});
