import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import * as training from '../src/index.ts';
import { train } from './readme-example.ts';
import { TinyModel, tinyBatches } from './tiny-model.ts';

async function readHere(file: string): Promise<string> {
  return readFile(new URL(file, import.meta.url), 'utf8');
}

it('the example of the README is the one that is tested', async () => {
  const example = (await readHere('readme-example.ts')).replaceAll('../src/index.ts', '@qb-heat/training');
  expect(await readHere('../README.md')).toContain(example);
});

it('the example of the README trains and leaves a checkpoint', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'qb-heat-readme-'));
  const lines: string[] = [];
  const file = path.join(folder, 'run.safetensors');
  await training.chooseBackend('onnxruntime');
  const model = new TinyModel(1);
  const [batches, heldOut] = [tinyBatches(1, 64), tinyBatches(2, 64)];
  const before = await training.evaluate(model, { batches: heldOut, numBatches: 10 });
  expect(await train(model, batches, heldOut, file, (line) => lines.push(line))).toBeLessThan(0.9 * before);
  expect(lines[0]).toMatch(/^backend /);
  expect(lines).toHaveLength(101);
  expect(await training.readCheckpoint(file)).toMatchObject({ kind: 'training', numSteps: 100 });
  model.dispose();
  await rm(folder, { recursive: true });
});

it('every function that the README names exists', async () => {
  const names = (await readHere('../README.md')).matchAll(/`([a-z]\w+)(?:\([^`]*)?`/g);
  const functions = [...names].map(([, name]) => name as string).filter((name) => /[A-Z]/.test(name));
  expect(functions.length).toBeGreaterThan(8);
  for (const name of functions) expect(training).toHaveProperty(name);
});
