import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeRunEvents } from '../../src/results/tensorboard.ts';
import { makeControl, makeRun } from '../fixtures/results.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qb-heat-events-'));
});
afterEach(() => rm(folder, { recursive: true }));

const finishedAt = '1970-01-01T00:00:02.000Z';
const ofRun = ['vision', 'synthetic-vision', 'vit-atto', 'block', 'linear', 'seed-0'];
const fileName = 'events.out.tfevents.qb-heat';

it('writes the bytes that TensorFlow writes of the same event', async () => {
  const training = { ...makeRun().training!, numSteps: 2, lossCurve: [{ step: 1, loss: 0.5 }], diagnosticsCurve: [] };
  await writeRunEvents(folder, makeRun({ training, finishedAt, metrics: {} }));
  const bytes = await readFile(path.join(folder, ...ofRun, fileName));
  // wall_time 2 (09), file_version (1a): 9 + 15 bytes; the CRC of the length 24 is the same in every file.
  expect(bytes.readBigUInt64LE(0)).toBe(24n);
  expect(bytes.subarray(8, 12).toString('hex')).toBe('a37f4b22');
  expect(bytes.subarray(12, 36).toString('hex')).toBe('0900000000000000401a0d627261696e2e4576656e743a32');
  // wall_time 2, step 1 (10 01), summary (2a 0d) of one value (0a 0b) with tag loss (0a 04) and 0.5 (15 as float32).
  expect(bytes.subarray(52, 52 + 26).toString('hex')).toBe('09000000000000004010012a0d0a0b0a046c6f7373150000003f');
});

it('writes loss, diagnostics and metrics, and of a control its metrics alone', async () => {
  await writeRunEvents(folder, makeRun());
  const text = await readFile(path.join(folder, ...ofRun, fileName), 'latin1');
  // Tag loss, and the byte that announces a float32.
  expect(text.split('loss\u0015')).toHaveLength(61);
  expect(text.match(/diagnostics\/spectralRadiusX/g)).toHaveLength(2);
  expect(text).toContain('metrics/knn');
  await writeRunEvents(folder, makeControl('majority'));
  const control = await readFile(path.join(folder, 'vision/synthetic-vision/majority/seed-0', fileName), 'latin1');
  expect(control.match(/(loss|diagnostics|metrics\/\w+)/g)).toEqual(['metrics/knn', 'metrics/linearProbe']);
});

it('writes a run that was stored before once, in the place of what it wrote of it', async () => {
  const own = path.join(folder, ...ofRun);
  await mkdir(own, { recursive: true });
  await writeFile(path.join(own, 'events.out.tfevents.1700000000.qb-heat'), 'of a former version');
  await writeFile(path.join(own, 'events.out.tfevents.1700000000.host'), 'of another program');
  await writeRunEvents(folder, makeRun());
  const before = await readFile(path.join(own, fileName));
  await writeRunEvents(folder, makeRun());
  expect(await readdir(own)).toEqual(['events.out.tfevents.1700000000.host', fileName]);
  expect(await readFile(path.join(own, fileName))).toEqual(before);
  await writeRunEvents(folder, makeRun({ finishedAt }));
  expect((await readdir(own)).length).toBe(2);
});
