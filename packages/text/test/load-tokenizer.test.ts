import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { InputError } from '@qb-heat/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadTokenizer } from '../src/load-tokenizer.ts';
import { folderWith } from './data/files.ts';
import { handMadeFiles, handMadeTokenizer } from './fixtures.ts';

const json = JSON.stringify(handMadeFiles().json);
const text = 'the dog barks';

describe('from disk', () => {
  it('loads a folder, a folder with one file that ends in tokenizer.json, and such a file', async () => {
    const plain = await folderWith({ 'tokenizer.json': json, 'tokenizer_config.json': '{"mask_token":"[MASK]"}' });
    const named = await folderWith({ 'small-tokenizer.json': json, 'vocab.txt': 'the' });
    for (const path of [plain, named, join(named, 'small-tokenizer.json')]) {
      expect((await loadTokenizer(path)).encode(text)).toEqual(handMadeTokenizer.encode(text));
    }
    expect((await loadTokenizer(named)).name).toBe('small-tokenizer');
  });

  it('reads the configuration beside the file', async () => {
    const folder = await folderWith({ 'a-tokenizer.json': json, 'a-tokenizer_config.json': '{"mask_token":"cat"}' });
    expect((await loadTokenizer(folder)).special.mask).toBe(7);
  });

  it.each([
    ['a folder without one', {}, '', /expected one tokenizer\.json in the folder, found none/],
    [
      'a folder with two',
      { 'a-tokenizer.json': json, 'b-tokenizer.json': json },
      '',
      /found a-tokenizer\.json, b-tokenizer\.json/,
    ],
    ['a file that is no JSON', { 'tokenizer.json': 'the\ndog' }, '', /tokenizer\.json: cannot be read as JSON/],
    ['a file that is JSON of another kind', { 'tokenizer.json': '3' }, '', /expected a JSON object/],
    ['a missing file', {}, '/none.json', /none\.json: no such file or folder/],
  ])('refuses %s', async (_, files, path, message) => {
    const loading = loadTokenizer((await folderWith(files)) + path);
    await expect(loading).rejects.toThrow(InputError);
    await expect(loading).rejects.toThrow(message);
  });
});

describe('from a hub', () => {
  it('downloads once, then needs no network', async () => {
    const cacheFolder = await folderWith({});
    const { hubUrl, requests, stop } = await serve({ '/some/small/resolve/main/tokenizer.json': json });
    const first = await loadTokenizer('some/small', { cacheFolder, hubUrl });
    expect(first.encode(text)).toEqual(handMadeTokenizer.encode(text));
    expect(requests).toEqual([
      '/some/small/resolve/main/tokenizer.json',
      '/some/small/resolve/main/tokenizer_config.json',
    ]);
    await stop();
    const second = await loadTokenizer('some/small', { cacheFolder, hubUrl, offline: true });
    expect(second.encode(text)).toEqual(first.encode(text));
  });

  it('says why a name could not be had', async () => {
    const cacheFolder = await folderWith({});
    const { hubUrl, stop } = await serve({});
    await expect(loadTokenizer('nobody/nothing', { cacheFolder, hubUrl })).rejects.toThrow(
      /tokenizer nobody\/nothing: is neither a file or folder here nor could be had from the hub \(http:/,
    );
    await stop();
    await expect(loadTokenizer('nobody/nothing', { cacheFolder, hubUrl })).rejects.toThrow(
      /could be had .*ECONNREFUSED/,
    );
    await expect(loadTokenizer('nobody/nothing', { cacheFolder, offline: true })).rejects.toThrow(/offline is set/);
  });
});

it('loads no native library beside the engine', async () => {
  await loadTokenizer(await folderWith({ 'tokenizer.json': json }));
  const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] };
  expect(sharedObjects.filter((path) => /onnxruntime|sharp/.test(path))).toEqual([]);
});

/** A hub with these files. */
async function serve(files: Readonly<Record<string, string>>) {
  const requests: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    requests.push(url);
    const content = files[url];
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(stop);
  return { hubUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, stop };
}
