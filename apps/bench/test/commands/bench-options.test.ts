import { chmod, mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import { describe, expect, it } from 'vitest';
import { readBenchOptions } from '../../src/commands/bench-options.ts';

const here = import.meta.dirname;
const file = import.meta.filename;

function read(given: Readonly<Record<string, string | readonly string[]>>) {
  const options = Object.entries({ out: '/nowhere/results', ...given }).map(
    ([name, value]) => [name, typeof value === 'string' ? [value] : value] as const,
  );
  return readBenchOptions({ options: new Map(options), words: [] });
}

describe('readBenchOptions', () => {
  it('reads the defaults', async () => {
    expect(await read({})).toEqual({
      preset: 'quick',
      experiments: null,
      only: null,
      sources: { images: [], detection: null, text: [], probeText: [], tokenizer: null },
      fills: null,
      encoders: null,
      backend: 'auto',
      threads: null,
      seeds: null,
      shard: null,
      out: '/nowhere/results',
      export: false,
      fresh: false,
      json: false,
      tensorboard: null,
    });
  });

  it('reads lists once each', async () => {
    const options = await read({ only: 'text, vision,text', fills: 'linear,mask-token,linear' });
    expect(options.only).toEqual(['text', 'vision']);
    expect(options.fills).toEqual(['linear', 'mask-token']);
  });

  it('reads several texts, and what is said of one of them by its name or of all', async () => {
    const { sources } = await read({
      text: [here, file],
      'probe-text': here,
      encoding: ['latin1', `${path.basename(file)}=utf-16le`],
    });
    expect(sources.text.map(({ encoding }) => encoding)).toEqual(['latin1', 'utf-16le']);
    expect(sources.probeText).toEqual([
      { path: here, given: here, textColumn: null, labelColumn: null, encoding: 'latin1' },
    ]);
  });

  it('takes a tokenizer that is no path for a name on the hub', async () => {
    expect((await read({ tokenizer: 'bert-base-uncased' })).sources.tokenizer?.path).toBe('bert-base-uncased');
    expect((await read({ tokenizer: tmpdir() })).sources.tokenizer?.path).toBe(tmpdir());
  });

  it('reads which shard to run, and a file in place of a preset', async () => {
    expect((await read({ shard: '2/4' })).shard).toEqual({ index: 2, count: 4 });
    expect(await read({ experiments: file })).toMatchObject({ preset: null, experiments: { given: file } });
  });

  it.each<[Record<string, string | string[]>, string]>([
    [{ preset: 'quik' }, "--preset: unknown value 'quik', expected one of smoke, quick"],
    [{ only: 'vision,sound' }, "--only: unknown value 'sound'"],
    [{ backend: 'cuda' }, "--backend: unknown value 'cuda', expected one of auto, onnxruntime"],
    [{ seeds: '0' }, "--seeds must be a whole number from 1 to 1000, got '0'"],
    [{ seeds: '2.5' }, "got '2.5'"],
    [{ threads: 'two' }, "--threads must be a whole number from 1 to 1024, got 'two'"],
    [{ shard: '0/3' }, "--shard must be i/n with i from 1 to n, such as 1/4, got '0/3'"],
    [{ shard: '4/3' }, "got '4/3'"],
    [{ shard: '1' }, "got '1'"],
    [{ images: '/nowhere/pictures' }, '--images: no such file or folder: /nowhere/pictures'],
    [{ text: '/nowhere/text.csv' }, '--text: no such file or folder: /nowhere/text.csv'],
    [{ tokenizer: './nowhere' }, '--tokenizer: no such file or folder'],
    [{ experiments: '/nowhere.yaml' }, '--experiments: no such file or folder'],
    [{ experiments: file, preset: 'smoke' }, '--preset and --experiments each say what to run'],
    [{ out: file }, `--out: ${file} is a file, expected a folder or a new path`],
    [{ out: path.join(file, 'below') }, `--out: ${file} is a file, expected a folder or a new path`],
    [{ tensorboard: file }, `--tensorboard: ${file} is a file, expected a folder or a new path`],
    [{ only: 'detection' }, '--only: detection needs pictures with boxes: give them by --detection'],
    [{ only: 'text', detection: tmpdir() }, "--detection has no effect without 'detection' in --only"],
    [{ detection: '/nowhere/boxes' }, '--detection: no such file or folder: /nowhere/boxes'],
    [{ only: 'text', images: tmpdir() }, "--images has no effect without 'vision' or 'detection' in --only"],
    [{ only: 'operators', fills: 'linear' }, "--fills has no effect without 'vision' or 'text' in --only"],
    [{ 'text-column': 'body' }, '--text-column has no effect without --text'],
    [{ encoding: 'latin1' }, '--encoding has no effect without --text'],
    [{ 'probe-text': tmpdir() }, '--probe-text has no effect without --text'],
    [{ text: here, encoding: 'news=latin1' }, "--encoding: no text is named 'news', expected one of commands"],
  ])('refuses %j', async (given, message) => {
    await expect(read(given)).rejects.toThrow(InputError);
    await expect(read(given)).rejects.toThrow(message);
  });

  // Who may write anywhere, as root may, is refused by nothing.
  it.skipIf(process.getuid?.() === 0)('refuses a folder that cannot be written into', async () => {
    const locked = await mkdtemp(path.join(tmpdir(), 'qb-heat-locked-'));
    await chmod(locked, 0o555);
    await expect(read({ out: path.join(locked, 'results') })).rejects.toThrow(`--out: ${locked} cannot be written to`);
    await rmdir(locked);
  });
});
