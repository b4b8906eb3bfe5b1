import { InputError } from '@qb-heat/core';
import * as fc from 'fast-check';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { parseIdx, readIdxFolder } from '../../src/data/idx.ts';
import { idxBytes, makeFolder, writeFiles } from './fixtures.ts';

test('every array of bytes survives being written and parsed', () => {
  const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(shapes, fc.infiniteStream(fc.integer({ min: 0, max: 255 })), (shape, values) => {
      const data = [...values.take(shape.reduce((a, b) => a * b, 1))];
      const parsed = parseIdx(idxBytes(shape, data), 'f');
      expect(parsed.shape).toEqual(shape);
      expect([...parsed.data]).toEqual(data);
    }),
  );
});

test('any bytes parse or are refused with the name of the file', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.uint8Array({ maxLength: 40 }).map((tail) => Uint8Array.from([0, 0, 8, 1, ...tail])),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      try {
        const { shape, data } = parseIdx(input, 'x-ubyte');
        expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        expect(error.message).toMatch(/^x-ubyte: /);
      }
    }),
  );
});

test('values other than unsigned bytes are refused', () => {
  const bytes = idxBytes([2], [1, 2]);
  bytes[2] = 0x0d;
  expect(() => parseIdx(bytes, 'f')).toThrow('f: expected values of IDX type 0x08 (unsigned byte), got 0x0d');
});

test('a truncated file is refused with what is missing', () => {
  const bytes = idxBytes([2, 3], [1, 2, 3, 4, 5, 6]).subarray(0, 15);
  expect(() => parseIdx(bytes, 'f')).toThrow('f: expected 6 bytes of values for shape [2, 3], got 3');
});

test('a folder is read with plain and gzipped files mixed', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, {
    'train-images-idx3-ubyte.gz': gzipSync(idxBytes([2, 1, 3], [1, 2, 3, 4, 5, 6])),
    'train-labels-idx1-ubyte': idxBytes([2], [0, 2]),
    't10k-images-idx3-ubyte': idxBytes([1, 1, 3], [7, 8, 9]),
    't10k-labels-idx1-ubyte.gz': gzipSync(idxBytes([1], [1])),
  });
  const { shape, classes, train, test: held } = await readIdxFolder(folder);
  expect(shape).toEqual({ height: 1, width: 3, numChannels: 1 });
  expect(classes).toEqual(['0', '1', '2']);
  expect([...train.images]).toEqual([1, 2, 3, 4, 5, 6]);
  expect([...train.labels]).toEqual([0, 2]);
  expect([...held!.images]).toEqual([7, 8, 9]);
});

test('labels without their images are refused with the name that is missing', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, { 'train-labels-idx1-ubyte': idxBytes([1], [1]) });
  await expect(readIdxFolder(folder)).rejects.toThrow('found without its train-images-idx3-ubyte(.gz)');
});

test('test files alone are refused', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, {
    't10k-images-idx3-ubyte': idxBytes([1, 1, 1], [7]),
    't10k-labels-idx1-ubyte': idxBytes([1], [1]),
  });
  await expect(readIdxFolder(folder)).rejects.toThrow('expected train-images-idx3-ubyte(.gz) and train-labels');
});

test('a number of labels other than that of images is refused', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, {
    'train-images-idx3-ubyte': idxBytes([2, 1, 1], [7, 8]),
    'train-labels-idx1-ubyte': idxBytes([3], [1, 1, 1]),
  });
  await expect(readIdxFolder(folder)).rejects.toThrow('expected shape [2], one label for each image, got [3]');
});

test('damaged gzip is refused with the name of the file', async () => {
  const folder = await makeFolder();
  const file = 'train-images-idx3-ubyte.gz';
  await writeFiles(folder, {
    [file]: gzipSync(idxBytes([1, 1, 1], [7])).subarray(0, 20),
    'train-labels-idx1-ubyte': idxBytes([1], [1]),
  });
  await expect(readIdxFolder(folder)).rejects.toThrow(`${path.join(folder, file)}: expected gzip data: `);
});
