import * as tf from '@tensorflow/tfjs';
import { commutator, spectralRadius } from '../diagnostics.ts';
import type { LinearOperator } from '../operator.ts';

/**
 * What to log of a fill's operators: the spectral radius of each I + A (`spectralRadiusX`), and for a pair along different
 * axes how far they are from commuting (`commutatorXY`). One read of the backend in all.
 *
 * @param operators by the names of their parameters.
 * @param crossing names of the pairs that meet at diagonal cells.
 */
export async function describeOperators(
  operators: ReadonlyMap<string, LinearOperator>,
  crossing: readonly (readonly [string, string])[] = [],
): Promise<Record<string, number>> {
  if (operators.size === 0) return {};
  const names: string[] = [];
  const values = tf.tidy(() => {
    const scalars: tf.Scalar[] = [];
    for (const [name, { generator, dim }] of operators) {
      names.push(`spectralRadius${capitalise(name)}`);
      scalars.push(spectralRadius(tf.eye(dim).add(generator)));
    }
    for (const [first, second] of crossing) {
      const [a, b] = [operators.get(first), operators.get(second)];
      if (a === undefined || b === undefined) continue;
      names.push(`commutator${capitalise(first)}${capitalise(second)}`);
      scalars.push(commutator(a.generator, b.generator));
    }
    return tf.stack(scalars);
  });
  const numbers = await values.data();
  values.dispose();
  return Object.fromEntries(names.map((name, i) => [name, numbers[i]!]));
}

function capitalise(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
