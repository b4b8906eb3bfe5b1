import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readExperiments } from '../../src/commands/read-experiments.ts';
import { makeTiny, tinyExperiments } from '../fixtures/tiny-experiments.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qb-heat-experiments-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(content: string, name = 'mine.yaml') {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return readExperiments({ path: file, given: `some/${name}` });
}

const { vision } = tinyExperiments;
const withMethod = (method: unknown): string =>
  JSON.stringify({
    ...tinyExperiments,
    vision: { ...vision, comparisons: { block: { methods: ['linear', method] } } },
  });

describe('readExperiments', () => {
  it('reads JSON and YAML, with every default filled in', async () => {
    expect(await read(JSON.stringify(tinyExperiments), 'mine.json')).toEqual(makeTiny());
    const yaml =
      'name: only-operators\nseeds: 2\noperators: { gridSizes: [8], dims: [64], numRepeats: 1, withTrainingStep: false, estimateMs: 1 }\n';
    expect((await read(yaml)).operators?.gridSizes).toEqual([8]);
  });

  it.each<[string, string, string]>([
    ['no YAML', 'name: x\n  seeds: [', '--experiments: some/mine.yaml: Nested mappings are not allowed'],
    ['nothing', '', '--experiments: mine.yaml: Invalid input: expected object, received null'],
    ['a wrong type', '{ name: x, seeds: "3" }', '--experiments: mine.yaml: seeds: Invalid input: expected number'],
    ['an unknown field', '{ name: x, seeds: 1, sound: {} }', '--experiments: mine.yaml: Unrecognized key: "sound"'],
    [
      'an unknown fill in a method of its own',
      withMethod({ name: 'mine', fill: { name: 'lineer' } }),
      '--experiments: mine.yaml: vision.comparisons.block.methods.1.fill.name: Invalid option: expected one of',
    ],
    [
      'fields that do not go together',
      withMethod('linear'),
      "--experiments: mine.yaml: vision.comparisons.block: 'linear' is named twice among its baselines and methods",
    ],
  ])('refuses %s', async (_what, content, message) => {
    await expect(read(content)).rejects.toThrow(InputError);
    await expect(read(content)).rejects.toThrow(message);
  });

  it('refuses a file of another kind, and a folder', async () => {
    await expect(read('', 'mine.txt')).rejects.toThrow(
      '--experiments: some/mine.txt: expected a .yaml, .yml or .json file',
    );
    await mkdir(path.join(folder, 'folder.json'));
    const asFile = readExperiments({ path: path.join(folder, 'folder.json'), given: 'folder.json' });
    await expect(asFile).rejects.toThrow('--experiments: folder.json cannot be read');
  });
});
