import * as tf from '@tensorflow/tfjs';
import { InputError } from './input-error.ts';
import { matrixExponential, matrixInverse } from './matrix-functions.ts';
import { normalizeRows } from './normalize.ts';
import { checkChoice, checkCount, checkShape } from './shape.ts';

/**
 * How one step of length Δ follows z_x = A z:
 *
 * - `euler`: (I + ΔA) z, the paper's.
 * - `exact`: exp(ΔA) z, the true solution.
 * - `cayley`: (I − ΔA/2)⁻¹ (I + ΔA/2) z, which keeps norms where A is skew.
 * - `norm-linear`: z + ΔA norm(z), norm over the channels of each position without affine terms: each update is bounded,
 *   so that many steps grow linearly (FINOLA, arXiv 2305.16319). Not linear in z.
 */
export const schemes = ['euler', 'exact', 'cayley', 'norm-linear'] as const;

export type Scheme = (typeof schemes)[number];

/** A map of features one jump along an axis, made once and applied to every position that jumps so. */
export interface Step {
  /** float32 `[rows, dim]` to `[rows, dim]`. The caller disposes the result. */
  apply(rows: tf.Tensor2D): tf.Tensor2D;
  /** The matrix M of z' = M z, `[dim, dim]`, where the step is linear; belongs to the scope that made the step. */
  readonly matrix: tf.Tensor2D | null;
}

/** Something that makes steps of any length along one axis: an operator, or a network in its place. */
export interface Stepper {
  readonly dim: number;
  /** The step of length `delta`, in cells. Call it inside `tf.tidy`: the step's tensors belong to that scope. */
  step(delta: number): Step;
}

/**
 * One learned linear map along one axis: the generator A of z_x = A z.
 *
 * A is stored as the paper writes it, acting on column vectors: A[i][j] is what channel j adds to channel i. Features are
 * rows here, so that a step computes z Mᵀ.
 */
export class LinearOperator implements Stepper {
  readonly generator: tf.Tensor2D;
  readonly dim: number;
  readonly scheme: Scheme;

  /**
   * @param generator A, float32 `[dim, dim]`; a `tf.Variable` where it is learned. Stays the caller's.
   */
  constructor(generator: tf.Tensor2D, scheme: Scheme = 'euler') {
    checkChoice('LinearOperator', 'scheme', scheme, schemes);
    const dim = generator.shape[0];
    checkShape('LinearOperator', 'generator', generator, ['dim', 'dim'], [dim, dim]);
    this.generator = generator;
    this.dim = dim;
    this.scheme = scheme;
  }

  /** A learned operator with A = 0, so that the first step of training copies; the caller disposes `generator`. */
  static learned(dim: number, scheme: Scheme = 'euler'): LinearOperator {
    checkCount('LinearOperator', 'dim', dim, 1);
    return new LinearOperator(
      tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R2>([dim, dim]))),
      scheme,
    );
  }

  /**
   * The matrix M(Δ) of one step; throws an `InputError` for `norm-linear`, which has none.
   *
   * @returns float32 `[dim, dim]`. The caller disposes it.
   */
  transition(delta: number): tf.Tensor2D {
    return tf.tidy(() => {
      const identity = tf.eye(this.dim);
      const scaled = this.generator.mul<tf.Tensor2D>(delta);
      switch (this.scheme) {
        case 'euler':
          return identity.add<tf.Tensor2D>(scaled);
        case 'exact':
          return matrixExponential(scaled);
        case 'cayley':
          // (I − N)⁻¹ (I + N) = 2 (I − N)⁻¹ − I
          return matrixInverse(identity.sub<tf.Tensor2D>(scaled.mul(0.5)))
            .mul(2)
            .sub<tf.Tensor2D>(identity);
        case 'norm-linear':
          throw new InputError(
            "LinearOperator: 'norm-linear' is not linear in the features and has no transition matrix",
          );
      }
    });
  }

  step(delta: number): Step {
    if (this.scheme === 'norm-linear') {
      const scaled = this.generator.mul<tf.Tensor2D>(delta);
      return {
        matrix: null,
        apply: (rows) => tf.tidy(() => rows.add(tf.matMul(normalizeRows(rows), scaled, false, true))),
      };
    }
    const matrix = this.transition(delta);
    return { matrix, apply: (rows) => tf.matMul(rows, matrix, false, true) };
  }
}
