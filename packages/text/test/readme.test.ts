import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readCheckpoint, restoreEncoder } from '@qb-heat/training';
import { expect, test } from 'vitest';
import { createTextEncoder, encodeTexts, loadTokenizer, openText } from '../src/index.ts';
import type { TextEncoderConfig } from '../src/index.ts';
import { folderWith } from './data/files.ts';
import { handMadeFiles } from './fixtures.ts';
import { pretrainOnText } from './readme-example.ts';

test('the example of the README runs, and its encoder gives the same features when loaded', async () => {
  const folder = await folderWith({
    'train.tsv': '0\tthe dog barks .\n1\ta cat sees the dog\n'.repeat(12),
    'test.tsv': '0\ta dog barks\n1\tthe cat .\n',
    'tokenizer.json': JSON.stringify(handMadeFiles().json),
  });
  const encoderFile = path.join(folder, 'encoder.safetensors');
  const features = await pretrainOnText(folder, folder, 1, encoderFile);
  expect(features.shape).toEqual([2, 32]);

  const checkpoint = await readCheckpoint(encoderFile);
  if (checkpoint.kind !== 'encoder') throw new Error('expected the checkpoint of an encoder');
  const encoder = createTextEncoder(checkpoint.config as TextEncoderConfig);
  restoreEncoder(checkpoint, encoder.parameters);
  const { test: held } = await openText(folder);
  expect((await encodeTexts(encoder, await loadTokenizer(folder), held.texts)).data).toEqual(features.data);
  encoder.dispose();
});

test('the README shows the example as it is', async () => {
  const [readme, example] = await Promise.all(
    ['../README.md', './readme-example.ts'].map((file) => readFile(new URL(file, import.meta.url), 'utf8')),
  );
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
});
