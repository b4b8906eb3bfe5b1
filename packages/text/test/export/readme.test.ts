import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { saveEncoder } from '@qb-heat/training';
import { expect, test } from 'vitest';
import { createTextEncoder } from '../../src/index.ts';
import { folderWith } from '../data/files.ts';
import { handMadeFiles, handMadeTokenizer } from '../fixtures.ts';
import { exportForTransformers } from './readme-example.ts';

test('the example of the README makes a model of a checkpoint', async () => {
  const folder = await folderWith({ 'tokenizer.json': JSON.stringify(handMadeFiles().json) });
  const encoderFile = join(folder, 'encoder.safetensors');
  const sizes = { vocabSize: handMadeTokenizer.vocabSize, length: 8, dim: 8, depth: 1, kernelSize: 3 };
  const encoder = createTextEncoder({ kind: 'convnet', ...sizes, positions: 'none' });
  await saveEncoder(encoderFile, { encoder: encoder.parameters, config: encoder.config });
  await exportForTransformers(encoderFile, folder, join(folder, 'model'));
  const files = await readdir(join(folder, 'model'), { recursive: true });
  expect(files).toEqual(expect.arrayContaining(['tokenizer.json', join('onnx', 'model.onnx')]));
});

test('the README shows the example as it is', async () => {
  const [readme, example] = await Promise.all(
    ['../../README.md', './readme-example.ts'].map((file) => readFile(new URL(file, import.meta.url), 'utf8')),
  );
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
});
