import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { createFill, fillNames, gatherVisible, InputError, schemes } from '../src/index.ts';
import type { FillName, FillSpec, Visibility } from '../src/index.ts';
import { expectClose, expectGradients, expectNoLeak, noise, noiseVisibility } from './reference.ts';

const grid = { height: 4, width: 5 };
const sequence = { height: 1, width: 9 };
const dim = 3;

const centred: Visibility = {
  kind: 'block',
  grid,
  batchSize: 2,
  blocks: [{ top: 1, left: 2, height: 2, width: 2 }],
};
const ownBlocks: Visibility = {
  kind: 'block',
  grid,
  batchSize: 2,
  blocks: [
    { top: 0, left: 3, height: 2, width: 2 },
    { top: 2, left: 1, height: 2, width: 2 },
  ],
};
const span: Visibility = {
  kind: 'block',
  grid: sequence,
  batchSize: 2,
  blocks: [{ top: 0, left: 2, height: 1, width: 4 }],
};
const visibilities: Record<string, Visibility> = {
  'a shared block': centred,
  'a block per sample': ownBlocks,
  'a scattered mask': noiseVisibility(4, 5, 4, 2),
  'a span': span,
  'a scattered sequence': noiseVisibility(1, 9, 4, 2),
};

function suits(name: FillName, visibility: Visibility): boolean {
  if (name === 'linear' || name === 'mlp') return visibility.kind === 'block';
  if (name === 'interpolate' || name === 'least-squares') return visibility.grid.height === 1;
  return true;
}

describe.each(Object.entries(visibilities))('every fill on %s', (_, visibility) => {
  const numVisible = 4;
  const features = tf.tensor3d(noise(2 * numVisible * dim, 5), [2, numVisible, dim]);

  it.each(fillNames.filter((name) => suits(name, visibility)))(
    '%s keeps what is visible and fills the rest',
    (name) => {
      const fill = createFill(name, { dim, grid: visibility.grid, seed: 7 });
      const all = fill.apply(features, visibility);
      expect(all.shape).toEqual([2, visibility.grid.height * visibility.grid.width, dim]);
      expect(Array.from(all.dataSync()).every(Number.isFinite)).toBe(true);
      expectClose(gatherVisible(all, visibility), features.dataSync(), 0);
      fill.dispose();
    },
  );
});

function countParameters(name: FillName): number {
  const fill = createFill(name, { dim: 6, grid, seed: 1 });
  const sizes = Array.from(fill.parameters.values(), ({ size }) => size);
  fill.dispose();
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('createFill', () => {
  it('refuses a fill that does not exist and lists those that do', () => {
    expect(() => createFill('linea' as FillName, { dim, grid, seed: 1 })).toThrow(
      new InputError(`createFill: fill must be one of ${fillNames.join(', ')}, got 'linea'`),
    );
  });

  it.each<[string, object]>([
    ["createFill: fill 'zero' has no option 'scheme', its options are: none", { name: 'zero', scheme: 'euler' }],
    [
      "createFill: fill 'mlp' has no option 'scheme', its options are: direction, mode, route",
      { name: 'mlp', scheme: 'euler' },
    ],
    [
      "createFill: scheme of fill 'linear' must be one of euler, exact, cayley, norm-linear, got 'heun'",
      { name: 'linear', scheme: 'heun' },
    ],
    [
      "createFill: direction of fill 'linear' must be one of tied, free, got 'both'",
      { name: 'linear', direction: 'both' },
    ],
    ["createFill: mode of fill 'mlp' must be one of stepwise, blockwise, got 'cells'", { name: 'mlp', mode: 'cells' }],
    [
      "createFill: scheme of fill 'least-squares' must be one of euler, exact, cayley, got 'norm-linear'",
      { name: 'least-squares', scheme: 'norm-linear' },
    ],
    [
      'harmonic: conductivity must be positive on both axes, got x = 1, y = -1',
      { name: 'harmonic', conductivity: { x: 1, y: -1 } },
    ],
  ])('says: %s', (message, spec) => {
    const context = { dim, grid: sequence, seed: 1 };
    expect(() => createFill(spec as FillSpec, context)).toThrow(new InputError(message));
  });

  it.each(['interpolate', 'least-squares'] as const)('refuses %s on a grid of more than one row', (name) => {
    expect(() => createFill(name, { dim, grid, seed: 1 })).toThrow(
      `${name}: the grid must be of height 1, got 4×5; in two dimensions use 'harmonic'`,
    );
  });

  it.each(['linear', 'mlp'] as const)('refuses scattered positions when %s is applied', (name) => {
    const fill = createFill(name, { dim, grid, seed: 1 });
    expect(() => fill.apply(tf.zeros([2, 4, dim]), noiseVisibility(4, 5, 4, 2))).toThrow(
      'must be one contiguous block',
    );
    fill.dispose();
  });

  it('draws the same mask token from the same seed, 0 included, and another from another', () => {
    const tokens = [0, 0, 1].map((seed) =>
      createFill('mask-token', { dim: 64, grid, seed }).parameters.get('token')!.dataSync(),
    );
    expect(tokens[0]).toEqual(tokens[1]);
    expect(tokens[0]).not.toEqual(tokens[2]);
    const deviation = Math.hypot(...tokens[0]!) / 8;
    expect(deviation).toBeGreaterThan(0.015);
    expect(deviation).toBeLessThan(0.025);
  });

  it.each([
    ['linear', ['x', 'y']],
    ['mlp', ['x.hidden', 'x.output', 'y.hidden', 'y.output']],
  ] as const)('names the parameters of %s by axis', (name, paths) => {
    const fill = createFill(name, { dim, grid, seed: 1 });
    expect([...fill.parameters.keys()]).toEqual(paths);
    fill.dispose();
  });

  it('gives mlp the parameters of linear, for each axis', () => {
    expect(countParameters('mlp')).toBe(countParameters('linear'));
  });

  it('needs no operator along an axis with one cell', () => {
    expect([...createFill('linear', { dim, grid: sequence, seed: 1 }).parameters.keys()]).toEqual(['x']);
  });

  it.each(['linear', 'mlp', 'least-squares'] as const)(
    'copies or interpolates before the first step of training: %s',
    (name) => {
      const features = tf.tensor3d(noise(2 * 4 * dim, 5), [2, 4, dim]);
      const fill = createFill(name, { dim, grid: sequence, seed: 3 });
      const all = fill.apply(features, span).arraySync();
      for (const [sample, row] of features.arraySync().entries()) {
        expectClose(all[sample]!.flat(), [row[0]!, row[0]!, ...row, row[3]!, row[3]!, row[3]!].flat(), 1e-6);
      }
      fill.dispose();
    },
  );
});

describe('gradients', () => {
  const learned: FillSpec[] = [
    { name: 'mask-token' },
    ...schemes.map((scheme) => ({ name: 'linear', scheme, direction: 'free' }) as const),
    { name: 'least-squares' },
    { name: 'mlp', direction: 'free' },
  ];

  it.each(learned)('reach every parameter of $name $scheme', (spec) => {
    const visibility = spec.name === 'least-squares' ? span : centred;
    const fill = createFill(spec, { dim, grid: visibility.grid, seed: 2 });
    const features = tf.tensor3d(noise(2 * 4 * dim, 5), [2, 4, dim]);
    const target = tf.tensor(noise(2 * visibility.grid.height * visibility.grid.width * dim, 6));
    const { grads } = tf.variableGrads(
      () => fill.apply(features, visibility).flatten().mul(target).sum(),
      [...fill.parameters.values()],
    );
    const norms = Object.values(grads).map((gradient) => gradient.norm().dataSync()[0]!);
    // Only the last layer of the mlp moves at first: its first one is behind a zero.
    const moving =
      spec.name === 'mlp' ? norms.filter((norm) => norm > 0).length * 2 : norms.filter((norm) => norm > 0).length;
    expect(moving).toBe(fill.parameters.size);
    fill.dispose();
  });

  it('of an mlp step are those of finite differences in all its weights', () => {
    const fill = createFill('mlp', { dim, grid: sequence, seed: 2 });
    const [hidden, output] = [...fill.parameters.values()];
    output!.assign(tf.tensor(noise(output!.size, 9), output!.shape));
    const features = tf.tensor3d(noise(2 * 4 * dim, 5), [2, 4, dim]);
    expectGradients((z) => fill.apply(z as tf.Tensor3D, span), [features]);
    for (const variable of [hidden!, output!]) {
      const start = variable.clone();
      const loss = (): tf.Scalar => fill.apply(features, span).square().sum();
      const gradient = tf.variableGrads(loss, [variable]).grads[variable.name]!.dataSync();
      const lossAt = (i: number, delta: number): number => {
        const values = Array.from(start.dataSync(), (value, j) => (i === j ? value + delta : value));
        variable.assign(tf.tensor(values, start.shape));
        return loss().dataSync()[0]!;
      };
      const wanted = Array.from(gradient, (_, i) => (lossAt(i, 1 / 256) - lossAt(i, -1 / 256)) * 128);
      variable.assign(start);
      expectClose(gradient, wanted, 5e-3);
    }
    fill.dispose();
  });
});

describe('memory', () => {
  it.each(fillNames)('%s leaves no tensors behind, applied, differentiated and disposed', (name) => {
    const visibility = suits(name, centred) ? centred : span;
    const features = tf.zeros<tf.Rank.R3>([2, 4, dim]);
    const before = tf.memory().numTensors;
    const fill = createFill(name, { dim, grid: visibility.grid, seed: 1 });
    expectNoLeak(() => fill.apply(features, visibility));
    expectNoLeak(() => tf.grad((z) => fill.apply(z as tf.Tensor3D, visibility))(features));
    fill.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
