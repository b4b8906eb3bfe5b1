import { InputError, anisotropy, eigenvalues } from '@qb-heat/core';
import type { Parameters } from '@qb-heat/core';
import type * as tf from '@tensorflow/tfjs';

/** The generators along x and along y that a linear fill has, by the names of its parameters: tied, else free. */
const axisPairs = [
  ['x', 'y'],
  ['right', 'down'],
] as const;

/**
 * Eigenvalues of S = −A² (B²)⁻¹, the anisotropy of z_xx + S z_yy = 0 that a linear fill's operators imply (arXiv
 * 2211.13228, section 3), largest modulus first. Those with a positive real part are directions in which features
 * spread as heat does; with a negative one, in which they travel as waves.
 *
 * @param parameters of a linear fill; where directions are free, A is that to the right and B that downwards.
 * @returns undefined where B² is singular or so near to it that S is beyond float32, as before the first step of training,
 * and where the fill has no such operators.
 */
export async function anisotropyEigenvalues(
  parameters: Parameters,
): Promise<{ real: number; imaginary: number }[] | undefined> {
  for (const [x, y] of axisPairs) {
    const [a, b] = [parameters.get(x), parameters.get(y)];
    if (a === undefined || b === undefined) continue;
    const s = await anisotropy(a as tf.Tensor as tf.Tensor2D, b as tf.Tensor as tf.Tensor2D).catch((error: unknown) => {
      if (error instanceof InputError) return undefined;
      throw error;
    });
    if (s === undefined) return undefined;
    try {
      return (await s.data()).every(Number.isFinite) ? await eigenvalues(s) : undefined;
    } finally {
      s.dispose();
    }
  }
  return undefined;
}

/**
 * S's eigenvalues in a few numbers to log: `anisotropyLargest`, `anisotropyMedian` and `anisotropySmallest` modulus, and
 * `anisotropyHeatShare`, the share with a positive real part. Empty where there is no S.
 */
export async function describeAnisotropy(parameters: Parameters): Promise<Record<string, number>> {
  const values = await anisotropyEigenvalues(parameters);
  if (values === undefined) return {};
  const moduli = values.map(({ real, imaginary }) => Math.hypot(real, imaginary));
  return {
    anisotropyLargest: moduli[0]!,
    anisotropyMedian: moduli[moduli.length >> 1]!,
    anisotropySmallest: moduli.at(-1)!,
    anisotropyHeatShare: values.filter(({ real }) => real > 0).length / values.length,
  };
}
