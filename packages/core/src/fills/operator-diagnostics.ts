import * as tf from '@tensorflow/tfjs';
import { commutator, operatorResidual, spectralRadius } from '../diagnostics.ts';
import type { LinearOperator } from '../operator.ts';
import type { Axis } from '../propagate.ts';

/** The axis that each operator steps along by its name, and whether against it. */
const ways: Record<string, { readonly axis: Axis; readonly isBackward: boolean }> = {
  x: { axis: 'x', isBackward: false },
  y: { axis: 'y', isBackward: false },
  left: { axis: 'x', isBackward: true },
  right: { axis: 'x', isBackward: false },
  up: { axis: 'y', isBackward: true },
  down: { axis: 'y', isBackward: false },
};

/** Pairs of operators that meet at the cells diagonal to a block. */
const crossings = [
  ['x', 'y'],
  ['right', 'down'],
] as const;

/**
 * What to log of a fill's operators: the spectral radius of each I + A (`spectralRadiusX`), how far a pair along different
 * axes is from commuting (`commutatorXY`), and where features are given, how far they are from obeying each operator
 * (`residualX`). One read of the backend in all.
 *
 * @param operators by name: x and y where directions are tied, else left, right, up and down.
 * @param featureMap float32 `[batch, height, width, dim]`.
 */
export async function describeOperators(
  operators: ReadonlyMap<string, LinearOperator>,
  featureMap?: tf.Tensor4D,
): Promise<Record<string, number>> {
  if (operators.size === 0) return {};
  const names: string[] = [];
  const values = tf.tidy(() => {
    const scalars: tf.Scalar[] = [];
    for (const [name, { generator, dim }] of operators) {
      names.push(`spectralRadius${capitalise(name)}`);
      scalars.push(spectralRadius(tf.eye(dim).add(generator)));
    }
    for (const [first, second] of crossings) {
      const [a, b] = [operators.get(first), operators.get(second)];
      if (a === undefined || b === undefined) continue;
      names.push(`commutator${capitalise(first)}${capitalise(second)}`);
      scalars.push(commutator(a.generator, b.generator));
    }
    for (const [name, operator] of featureMap === undefined ? [] : operators) {
      names.push(`residual${capitalise(name)}`);
      scalars.push(residual(featureMap!, name, operator));
    }
    return tf.stack(scalars);
  });
  const numbers = await values.data();
  values.dispose();
  return Object.fromEntries(names.map((name, i) => [name, numbers[i]!]));
}

// With an operator of its own for each direction, stepping back is stepping forward through the reversed features.
function residual(featureMap: tf.Tensor4D, name: string, operator: LinearOperator): tf.Scalar {
  const { axis, isBackward } = ways[name]!;
  const ordered = isBackward ? tf.reverse(featureMap, axis === 'x' ? 2 : 1) : featureMap;
  return operatorResidual(ordered, axis, operator.step(1));
}

function capitalise(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
