import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openDetection } from '../../../src/detection/data/open-detection.ts';
import type { AnnotatedPicture } from '../../../src/detection/data/detection-dataset.ts';
import { makeFolder, writeFiles } from '../../data/fixtures.ts';
import { cocoJson, picture, vocXml } from './fixtures.ts';

const png = await picture();
const box = { corners: [2, 3, 12, 8] };

function names(pictures: readonly AnnotatedPicture[]): string[] {
  return pictures.map(({ file }) => path.basename(file));
}

test('Pascal VOC in its own layout, inside the folder that its archive unpacks to', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, {
    'Set/Annotations/a.xml': vocXml('a.png', [box, { name: 'apple', corners: [0, 0, 4, 4] }]),
    'Set/Annotations/b.xml': vocXml('b.png', [box]),
    'Set/Annotations/c.xml': vocXml('c.png', [{ ...box, difficult: true }]),
    'Set/Annotations/unlisted.xml': vocXml('a.png', [box]),
    'Set/ImageSets/Main/train.txt': 'a\n',
    'Set/ImageSets/Main/trainval.txt': 'a\nb\n',
    'Set/ImageSets/Main/val.txt': 'b 1\n',
    'Set/ImageSets/Main/test.txt': 'c\r\nmissing\r\n',
    'Set/JPEGImages/a.png': png,
    'Set/JPEGImages/b.png': png,
    'Set/JPEGImages/c.png': png,
  });
  const data = await openDetection(folder);
  expect(data.classes).toEqual(['apple', 'cell']);
  expect([data.train, data.val, data.test].map(names)).toEqual([['a.png'], ['b.png'], ['c.png']]);
  expect(data.train[0]).toMatchObject({
    boxes: Float32Array.of(2, 3, 10, 5, 0, 0, 4, 4),
    labels: Int32Array.of(1, 0),
    width: 40,
    height: 30,
  });
  expect(data.test[0]!.isDifficult).toEqual(Uint8Array.of(1));
  expect(data.warnings).toEqual(['1 picture skipped: listed for test, not annotated (first: missing)']);
});

test('Pascal VOC whose folders are links', async () => {
  const [folder, elsewhere] = [await makeFolder(), await makeFolder()];
  await writeFiles(elsewhere, { 'xml/a.xml': vocXml('a.png', [box]), 'xml/b.xml': vocXml('b.png', [box]) });
  await writeFiles(elsewhere, { 'png/a.png': png, 'png/b.png': png });
  await symlink(path.join(elsewhere, 'xml'), path.join(folder, 'Annotations'), 'dir');
  await symlink(path.join(elsewhere, 'png'), path.join(folder, 'JPEGImages'), 'dir');
  const { train, test: tested } = await openDetection(folder);
  expect([...names(train), ...names(tested)].toSorted()).toEqual(['a.png', 'b.png']);
});

test('XML beside the pictures, with the parts as folders', async () => {
  const folder = await makeFolder();
  const parts = { train: 'a', valid: 'b' };
  for (const [part, name] of Object.entries(parts)) {
    await writeFiles(path.join(folder, part), { [`${name}.xml`]: vocXml(`${name}.png`, [box]), [`${name}.png`]: png });
  }
  const data = await openDetection(folder);
  expect([data.train, data.val, data.test].map(names)).toEqual([['a.png'], [], ['b.png']]);
  expect(data.warnings).toEqual([`${folder}: no test part found; the validation part takes its place`]);
});

test('without parts a seeded share is kept for testing', async () => {
  const folder = await makeFolder();
  for (let i = 0; i < 10; i++) await writeFiles(folder, { [`${i}.xml`]: vocXml(`${i}.png`, [box]), [`${i}.png`]: png });
  const open = (seed: number) => openDetection(folder, { testFraction: 0.3, seed });
  const data = await open(1);
  expect([...names(data.train), ...names(data.test)].toSorted()).toEqual([...Array(10).keys()].map((i) => `${i}.png`));
  expect(data.test).toHaveLength(3);
  expect(names((await open(1)).test)).toEqual(names(data.test));
  expect(names((await open(2)).test)).not.toEqual(names(data.test));
  expect(data.warnings).toEqual([`${folder}: no test part found; 3 of 10 pictures kept for testing`]);
});

test('COCO in its own layout, without its captions, by the order of its categories', async () => {
  const folder = await makeFolder();
  const categories = [
    { id: 7, name: 'zebra' },
    { id: 3, name: 'cell' },
    { id: 4, name: 'never' },
  ];
  const annotations = [7, 3].map((category) => ({
    image_id: 1,
    category_id: category,
    bbox: [2, 3, 10, 5],
    iscrowd: category === 3 ? 1 : 0,
  }));
  await writeFiles(folder, {
    'annotations/instances_train2017.json': cocoJson({ categories, annotations }),
    'annotations/captions_train2017.json': '{}',
    'annotations/instances_val2017.json': cocoJson({ images: [{ id: 1, file_name: 'b.png' }], categories }),
    'train2017/a.png': png,
    'val2017/b.png': png,
  });
  const data = await openDetection(folder);
  expect(data.classes).toEqual(['zebra', 'cell']);
  expect(data.train[0]).toMatchObject({ labels: Int32Array.of(0, 1), isCrowd: Uint8Array.of(0, 1) });
  expect(names(data.test)).toEqual(['b.png']);
});

test('COCO beside the pictures: a file that names no part is split', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, {
    'labels.json': cocoJson({
      images: [1, 2].map((id) => ({ id, file_name: `${id}.png` })),
      annotations: [1, 2].map((id) => ({ image_id: id, category_id: 7, bbox: [1, 1, 5, 5] })),
    }),
    '1.png': png,
    '2.png': png,
  });
  const data = await openDetection(folder, { testFraction: 0.5 });
  expect([...names(data.train), ...names(data.test)].toSorted()).toEqual(['1.png', '2.png']);
});

test('files that name no part are left alone beside those that do', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, {
    'train.json': cocoJson(),
    'test.json': cocoJson(),
    'a.json': '[]',
    'z.json': '[]',
    'a.png': png,
  });
  expect(names((await openDetection(folder)).train)).toEqual(['a.png']);
});

test('trainval.txt lists the training part where there is no train.txt', async () => {
  const folder = await makeFolder();
  const stems = ['a', 'b', 'c'];
  for (const stem of stems) {
    await writeFiles(folder, {
      [`Annotations/${stem}.xml`]: vocXml(`${stem}.png`, [box]),
      [`JPEGImages/${stem}.png`]: png,
    });
  }
  await writeFiles(folder, { 'ImageSets/Main/trainval.txt': 'a\nb\n', 'ImageSets/Main/test.txt': 'c\n' });
  const data = await openDetection(folder);
  expect([data.train, data.val, data.test].map(names)).toEqual([['a.png', 'b.png'], [], ['c.png']]);
});

test('missing and broken pictures, broken XML, bad boxes and new classes are skipped and counted', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, {
    'train/a.xml': vocXml('a.png', [
      box,
      { corners: [5, 5, 5, 9] },
      { corners: [50, 1, 60, 9] },
      { corners: [35, 1, 60, 9] },
    ]),
    'train/b.xml': vocXml('b.png', [box]),
    'train/broken.xml': '<annotation><object>',
    'train/missing.xml': vocXml('missing.png', [{ name: 'ghost', corners: [1, 1, 2, 2] }]),
    'train/large.xml': vocXml('large.png', [box], { width: 400 }),
    'test/c.xml': vocXml('c.png', [box, { name: 'new', corners: [1, 1, 2, 2] }]),
    'train/a.png': png,
    'train/b.png': png.slice(0, 20),
    'train/large.png': png,
    'test/c.png': png,
  });
  const data = await openDetection(folder);
  expect(data.classes).toEqual(['cell']);
  expect(names(data.train)).toEqual(['a.png', 'large.png']);
  expect(data.train[0]!.boxes).toEqual(Float32Array.of(2, 3, 10, 5, 35, 1, 5, 8));
  expect(data.warnings.map((line) => line.replace(/ \(first.*/, ''))).toEqual([
    '1 annotation skipped: unreadable',
    '1 box cut to the picture',
    '1 box skipped: of an unknown class',
    '1 box skipped: outside the picture',
    '1 box skipped: without area',
    '1 picture of another size than annotated',
    '1 picture skipped: missing',
    '1 picture skipped: undecodable',
  ]);
  expect(data.warnings.join(' ')).toContain(path.join(folder, 'train', 'broken.xml'));
});

test.each([
  ['an empty folder', {}, 'expected Pascal VOC (Annotations/*.xml'],
  ['pictures alone', { 'a.png': png }, 'or COCO (annotations/*.json'],
  ['broken XML alone', { 'a.xml': '<a>' }, '1 annotation skipped: unreadable'],
  ['a missing picture alone', { 'coco.json': cocoJson() }, 'no box of the training part can be used'],
  ['broken JSON', { 'coco.json': '{' }, 'coco.json: expected JSON; '],
  ['two files for a part', { 'train1.json': '{}', 'train2.json': '{}' }, 'expected one JSON file for each part'],
  ['no training part', { 'test.json': cocoJson() }, 'expected COCO annotations of a training part'],
])('%s is refused', async (_, files: Record<string, string | Uint8Array>, message) => {
  const folder = await makeFolder();
  await writeFiles(folder, files);
  await expect(openDetection(folder)).rejects.toThrow(message);
  await expect(openDetection(folder)).rejects.toMatchObject({
    name: 'InputError',
    message: expect.stringContaining(folder),
  });
});

test('a path that is missing or a file, and a share out of range, are refused', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, { file: '' });
  await expect(openDetection(path.join(folder, 'none'))).rejects.toThrow(
    'none: no such folder; expected one with Pascal',
  );
  await expect(openDetection(path.join(folder, 'file'))).rejects.toThrow('got a file');
  await expect(openDetection(folder, { testFraction: 1 })).rejects.toThrow('must lie between 0 and 1, got 1');
});
