import { InputError } from '@qb-heat/core';
import { describe, expect, it } from 'vitest';
import { openText } from '../../src/data/open-text.ts';
import { fileWith, folderWith } from './files.ts';

describe('openText', () => {
  it('reads a folder of news whose training file has one column less than its test file', async () => {
    const folder = await folderWith({
      'classes.txt': 'World\nSports\n',
      'train.csv.gz': '"2","Goal, at last"\n"1","Peace ""talks"""\n"2","Late win"\n',
      'test.csv': '"1","Peace summit","They met."\n"2","Final","They won."\n"1","Vote","They voted."\n',
    });
    expect(await openText(folder)).toMatchObject({
      synthetic: false,
      classes: ['World', 'Sports'],
      train: { texts: ['Goal, at last', 'Peace "talks"', 'Late win'], labels: Int32Array.of(1, 0, 1) },
      test: {
        texts: ['Peace summit They met.', 'Final They won.', 'Vote They voted.'],
        labels: Int32Array.of(0, 1, 0),
      },
      notes: [],
    });
  });

  it('reads a small test file as the training file was read, with its header or without', async () => {
    const train = 'stars,text\n5,so good\n1,so bad\n5,very good\n';
    const test = '5,no doubt about it\n1,bad\n';
    for (const header of ['', 'stars,text\n']) {
      const folder = await folderWith({ 'train.csv': train, 'test.csv': header + test });
      expect((await openText(folder, { labelColumn: 'stars' })).test).toEqual({
        texts: ['no doubt about it', 'bad'],
        labels: Int32Array.of(1, 0),
      });
    }
  });

  it('orders numeric labels by value and others by letter', async () => {
    const numbers = await openText(await fileWith('a.tsv', '10\ta b\n9\tc d\n10\te f\n9\tg h\n'));
    const letters = await openText(await fileWith('a.tsv', 'pos\ta b\nneg\tc d\npos\te f\nneg\tg h\n'));
    expect([numbers.classes, letters.classes]).toEqual([
      ['9', '10'],
      ['neg', 'pos'],
    ]);
  });

  it('reads coarse or fine classes of label files', async () => {
    const folder = await folderWith({
      'train.label': 'NUM:dist How far ?\nNUM:date When ?\nHUM:ind Who ?\n',
      'ten.label': 'NUM:date What year ?\n',
    });
    expect((await openText(folder)).classes).toEqual(['HUM', 'NUM']);
    const fine = await openText(folder, { labelColumn: 'fine' });
    expect(fine.classes).toEqual(['HUM:ind', 'NUM:date', 'NUM:dist']);
    expect(fine.test).toMatchObject({ texts: ['What year ?'], labels: Int32Array.of(1) });
  });

  it('reads plain text without labels and tests on its end', async () => {
    const content = Array.from({ length: 20 }, (_, index) => `paragraph ${index}`).join('\n\n');
    const { classes, train, test, notes } = await openText(await fileWith('a.txt', content));
    expect(classes).toEqual([]);
    expect(train.texts).toHaveLength(18);
    expect(test).toMatchObject({ texts: ['paragraph 18', 'paragraph 19'], labels: new Int32Array(0) });
    expect(notes).toEqual(['no test file: 10 % of the texts test']);
  });

  it('counts the empty texts that it skips', async () => {
    const { train, test, notes } = await openText(await fileWith('a.csv', 'label,text\n1,a\n0,\n1,b\n0,c\n0,  \n'));
    expect([...train.texts, ...test.texts].toSorted()).toEqual(['a', 'b', 'c']);
    expect(notes).toContain('2 empty texts skipped');
  });

  it('skips texts with an empty label and counts them', async () => {
    const { classes, train, test, notes } = await openText(
      await fileWith('a.csv', 'label,text\n1,a b\n,c d\n0,e f\n  ,g h\n1,i j\n0,k l\n'),
      { labelColumn: 'label' },
    );
    expect(classes).toEqual(['0', '1']);
    expect([...train.texts, ...test.texts].toSorted()).toEqual(['a b', 'e f', 'i j', 'k l']);
    expect(notes).toContain('2 texts with an empty label skipped');
  });

  it('reads the names of the classes in the encoding of the files', async () => {
    const folder = await folderWith({
      'train.tsv': 'a\tx y\nb\tz w\na\tu v\n',
      'test.tsv': 'a\tx y\n',
      'classes.txt': Buffer.from('Caf\u00e9\r\nTh\u00e9\n', 'latin1'),
    });
    expect((await openText(folder, { encoding: 'latin1' })).classes).toEqual(['Café', 'Thé']);
    await expect(openText(folder)).rejects.toThrow(/classes\.txt: line 1 is not UTF-8/);
  });

  it('makes the same split every time, and another with another seed', async () => {
    const content = Array.from({ length: 60 }, (_, index) => `${index % 3}\ttext number ${index}`).join('\n');
    const path = await fileWith('a.tsv', content);
    const test = async (seed?: number) =>
      (await openText(path, { testFraction: 0.3, ...(seed !== undefined && { seed }) })).test;
    const first = await test();
    expect(await test()).toEqual(first);
    expect((await test(1)).texts).not.toEqual(first.texts);
    expect([0, 1, 2].map((label) => first.labels.filter((each) => each === label).length)).toEqual([6, 6, 6]);
  });

  it.each([
    [
      'a test label that training lacks',
      { 'train.tsv': 'a\tx y\nb\tz w\na\tu v\nb\tq r\n', 'test.tsv': 'a\tx y\na\tu v\nc\tz w\n' },
      {},
      /test\.tsv: line 3 has label 'c', which no training text has \(a, b\)/,
    ],
    [
      'class names in another number',
      { 'train.tsv': 'a\tx y\nb\tz w\na\tu v\n', 'test.tsv': 'a\tx y\na\tz w\n', 'classes.txt': 'One\n' },
      {},
      /classes\.txt: names 1 classes, but the training texts have 2 labels/,
    ],
    ['training files without text', { 'train.txt': '\n \n', 'test.txt': 'x' }, {}, /its training files hold no text/],
    ['test files without text', { 'train.txt': 'x', 'test.txt': '' }, {}, /its test files hold no text/],
    ['a single text', { 'a.txt': 'x' }, {}, /holds one text; training and testing need one each/],
    [
      'a test share of everything',
      { 'a.txt': 'x' },
      { testFraction: 1 },
      /testFraction must lie between 0 and 1, got 1/,
    ],
  ])('refuses %s', async (_, files, options, message) => {
    const opening = openText(await folderWith(files), options);
    await expect(opening).rejects.toThrow(InputError);
    await expect(opening).rejects.toThrow(message);
  });
});
