import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, writeFiles } from '../data/fixtures.ts';
import { picture, vocXml } from './data/fixtures.ts';
import { detectInFolder } from './readme-example.ts';
import { squaresBackbone } from './scene.ts';

test('the detection example of the README runs', async () => {
  const folder = await makeFolder();
  for (const part of ['train', 'test']) {
    await writeFiles(path.join(folder, part), {
      'a.xml': vocXml('a.png', [{ corners: [2, 3, 22, 18] }]),
      'a.png': await picture(),
    });
  }
  const drawing = path.join(folder, 'found.png');
  const options = { height: 24, width: 32, numSteps: 1 };
  const { perClass } = await detectInFolder(squaresBackbone(), folder, drawing, options);
  expect(perClass.map(({ name, numBoxes }) => [name, numBoxes])).toEqual([['cell', 1]]);
  expect((await stat(drawing)).size).toBeGreaterThan(0);
});

test('the README shows the detection example as it is', async () => {
  const [readme, example] = await Promise.all(
    ['../../README.md', './readme-example.ts'].map((file) => readFile(new URL(file, import.meta.url), 'utf8')),
  );
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
});
