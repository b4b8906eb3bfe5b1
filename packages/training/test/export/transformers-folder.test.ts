import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeTransformersFolder } from '../../src/export/transformers-folder.ts';

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'qb-heat-export-'));
  folder = path.join(parent, 'encoder');
});
afterEach(async () => {
  await rm(parent, { recursive: true });
});

const content = {
  model: Uint8Array.of(1, 2, 3),
  config: { hidden_size: 8 },
  encoder: { kind: 'vit' },
  files: { 'preprocessor_config.json': { do_resize: true } },
};
const readJson = async (name: string): Promise<unknown> => JSON.parse(await readFile(path.join(folder, name), 'utf8'));
const listFiles = async (): Promise<string[]> => (await readdir(folder, { recursive: true })).toSorted();

describe('writeTransformersFolder', () => {
  it('lays the files out as Hugging Face does, and leaves nothing beside them', async () => {
    await writeTransformersFolder(folder, content);
    expect(await listFiles()).toEqual([
      'config.json',
      'onnx',
      path.join('onnx', 'model.onnx'),
      'preprocessor_config.json',
    ]);
    expect([...(await readFile(path.join(folder, 'onnx', 'model.onnx')))]).toEqual([1, 2, 3]);
    expect(await readJson('preprocessor_config.json')).toEqual({ do_resize: true });
    expect(await readJson('config.json')).toEqual({
      model_type: 'custom',
      architectures: ['PreTrainedModel'],
      'transformers.js_config': { dtype: 'fp32' },
      hidden_size: 8,
      qb_heat: { kind: 'vit' },
    });
    expect(await readdir(parent)).toEqual(['encoder']);
  });

  it('makes the folders above it', async () => {
    folder = path.join(parent, 'some', 'where', 'encoder');
    await writeTransformersFolder(`${folder}/`, content);
    expect(await listFiles()).toContain('config.json');
  });

  it('takes an empty folder, and replaces an earlier export', async () => {
    await mkdir(folder);
    await writeTransformersFolder(folder, content);
    await writeTransformersFolder(folder, { ...content, model: Uint8Array.of(4) });
    expect([...(await readFile(path.join(folder, 'onnx', 'model.onnx')))]).toEqual([4]);
    expect(await readdir(parent)).toEqual(['encoder']);
  });

  it.each([
    ['a folder of something else', { 'notes.txt': 'mine' }, /encoder: exists and is no export of an encoder/],
    ['another model', { 'config.json': '{"model_type":"bert"}' }, /exists and is no export of an encoder/],
    ['a damaged one', { 'config.json': '{"qb_heat":' }, /exists and is no export of an encoder/],
    [
      'an export to which something was added',
      { 'config.json': '{"qb_heat":{}}', 'README.md': 'mine' },
      /replacing this export would lose README\.md, which an export does not write/,
    ],
  ])('refuses %s, and leaves it as it is', async (_, files, message) => {
    await mkdir(folder);
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
    const writing = writeTransformersFolder(folder, content);
    await expect(writing).rejects.toThrow(InputError);
    await expect(writing).rejects.toThrow(message);
    expect(await listFiles()).toEqual(Object.keys(files).toSorted());
    expect(await readdir(parent)).toEqual(['encoder']);
  });

  it('refuses a file', async () => {
    await writeFile(folder, '');
    await expect(writeTransformersFolder(folder, content)).rejects.toThrow(/encoder: is a file; name a folder/);
  });

  it('leaves the earlier export, and nothing half-written, where writing fails', async () => {
    await writeTransformersFolder(folder, content);
    const broken = { ...content, files: { ...content.files, [path.join('missing', 'file.json')]: {} } };
    await expect(writeTransformersFolder(folder, broken)).rejects.toThrow(/ENOENT/);
    expect([...(await readFile(path.join(folder, 'onnx', 'model.onnx')))]).toEqual([1, 2, 3]);
    expect(await readdir(parent)).toEqual(['encoder']);
  });
});
