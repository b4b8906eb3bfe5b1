import { InputError } from '@qb-heat/core';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { readBenchOptions } from '../../src/commands/bench-options.ts';

const defaults = { preset: 'quick', only: 'operators,vision,text', backend: 'auto', out: '/nowhere/results' };
const read = (given: Record<string, unknown>) => readBenchOptions({ ...defaults, ...given });

describe('readBenchOptions', () => {
  it('reads the defaults', async () => {
    expect(await read({})).toEqual({
      preset: 'quick',
      only: ['operators', 'vision', 'text'],
      images: null,
      text: null,
      textColumn: null,
      labelColumn: null,
      encoding: null,
      tokenizer: null,
      fills: null,
      backend: 'auto',
      threads: null,
      seeds: null,
      out: '/nowhere/results',
      fresh: false,
    });
  });

  it('reads lists once each and leaves the baseline to itself', async () => {
    const options = await read({ only: 'text, vision,text', fills: 'linear,mask-token,nearest' });
    expect(options.only).toEqual(['text', 'vision']);
    expect(options.fills).toEqual(['linear', 'nearest']);
  });

  it('takes a tokenizer that is no path for a name on the hub', async () => {
    expect((await read({ tokenizer: 'bert-base-uncased' })).tokenizer).toBe('bert-base-uncased');
    expect((await read({ tokenizer: tmpdir() })).tokenizer).toBe(tmpdir());
  });

  it.each([
    [{ preset: 'quik' }, "--preset: unknown value 'quik', expected one of smoke, quick; did you mean quick?"],
    [{ only: 'vision,sound' }, "--only: unknown value 'sound'"],
    [{ fills: 'liner' }, 'did you mean linear?'],
    [{ backend: 'cuda' }, "--backend: unknown value 'cuda', expected one of auto, onnxruntime"],
    [{ seeds: '0' }, "--seeds must be a whole number from 1 to 1000, got '0'"],
    [{ seeds: '2.5' }, "got '2.5'"],
    [{ threads: 'two' }, "--threads must be a whole number from 1 to 1024, got 'two'"],
    [{ images: '/nowhere/pictures' }, '--images: no such file or folder: /nowhere/pictures'],
    [{ text: '/nowhere/text.csv' }, '--text: no such file or folder: /nowhere/text.csv'],
    [{ tokenizer: './nowhere' }, '--tokenizer: no such file or folder'],
    [{ out: import.meta.filename }, 'is a file, expected a folder or a new path'],
    [{ only: 'text', images: tmpdir() }, "--images has no effect without 'vision' in --only"],
    [{ only: 'operators', fills: 'linear' }, "--fills has no effect without 'vision' or 'text' in --only"],
    [{ 'text-column': 'body' }, '--text-column has no effect without --text'],
    [{ encoding: 'latin1' }, '--encoding has no effect without --text'],
  ])('refuses %j', async (given, message) => {
    await expect(read(given)).rejects.toThrow(InputError);
    await expect(read(given)).rejects.toThrow(message);
  });
});
