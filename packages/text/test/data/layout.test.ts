import { InputError } from '@qb-heat/core';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recognizeLayout } from '../../src/data/layout.ts';
import { fileWith, folderWith } from './files.ts';

/** The roles of files of these names. */
async function roles(...names: string[]) {
  const folder = await folderWith(Object.fromEntries(names.map((name) => [name, 'x'])));
  const { train, test, classes, notes } = await recognizeLayout(folder);
  const base = (files: typeof train) => files.map(({ path }) => basename(path));
  return { train: base(train), test: base(test), classes: classes && basename(classes), notes };
}

describe('recognizeLayout', () => {
  it('finds training and test files among others', async () => {
    expect(await roles('classes.txt', 'readme.txt', 'SOURCE.md', 'test.csv.gz', 'train_subset.csv.gz')).toEqual({
      train: ['train_subset.csv.gz'],
      test: ['test.csv.gz'],
      classes: 'classes.txt',
      notes: [],
    });
  });

  it('leaves the validation file alone beside training and test files', async () => {
    expect(await roles('dev.tsv', 'test.tsv', 'train.tsv')).toMatchObject({ train: ['train.tsv'], test: ['test.tsv'] });
  });

  it('tests on the one other file beside a training file', async () => {
    expect(await roles('TREC_10.label', 'train_5500.label')).toMatchObject({ test: ['TREC_10.label'] });
  });

  it('reads a training set in several files', async () => {
    expect(await roles('train-1.txt', 'train-2.txt', 'test.txt')).toMatchObject({
      train: ['train-1.txt', 'train-2.txt'],
    });
  });

  it('trains on the validation file when nothing else is left, and says so', async () => {
    expect(await roles('valid.txt', 'test.txt')).toMatchObject({
      train: ['valid.txt'],
      test: ['test.txt'],
      notes: ['no training file: valid.txt trains'],
    });
  });

  it('tests on the validation file when there is no test file, and says so', async () => {
    expect(await roles('train.txt', 'validation.txt')).toMatchObject({
      test: ['validation.txt'],
      notes: ['no test file: validation.txt tests'],
    });
  });

  it('takes a lone file, in a folder or not, for training', async () => {
    expect(await roles('input.txt')).toMatchObject({ train: ['input.txt'], test: [] });
    expect(await recognizeLayout(await fileWith('some.text.gz', 'x'))).toMatchObject({
      name: 'some.text.gz',
      test: [],
    });
  });

  it.each([
    ['a folder without text', ['a.png', 'README.txt'], /holds no text file; expected a \.csv, \.tsv/],
    ['an empty folder', [], /holds no text file/],
    ['files without roles', ['a.csv', 'b.csv'], /cannot tell which of a\.csv, b\.csv to train on/],
  ])('refuses %s', async (_, names, message) => {
    await expect(roles(...names)).rejects.toThrow(InputError);
    await expect(roles(...names)).rejects.toThrow(message);
  });

  it('refuses a missing path and an unknown ending', async () => {
    await expect(recognizeLayout('/no/such/path')).rejects.toThrow(/no such file or folder; expected a \.csv/);
    await expect(recognizeLayout(await fileWith('data.bin', 'x'))).rejects.toThrow(/its ending is not known/);
  });
});
