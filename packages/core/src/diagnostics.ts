import * as tf from '@tensorflow/tfjs';
import { EigenvalueDecomposition, LuDecomposition, Matrix } from 'ml-matrix';
import { InputError } from './input-error.ts';
import type { Step } from './operator.ts';
import type { Axis } from './propagate.ts';
import { checkShape } from './shape.ts';

const radiusSquarings = 24;
const tiny = 1e-30;

/**
 * The spectral radius of a matrix: max |λ|, above 1 where repeated steps grow.
 *
 * Gelfand's formula, ρ = lim ‖Mᵏ‖^(1/k), at k = 2²⁴ by repeated squaring with the norm divided out each time, in the
 * graph: unlike power iteration it takes complex and multiple eigenvalues as they come.
 *
 * @param matrix float32 `[dim, dim]`, real, symmetric or not.
 * @returns a float32 scalar. The caller disposes it.
 */
export function spectralRadius(matrix: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => {
    let power = matrix;
    let logRadius = tf.scalar(0);
    for (let squaring = 0; squaring <= radiusSquarings; squaring++) {
      const norm = power.norm<tf.Scalar>().maximum<tf.Scalar>(tiny);
      logRadius = logRadius.add(norm.log().div(2 ** squaring));
      const unit = power.div<tf.Tensor2D>(norm);
      power = tf.matMul(unit, unit);
    }
    return logRadius.exp();
  });
}

/**
 * How far two operators are from commuting: ‖AB − BA‖ / (‖A‖ ‖B‖) in the Frobenius norm, 0 where either is zero. Routes
 * `xy` and `yx` differ by Δx Δy (AB − BA) z at a diagonal cell.
 *
 * @param a float32 `[dim, dim]`.
 * @param b float32 `[dim, dim]`.
 * @returns a float32 scalar. The caller disposes it.
 */
export function commutator(a: tf.Tensor2D, b: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => {
    const difference = tf.matMul(a, b).sub(tf.matMul(b, a));
    return difference.norm<tf.Scalar>().div(a.norm<tf.Scalar>().mul(b.norm()).maximum(tiny));
  });
}

/**
 * How far a feature map is from obeying an operator: ‖z(t + 1) − M z(t)‖ / ‖z(t + 1) − z(t)‖ over all pairs of
 * neighbours along one axis; for the scheme `euler` this is ‖z_x − A z‖ / ‖z_x‖. 1 where copying does as well.
 *
 * @param z float32 `[batch, height, width, dim]`, at least two long on the axis.
 * @param step the operator's step of one cell.
 * @returns a float32 scalar. The caller disposes it.
 */
export function operatorResidual(z: tf.Tensor4D, axis: Axis, step: Step): tf.Scalar {
  return tf.tidy(() => {
    const [before, after] = pairs(z, axis, 1);
    const change = after.sub(before).norm<tf.Scalar>();
    return after.sub(step.apply(before)).norm<tf.Scalar>().div(change.maximum(tiny));
  });
}

/**
 * How far a feature map is from the anisotropic Laplace equation: ‖z_xx + S z_yy‖ / (‖z_xx‖ + ‖S z_yy‖) at the inner
 * cells, by central differences.
 *
 * @param z float32 `[batch, height, width, dim]`, at least 3 × 3 cells.
 * @param s S, float32 `[dim, dim]`, acting on column vectors; `anisotropy` gives that of two operators.
 * @returns a float32 scalar. The caller disposes it.
 */
export function laplaceResidual(z: tf.Tensor4D, s: tf.Tensor2D): tf.Scalar {
  const [batchSize, height, width, dim] = z.shape;
  if (height < 3 || width < 3) {
    throw new InputError(`laplaceResidual: z must have at least 3×3 cells, got ${height}×${width}`);
  }
  checkShape('laplaceResidual', 's', s, ['dim', 'dim'], [dim, dim]);
  return tf.tidy(() => {
    const window = (top: number, left: number): tf.Tensor4D =>
      z.slice([0, top, left, 0], [batchSize, height - 2, width - 2, dim]);
    const middle = window(1, 1).mul(2);
    const alongX = tf.add(window(1, 0), window(1, 2)).sub(middle);
    const alongY = tf.add(window(0, 1), window(2, 1)).sub<tf.Tensor4D>(middle);
    const flow = tf.matMul(alongY.reshape<tf.Tensor2D>([-1, dim]), s, false, true).reshape(alongY.shape);
    const scale = alongX.norm<tf.Scalar>().add(flow.norm());
    return alongX.add(flow).norm<tf.Scalar>().div(scale.maximum(tiny));
  });
}

/**
 * The anisotropy that two operators imply, S = −A² (B²)⁻¹: every solution of z_x = A z, z_y = B z satisfies
 * z_xx + S z_yy = 0 (arXiv 2211.13228, section 3). In float64.
 *
 * @param a float32 `[dim, dim]`.
 * @param b float32 `[dim, dim]`; throws an `InputError` where B² is singular, as it is before the first step of training.
 * @returns float32 `[dim, dim]`. The caller disposes it.
 */
export async function anisotropy(a: tf.Tensor2D, b: tf.Tensor2D): Promise<tf.Tensor2D> {
  const [matrixA, matrixB] = await Promise.all([readMatrix(a), readMatrix(b)]);
  const lu = new LuDecomposition(matrixB.mmul(matrixB).transpose());
  if (lu.isSingular()) throw new InputError('anisotropy: B² must be regular, got a singular one');
  // S B² = −A², transposed for the solver.
  const s = lu.solve(matrixA.mmul(matrixA).neg().transpose()).transpose();
  return tf.tensor2d(s.to1DArray(), [s.rows, s.columns]);
}

/**
 * Eigenvalues of a real matrix, in float64, largest modulus first.
 *
 * @param matrix float32 `[dim, dim]`; throws an `InputError` where a value is not finite.
 */
export async function eigenvalues(matrix: tf.Tensor2D): Promise<{ real: number; imaginary: number }[]> {
  const values = await readMatrix(matrix);
  if (!isFinite(values)) throw new InputError('eigenvalues: matrix must be finite, got NaN or Infinity');
  const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(values);
  return realEigenvalues
    .map((real, i) => ({ real, imaginary: imaginaryEigenvalues[i]! }))
    .toSorted((p, q) => Math.hypot(q.real, q.imaginary) - Math.hypot(p.real, p.imaginary));
}

/**
 * How many dimensions features really use: exp(−Σ p_i log p_i) with p_i = σ_i / Σσ, σ the singular values of the centred
 * features (Roy and Vetterli, 2007). Between 1 and dim; near 1 they have collapsed. 0 where all features are equal, NaN where
 * one is not finite.
 *
 * @param features float32 `[numFeatures, dim]`.
 */
export async function effectiveRank(features: tf.Tensor2D): Promise<number> {
  const gram = tf.tidy(() => {
    const centred = features.sub<tf.Tensor2D>(features.mean(0, true));
    return tf.matMul<tf.Tensor2D>(centred, centred, true, false);
  });
  const matrix = await readMatrix(gram);
  gram.dispose();
  // The decomposition would fail, or not end.
  if (!isFinite(matrix)) return Number.NaN;
  const { realEigenvalues } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const singularValues = realEigenvalues.map((value) => Math.sqrt(Math.max(0, value)));
  const total = singularValues.reduce((sum, value) => sum + value, 0);
  if (total === 0) return 0;
  const entropy = singularValues.reduce((sum, value) => {
    const share = value / total;
    return share > 0 ? sum - share * Math.log(share) : sum;
  }, 0);
  return Math.exp(entropy);
}

/** The features of all pairs of places `offset` apart along one axis, as rows: `[pairs, dim]` of the first and the second. */
export function pairs(z: tf.Tensor4D, axis: Axis, offset: number): [tf.Tensor2D, tf.Tensor2D] {
  const [batchSize, height, width, dim] = z.shape;
  const length = axis === 'x' ? width : height;
  if (length <= offset) {
    throw new InputError(
      `pairs: features must be more than ${offset} long on axis ${axis}, got [${z.shape.join(', ')}]`,
    );
  }
  const size: [number, number, number, number] =
    axis === 'x' ? [batchSize, height, width - offset, dim] : [batchSize, height - offset, width, dim];
  const start: [number, number, number, number] = axis === 'x' ? [0, 0, offset, 0] : [0, offset, 0, 0];
  return tf.tidy(() => [z.slice([0, 0, 0, 0], size).reshape([-1, dim]), z.slice(start, size).reshape([-1, dim])]);
}

async function readMatrix(matrix: tf.Tensor2D): Promise<Matrix> {
  const [rows, columns] = matrix.shape;
  return Matrix.from1DArray(rows, columns, Array.from(await matrix.data()));
}

function isFinite(matrix: Matrix): boolean {
  return matrix.to1DArray().every((value) => Number.isFinite(value));
}
