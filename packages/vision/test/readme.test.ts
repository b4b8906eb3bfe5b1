import { readCheckpoint, restoreEncoder } from '@qb-heat/training';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ImageBackbone, encodeImages, openImages } from '../src/index.ts';
import type { BackboneOptions } from '../src/index.ts';
import { makeFolder, plainPicture, writeFiles } from './data/fixtures.ts';
import { pretrainOnFolder } from './readme-example.ts';

test('the example of the README runs, and its encoder gives the same features when loaded', async () => {
  const folder = await makeFolder();
  const pictures: Record<string, Uint8Array> = {};
  for (let i = 0; i < 40; i++) {
    const picture = plainPicture([i * 6, 200 - i * 5, 90], { height: 16, width: 16 });
    pictures[`class-${i % 2}/${i}.png`] = await picture.png().toBuffer();
  }
  await writeFiles(folder, pictures);
  const encoderFile = path.join(folder, 'encoder.safetensors');
  const features = await pretrainOnFolder(folder, 16, 1, encoderFile);
  expect(features.shape).toEqual([8, 96]);

  const checkpoint = await readCheckpoint(encoderFile);
  if (checkpoint.kind !== 'encoder') throw new Error('expected the checkpoint of an encoder');
  const backbone = new ImageBackbone(checkpoint.config as BackboneOptions);
  restoreEncoder(checkpoint, backbone.parameters);
  const { test: held } = await openImages(folder, { size: 16 });
  expect((await encodeImages(backbone, held)).data).toEqual(features.data);
});

test('the README shows the example as it is', async () => {
  const [readme, example] = await Promise.all(
    ['../README.md', './readme-example.ts'].map((file) => readFile(new URL(file, import.meta.url), 'utf8')),
  );
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
});
