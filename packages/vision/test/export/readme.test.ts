import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { saveEncoder } from '@qb-heat/training';
import { expect, test } from 'vitest';
import { ImageBackbone } from '../../src/index.ts';
import { makeFolder } from '../data/fixtures.ts';
import { tinyImage } from '../models.ts';
import { exportForTransformers } from './readme-example.ts';

test('the example of the README makes a model of a checkpoint', async () => {
  const folder = await makeFolder();
  const encoderFile = path.join(folder, 'encoder.safetensors');
  const encoder = { kind: 'vit', dim: 8, depth: 1, numHeads: 2 } as const;
  const backbone = new ImageBackbone({ image: tinyImage, patchSize: 2, encoder });
  await saveEncoder(encoderFile, { encoder: backbone.parameters, config: backbone.config });
  await exportForTransformers(encoderFile, path.join(folder, 'model'));
  const files = await readdir(path.join(folder, 'model'), { recursive: true });
  expect(files).toEqual(expect.arrayContaining(['config.json', path.join('onnx', 'model.onnx')]));
});

test('the README shows the example as it is', async () => {
  const [readme, example] = await Promise.all(
    ['../../README.md', './readme-example.ts'].map((file) => readFile(new URL(file, import.meta.url), 'utf8')),
  );
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
});
