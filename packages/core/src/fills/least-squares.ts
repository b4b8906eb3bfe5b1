import * as tf from '@tensorflow/tfjs';
import type { Fill } from '../fill.ts';
import type { GapPlan } from '../gap-plan.ts';
import { applyLeastSquares, planLeastSquares, weighLeastSquares } from '../least-squares.ts';
import { LinearOperator } from '../operator.ts';
import type { Visibility } from '../visibility.ts';
import { describeOperators } from './operator-diagnostics.ts';

/** The schemes whose step is linear in the features. */
export const linearSchemes = ['euler', 'exact', 'cayley'] as const;

/** Gaps filled so as to follow one learned linear map. */
export interface LeastSquaresFillSpec {
  readonly name: 'least-squares';
  /** `euler` by default. */
  readonly scheme?: (typeof linearSchemes)[number];
}

/**
 * Least squares by a learned operator, zero at first, so that the first step of training interpolates. Its only parameter
 * is the generator, `x`. The layout of the gaps is kept with the visibility, for a batch that comes again.
 */
export function createLeastSquaresFill({ scheme = 'euler' }: LeastSquaresFillSpec, dim: number): Fill {
  const operator = LinearOperator.learned(dim, scheme);
  const plans = new WeakMap<Visibility, GapPlan>();
  return {
    name: 'least-squares',
    parameters: new Map([['x', operator.generator as tf.Variable]]),
    apply: (features, visibility) => {
      let plan = plans.get(visibility);
      if (plan === undefined) {
        plan = planLeastSquares(visibility);
        plans.set(visibility, plan);
      }
      const gaps = plan;
      return tf.tidy(() => applyLeastSquares(features, visibility, weighLeastSquares(gaps, operator)));
    },
    diagnostics: (featureMap) => describeOperators(new Map([['x', operator]]), featureMap),
    dispose: () => operator.generator.dispose(),
  };
}
