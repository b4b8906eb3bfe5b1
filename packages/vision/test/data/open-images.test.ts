import { symlink } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { openImages } from '../../src/data/open-images.ts';
import { createImageModel, describeImages, probeLinear, trainingBatches } from '../../src/index.ts';
import { tinyOptions } from '../models.ts';
import { cifar10Bytes, idxBytes, makeFolder, plainPicture, writeFiles } from './fixtures.ts';

const red = () => plainPicture([255, 0, 0]).png().toBuffer();
const blue = () => plainPicture([0, 0, 255]).png().toBuffer();

test('a missing path is refused with what was expected', async () => {
  await expect(openImages('no/such/folder')).rejects.toThrow(
    'no/such/folder: no such folder; expected one with data_batch_*.bin (CIFAR-10 binary layout)',
  );
});

test('a file in place of a folder is refused', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, { 'a.png': await red() });
  await expect(openImages(path.join(folder, 'a.png'))).rejects.toThrow('a.png: expected a folder with');
});

test('an empty folder is refused', async () => {
  await expect(openImages(await makeFolder())).rejects.toThrow('found an empty folder');
});

test('a folder without pictures is refused with what it holds', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, { 'notes.txt': 'text', 'table.csv': 'a,b' });
  await expect(openImages(folder)).rejects.toThrow('found notes.txt, table.csv');
});

test('links to folders and pictures are followed, but not round in circles', async () => {
  const [folder, elsewhere] = [await makeFolder(), await makeFolder()];
  await writeFiles(elsewhere, { 'reds/a.png': await red(), 'blue.png': await blue() });
  await writeFiles(folder, { 'blue/1.png': await blue(), 'blue/deep/2.png': await blue() });
  await symlink(path.join(elsewhere, 'reds'), path.join(folder, 'red'), 'dir');
  await symlink(path.join(elsewhere, 'blue.png'), path.join(folder, 'blue', '3.png'));
  await symlink(path.join(folder, 'blue'), path.join(folder, 'blue', 'deep', 'again'), 'dir');
  const data = await openImages(folder, { size: 8 });
  expect(data.classes).toEqual(['blue', 'red']);
  const labels = [...data.train.labels, ...data.test.labels];
  expect(labels).toHaveLength(4);
  expect(labels.filter((label) => label === data.classes.indexOf('red'))).toHaveLength(1);
});

test('a link to nothing is skipped with a warning', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, { 'a/1.png': await red(), 'a/2.png': await red(), 'a/3.png': await red() });
  await symlink(path.join(folder, 'nowhere.png'), path.join(folder, 'a', '4.png'));
  const { warnings } = await openImages(folder, { size: 8 });
  expect(warnings.join()).toMatch(/1 picture skipped: .*4\.png/);
});

test('the CIFAR-10 layout is recognised and split where it has no test file', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, { 'data_batch_1.bin': cifar10Bytes([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]) });
  const data = await openImages(folder, { testFraction: 0.2 });
  expect(data).toMatchObject({ height: 32, width: 32, numChannels: 3, synthetic: false, name: path.basename(folder) });
  expect([...data.train.labels]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  expect([...data.test.labels]).toEqual([0, 1]);
  expect(data.test.images).toHaveLength(2 * 32 * 32 * 3);
  expect(data.warnings).toEqual([`${folder}: no test part found; 2 of 10 images kept for testing`]);
});

test('IDX images are recognised, limited by class and resized', async () => {
  const folder = await makeFolder();
  const images = Array.from({ length: 6 * 16 }, (_, i) => 40 * Math.floor(i / 16));
  await writeFiles(folder, {
    'train-images-idx3-ubyte': idxBytes([6, 4, 4], images),
    'train-labels-idx1-ubyte': idxBytes([6], [0, 0, 0, 0, 1, 1]),
    't10k-images-idx3-ubyte': idxBytes([1, 4, 4], new Uint8Array(16).fill(9)),
    't10k-labels-idx1-ubyte': idxBytes([1], [1]),
  });
  const data = await openImages(folder, { size: 8, trainLimit: 4 });
  expect(data).toMatchObject({ height: 8, width: 8, numChannels: 1 });
  expect([...data.train.labels]).toEqual([0, 0, 1, 1]);
  expect(data.train.images).toHaveLength(4 * 64);
  expect(data.train.images.subarray(3 * 64)).toEqual(new Uint8Array(64).fill(200));
  expect(data.test.images).toEqual(new Uint8Array(64).fill(9));
});

test('pictures of class folders are read with their classes, named in order', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, {
    'train/b/2.png': await blue(),
    'train/b/1.png': await blue(),
    'train/a/deep/x.PNG': await red(),
    'val/a/1.png': await red(),
    'train/b/notes.txt': 'no picture',
  });
  const data = await openImages(folder, { size: 8 });
  expect(data.classes).toEqual(['a', 'b']);
  expect(data.train.labels.toSorted()).toEqual(Int32Array.of(0, 1, 1));
  data.train.labels.forEach((label, i) => {
    expect([...data.train.images.subarray(i * 192, i * 192 + 3)]).toEqual(label === 0 ? [255, 0, 0] : [0, 0, 255]);
  });
  expect([...data.test.labels]).toEqual([0]);
  expect(data.warnings).toEqual([]);
});

test('the first pictures of each part are of all classes, the same ones every time', async () => {
  const folder = await makeFolder();
  const picture = await red();
  const names = ['a', 'b'].flatMap((name) => Array.from({ length: 40 }, (_, i) => `${name}/${i}.png`));
  await writeFiles(folder, Object.fromEntries(names.map((name) => [name, picture])));
  const { train, test: kept } = await openImages(folder, { size: 8, testFraction: 0.5 });
  for (const { labels } of [train, kept]) {
    const numSecond = labels.subarray(0, 20).reduce((sum, label) => sum + label, 0);
    expect(numSecond).toBeGreaterThan(4);
    expect(numSecond).toBeLessThan(16);
  }
  expect((await openImages(folder, { size: 8, testFraction: 0.5 })).train.labels).toEqual(train.labels);
});

test('pictures without class folders make one class, with a warning', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, { '1.png': await red(), '2.png': await red(), '3.png': await blue() });
  const data = await openImages(folder, { size: 8 });
  expect(data.classes).toEqual([path.basename(folder)]);
  expect(data.train.labels).toHaveLength(2);
  expect(data.warnings[0]).toContain('all pictures are of one class');
});

test('training and test pictures without class folders are of one class, named after the whole', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, { 'train/1.png': await red(), 'train/2.png': await red(), 'test/1.png': await blue() });
  const data = await openImages(folder, { size: 8 });
  expect(data.classes).toEqual([path.basename(folder)]);
  expect([...data.train.labels, ...data.test.labels]).toEqual([0, 0, 0]);
  expect([...data.test.images.subarray(0, 3)]).toEqual([0, 0, 255]);
});

test('test pictures without the classes of the training part are left out, and part of that is kept instead', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, {
    'train/a/1.png': await red(),
    'train/a/2.png': await red(),
    'train/b/1.png': await blue(),
    'train/b/2.png': await blue(),
    'train/loose.png': await red(),
    'test/1.png': await red(),
  });
  const data = await openImages(folder, { size: 8, testFraction: 0.5 });
  expect(data.test.labels.toSorted()).toEqual(Int32Array.of(0, 1));
  expect(data.warnings).toEqual([
    `${folder}: 1 picture beside the class folders left out`,
    `${path.join(folder, 'test')}: 1 picture without a folder of their class left out`,
    `${folder}: no test part found; 2 of 4 images kept for testing`,
  ]);
});

test('a test class that training lacks is refused', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, { 'train/a/1.png': await red(), 'test/zebra/1.png': await red() });
  await expect(openImages(folder)).rejects.toThrow('zebra: expected a class of the training part (a)');
});

test('unusable pictures are skipped and counted', async () => {
  const folder = await makeFolder();
  const photo = await plainPicture([9, 9, 9], { height: 64, width: 64 }).jpeg().toBuffer();
  await writeFiles(folder, {
    'a/1.png': await red(),
    'a/2.png': await red(),
    'a/broken.png': 'not a picture',
    'a/empty.jpg': '',
    'a/truncated.jpg': photo.subarray(0, 200),
    'a/dot.png': await plainPicture([0, 0, 0], { height: 1, width: 1 }).png().toBuffer(),
    'b/1.png': await blue(),
    'b/2.png': await blue(),
  });
  const data = await openImages(folder, { size: 8, testFraction: 0.5 });
  expect(data.train.labels.length + data.test.labels.length).toBe(4);
  const undecodable = data.warnings.find((warning) => warning.includes('undecodable'))!;
  expect(undecodable).toContain(`3 pictures skipped: undecodable (first: ${path.join(folder, 'a', 'broken.png')}: `);
  expect(data.warnings).toContain(`1 picture skipped: too small (first: ${path.join(folder, 'a', 'dot.png')}: 1×1)`);
  // What is kept moved together: red images of a and blue ones of b, none black.
  for (const { images, labels } of [data.train, data.test]) {
    labels.forEach((label, i) => {
      expect([...images.subarray(i * 192, i * 192 + 3)]).toEqual(label === 0 ? [255, 0, 0] : [0, 0, 255]);
    });
  }
});

test('CMYK, 16-bit and animated pictures are read beside plain ones, and what is simplified is counted', async () => {
  const folder = await makeFolder();
  const grey = plainPicture([120, 120, 120], { height: 16, width: 16 });
  const cmyk = await grey.clone().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
  const deep = await grey.clone().toColourspace('rgb16').png().toBuffer();
  const frames = await Promise.all([grey.clone().png().toBuffer(), blue()]);
  const animation = await sharp(frames, { join: { animated: true } })
    .webp({ lossless: true })
    .toBuffer();
  expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
  expect((await sharp(deep).metadata()).depth).toBe('ushort');
  await writeFiles(folder, {
    'a/animated.webp': animation,
    'a/cmyk.jpg': cmyk,
    'a/deep.png': deep,
    'a/plain.png': await grey.clone().png().toBuffer(),
    'b/1.png': await blue(),
    'b/2.png': await blue(),
  });
  const data = await openImages(folder, { size: 8, testFraction: 0.25 });
  const ofA = [...data.train.labels].flatMap((label, i) =>
    data.classes[label] === 'a' ? [data.train.images[i * 192]!] : [],
  );
  expect(ofA.length).toBeGreaterThanOrEqual(3);
  for (const value of ofA) expect(Math.abs(value - 120)).toBeLessThan(25);
  expect(data.warnings).toContainEqual(
    expect.stringMatching(/^1 picture animated: only the first frame is used \(first: .*animated\.webp\)$/),
  );
});

test('one class can be pre-trained on; only a probe has nothing to tell apart', async () => {
  const folder = await makeFolder();
  const pictures = Array.from({ length: 8 }, async (_, i) => [`cats/${i}.png`, await red()] as const);
  await writeFiles(folder, Object.fromEntries(await Promise.all(pictures)));
  const data = await openImages(folder, { size: 8 });
  expect(data.warnings[0]).toContain('all pictures are of one class ("cats"), so probes have nothing to tell apart');
  const model = createImageModel('linear', { ...tinyOptions, image: describeImages(data) });
  const { source } = trainingBatches(data.train, data, { batchSize: 4, sampleMask: model.sampleMask, seed: 0 });
  const [loss] = await model.loss(await source(0), { training: true, step: 0 }).data();
  expect(Number.isFinite(loss)).toBe(true);
  await expect(probeLinear(model.backbone, data, { seed: 0 })).rejects.toThrow('has one class, "cats"');
});

test('a folder in which nothing decodes is refused', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, { 'a/1.png': 'x', 'a/2.png': 'y' });
  await expect(openImages(folder)).rejects.toThrow('none of 2 pictures can be used (skipped: undecodable)');
});

test('more pictures than fit in memory are refused before any is decoded', async () => {
  const folder = await makeFolder();
  await writeFiles(folder, { 'a/1.png': await red(), 'a/2.png': await red() });
  await expect(openImages(folder, { size: 40_000 })).rejects.toThrow('set a limit or a smaller size');
});

test('a size that is no number of pixels is refused', async () => {
  await expect(openImages('.', { size: 1.5 })).rejects.toThrow(
    'openImages: size must be a positive whole number of pixels, got 1.5',
  );
});
