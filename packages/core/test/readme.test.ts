import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as tf from '@tensorflow/tfjs';
import * as core from '../src/index.ts';
import type { BlockVisibility } from '../src/index.ts';

const { createFill } = core;
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

it('the example of the README runs, and is the one below', async () => {
  const printed: unknown[] = [];
  const log = (...values: unknown[]): void => void printed.push(...values);
  // example:start
  // A visible block of 4×4 cells in the middle of a grid of 8×8, the same in 32 samples.
  const grid = { height: 8, width: 8 };
  const block = { top: 2, left: 2, height: 4, width: 4 };
  const visibility: BlockVisibility = { kind: 'block', grid, batchSize: 32, blocks: [block] };

  const fill = createFill({ name: 'linear', scheme: 'cayley', direction: 'free' }, { dim: 64, grid, seed: 1 });
  const features = tf.randomNormal<tf.Rank.R3>([32, 16, 64]); // of the visible cells, by rows
  const all = fill.apply(features, visibility); // [32, 64, 64]: every cell, by rows

  log(all.shape, [...fill.parameters.keys()], await fill.diagnostics());
  tf.dispose([features, all]);
  fill.dispose();
  // example:end
  expect(printed.slice(0, 2)).toEqual([
    [32, 64, 64],
    ['left', 'right', 'up', 'down'],
  ]);
  const source = readFileSync(new URL(import.meta.url), 'utf8');
  const here = source
    .split('// example:start\n')[1]!
    .split('  // example:end')[0]!
    .replaceAll(/^ {2}/gm, '')
    .replace(/^log/m, 'console.log');
  expect(readme).toContain(here.trim());
});

it('every function that the README names exists', () => {
  const listed = readme.slice(readme.indexOf('are functions, too:'), readme.indexOf('## Cost'));
  const names = [...listed.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !(name in core))).toEqual([]);
});
