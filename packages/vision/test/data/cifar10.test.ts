import { InputError } from '@qb-heat/core';
import * as fc from 'fast-check';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parseCifar10, readCifar10 } from '../../src/data/cifar10.ts';
import { cifar10Bytes, makeFolder, writeFiles } from './fixtures.ts';

test('color planes become channels of each pixel', () => {
  const { images, labels } = parseCifar10(cifar10Bytes([3, 9]), 'f.bin');
  expect([...labels]).toEqual([3, 9]);
  // Record 1, pixel 5: 7 + 15 = 22 in red, 72 in green, 122 in blue.
  expect([...images.subarray((1024 + 5) * 3, (1024 + 5) * 3 + 3)]).toEqual([22, 72, 122]);
});

test('any bytes either parse to whole records or are refused with the name of the file', () => {
  const lengths = fc.oneof(
    fc.nat(8000),
    fc.nat(3).map((n) => n * 3073),
  );
  fc.assert(
    fc.property(lengths, fc.integer({ min: 0, max: 255 }), (length, fill) => {
      const bytes = new Uint8Array(length).fill(fill);
      try {
        const { images, labels } = parseCifar10(bytes, 'some/data_batch_1.bin');
        expect(labels.length * 3073).toBe(length);
        expect(images.length).toBe(labels.length * 3072);
        expect(fill).toBeLessThan(10);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        expect(error.message).toMatch(/^some\/data_batch_1\.bin: /);
      }
    }),
  );
});

test('a truncated file is refused with its length', () => {
  const bytes = cifar10Bytes([1]).subarray(0, 3000);
  expect(() => parseCifar10(bytes, 'data_batch_2.bin')).toThrow(
    'data_batch_2.bin: expected a whole number of records of 3073 bytes (1 label + 32×32×3), got 3000 bytes',
  );
});

test('a label out of range is refused with its record', () => {
  expect(() => parseCifar10(cifar10Bytes([0, 10]), 'f.bin')).toThrow(
    'f.bin: record 1: expected a label from 0 to 9, got 10',
  );
});

test('batches are read in the order of their numbers, with test images and class names', async () => {
  const folder = await makeFolder();
  const names = Array.from({ length: 10 }, (_, i) => `class-${i}`);
  await writeFiles(folder, {
    'data_batch_10.bin': cifar10Bytes([5]),
    'data_batch_2.bin': cifar10Bytes([4, 4]),
    'test_batch.bin': cifar10Bytes([7]),
    'batches.meta.txt': `${names.join('\n')}\n\n`,
    'SOURCE.md': 'text beside the data',
  });
  const { train, test: held, classes } = await readCifar10(folder);
  expect([...train.labels]).toEqual([4, 4, 5]);
  expect([...held!.labels]).toEqual([7]);
  expect(classes).toEqual(names);
});

test('a list of class names that is too short is refused', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, { 'data_batch_1.bin': cifar10Bytes([1]), 'batches.meta.txt': 'cat\ndog\n' });
  await expect(readCifar10(folder)).rejects.toThrow(
    `${path.join(folder, 'batches.meta.txt')}: expected 10 class names, one a line, got 2`,
  );
});
