import * as tf from '@tensorflow/tfjs';
import { gatherPositions } from './gather.ts';
import type { Grid } from './grid.ts';
import { checkConductivity, harmonicWeights, isotropic } from './harmonic.ts';
import type { Conductivity } from './harmonic.ts';
import { InputError } from './input-error.ts';
import { checkChoice, checkCount } from './shape.ts';
import type { ScatteredVisibility } from './visibility.ts';

/**
 * How one time step Δ damps a mode of the grid's Laplacian with eigenvalue −μ:
 *
 * - `explicit`: 1 − Δμ, stable while Δ (c_x + c_y) ≤ 1/2.
 * - `implicit`: 1 / (1 + Δμ), always stable.
 * - `crank-nicolson`: (1 − Δμ/2) / (1 + Δμ/2), always stable, second order in time.
 * - `exact`: exp(−Δμ).
 */
export const heatMethods = ['explicit', 'implicit', 'crank-nicolson', 'exact'] as const;
export type HeatMethod = (typeof heatMethods)[number];

export interface HeatOptions {
  /** `crank-nicolson` by default. */
  readonly method?: HeatMethod;
  /** 1 by default. */
  readonly numSteps?: number;
  readonly conductivity?: Conductivity;
}

/**
 * The heat kernel on a plane, (4πt)⁻¹ exp(−(x² + y²) / 4t): what a unit of heat at the middle becomes after time t.
 *
 * @param grid its size in cells of length 1; odd sizes have a middle cell.
 * @param time t > 0.
 * @returns float32 `[height, width]`. The caller disposes it.
 */
export function heatKernel(grid: Grid, time: number): tf.Tensor2D {
  if (!(time > 0)) throw new InputError(`heatKernel: time must be positive, got ${time}`);
  return tf.tidy(() => {
    const [column, row] = [grid.height, grid.width].map((size) => {
      const offset = tf.range(0, size).sub((size - 1) / 2);
      return offset
        .square()
        .div(-4 * time)
        .exp()
        .div(Math.sqrt(4 * Math.PI * time));
    }) as [tf.Tensor, tf.Tensor];
    return column.reshape<tf.Tensor2D>([-1, 1]).mul(row.reshape([1, -1]));
  });
}

/**
 * Lets heat flow for a time: u_t = c_x u_xx + c_y u_yy on cells of length 1, none passing the border.
 *
 * The steps are taken in the cosine basis, where the grid's Laplacian is diagonal: any number of them costs two products
 * along each axis.
 *
 * @param u float32 `[batch, height, width, channels]`; gradients reach it.
 * @param time in all, divided into `numSteps`; an `InputError` is thrown where `explicit` would be unstable.
 * @returns float32 `[batch, height, width, channels]`. The caller disposes it.
 */
export function evolveHeat(u: tf.Tensor4D, time: number, options: HeatOptions = {}): tf.Tensor4D {
  const { method = 'crank-nicolson', numSteps = 1, conductivity = isotropic } = options;
  checkChoice('evolveHeat', 'method', method, heatMethods);
  checkCount('evolveHeat', 'numSteps', numSteps, 1);
  checkConductivity(conductivity);
  if (!(time >= 0)) throw new InputError(`evolveHeat: time must not be negative, got ${time}`);
  const delta = time / numSteps;
  const largest = 1 / (2 * (conductivity.x + conductivity.y));
  if (method === 'explicit' && delta > largest) {
    throw new InputError(
      `evolveHeat: 'explicit' is stable for steps of at most ${largest}, got ${delta}: use more steps or 'crank-nicolson'`,
    );
  }
  const [batchSize, height, width, channels] = u.shape;
  const damping = new Float32Array(height * width);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const mu = conductivity.y * modeEigenvalue(i, height) + conductivity.x * modeEigenvalue(j, width);
      damping[i * width + j] = dampMode(method, delta * mu) ** numSteps;
    }
  }
  return tf.tidy(() => {
    const alongY = cosineBasis(height).expandDims(0);
    const alongX = cosineBasis(width).expandDims(0);
    // Both bases are orthogonal: their transposes lead back.
    const transform = (values: tf.Tensor, back: boolean): tf.Tensor => {
      const columns = tf.matMul(alongY, values.reshape([batchSize, height, width * channels]), back);
      const rows = columns.reshape([batchSize * height, width, channels]);
      return tf.matMul(alongX, rows, back).reshape([batchSize, height, width, channels]);
    };
    const modes = transform(u, false).mul(tf.tensor4d(damping, [1, height, width, 1]));
    return transform(modes, true).reshape<tf.Tensor4D>(u.shape);
  });
}

/**
 * The steady state of the heat equation with some cells held at their values, and none of the heat passing the border:
 * c_x u_xx + c_y u_yy = 0 at every other cell. Holding the cells of the border gives the classical Dirichlet problem.
 *
 * @param u float32 `[batch, height, width, channels]`; only the held cells count, and gradients reach those.
 * @param held 1 where a cell is held, `[height * width]`; at least one.
 * @returns float32 `[batch, height, width, channels]`. The caller disposes it.
 */
export function steadyHeat(u: tf.Tensor4D, held: Uint8Array, conductivity: Conductivity = isotropic): tf.Tensor4D {
  const [batchSize, height, width, channels] = u.shape;
  checkConductivity(conductivity);
  if (held.length !== height * width) {
    throw new InputError(`steadyHeat: held must be [height * width] = [${height * width}], got [${held.length}]`);
  }
  const indices = Int32Array.from(held.keys()).filter((cell) => held[cell] === 1);
  if (indices.length === 0) throw new InputError('steadyHeat: at least one cell must be held, got none');
  const visibility: ScatteredVisibility = {
    kind: 'scattered',
    grid: { height, width },
    batchSize: 1,
    numVisible: indices.length,
    indices,
  };
  const { values } = harmonicWeights(visibility, conductivity);
  return tf.tidy(() => {
    const weights = tf.tensor3d(values, [1, height * width, indices.length]);
    const cells = u.reshape<tf.Tensor3D>([batchSize, height * width, channels]);
    const everySample = Int32Array.from({ length: batchSize * indices.length }, (_, i) => indices[i % indices.length]!);
    const heldValues = gatherPositions(cells, everySample, indices.length);
    return tf.matMul(weights, heldValues).reshape([batchSize, height, width, channels]);
  });
}

/** Minus the eigenvalue of mode k of the second difference over `size` cells with a reflecting border. */
function modeEigenvalue(k: number, size: number): number {
  return 4 * Math.sin((Math.PI * k) / (2 * size)) ** 2;
}

function dampMode(method: HeatMethod, deltaMu: number): number {
  switch (method) {
    case 'explicit':
      return 1 - deltaMu;
    case 'implicit':
      return 1 / (1 + deltaMu);
    case 'crank-nicolson':
      return (1 - deltaMu / 2) / (1 + deltaMu / 2);
    case 'exact':
      return Math.exp(-deltaMu);
  }
}

/** The orthogonal cosine basis (DCT-II), a mode a row: `[size, size]`. */
function cosineBasis(size: number): tf.Tensor2D {
  const basis = new Float32Array(size * size);
  for (let k = 0; k < size; k++) {
    const scale = Math.sqrt((k === 0 ? 1 : 2) / size);
    for (let x = 0; x < size; x++) basis[k * size + x] = scale * Math.cos((Math.PI * k * (x + 0.5)) / size);
  }
  return tf.tensor2d(basis, [size, size]);
}
