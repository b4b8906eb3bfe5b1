import * as tf from '@tensorflow/tfjs';
import { CholeskyDecomposition, Matrix } from 'ml-matrix';

/**
 * Sums that every ridge regression of y on x needs: taken once, solved for any penalty.
 *
 * The products over the samples run on the backend, the system of `[dim, dim]` in float64.
 */
export class RidgeSystem {
  readonly #gram: Matrix;
  readonly #cross: Matrix;

  private constructor(gram: Matrix, cross: Matrix) {
    this.#gram = gram;
    this.#cross = cross;
  }

  /** @param x float32 `[numSamples, dim]`. @param y float32 `[numSamples, targetDim]`. Both stay the caller's. */
  static async of(x: tf.Tensor2D, y: tf.Tensor2D): Promise<RidgeSystem> {
    const products = tf.tidy(() => [tf.matMul(x, x, true, false), tf.matMul(x, y, true, false)]);
    const [gram, cross] = await Promise.all(products.map((product) => product.array() as Promise<number[][]>));
    tf.dispose(products);
    return new RidgeSystem(new Matrix(gram!), new Matrix(cross!));
  }

  /**
   * The minimum of ‖y − x W‖² + λ ‖W‖², λ the penalty times the mean squared length of a channel of x.
   *
   * @returns W, float32 `[dim, targetDim]`. The caller disposes it.
   */
  solve(penalty: number): tf.Tensor2D {
    const dim = this.#gram.rows;
    const weight = (penalty * this.#gram.trace()) / dim;
    const system = Matrix.add(this.#gram, Matrix.eye(dim).mul(weight));
    return tf.tensor2d(new CholeskyDecomposition(system).solve(this.#cross).to2DArray(), undefined, 'float32');
  }
}
