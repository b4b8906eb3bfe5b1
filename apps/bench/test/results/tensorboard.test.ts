import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EventFile } from '../../src/results/tensorboard.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qb-heat-events-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('writes the bytes that TensorFlow writes of the same event', async () => {
  const events = new EventFile(path.join(folder, 'run'), 1_700_000_000_000);
  await events.write([{ step: 1, wallTimeMs: 2000, values: { loss: 0.5 } }]);
  const [name] = await readdir(path.join(folder, 'run'));
  expect(name).toMatch(/^events\.out\.tfevents\.1700000000/);
  const bytes = await readFile(path.join(folder, 'run', name!));
  // wall_time 2 (09), file_version (1a): 9 + 15 bytes; the CRC of the length 24 is the same in every file.
  expect(bytes.readBigUInt64LE(0)).toBe(24n);
  expect(bytes.subarray(8, 12).toString('hex')).toBe('a37f4b22');
  expect(bytes.subarray(12, 36).toString('hex')).toBe('0900000000000000401a0d627261696e2e4576656e743a32');
  // wall_time 2, step 1 (10 01), summary (2a 0d) of one value (0a 0b) with tag loss (0a 04) and 0.5 (15 as float32).
  expect(bytes.subarray(52, -4).toString('hex')).toBe('09000000000000004010012a0d0a0b0a046c6f7373150000003f');
});

it('appends to what it has begun', async () => {
  const events = new EventFile(path.join(folder, 'more'), 0);
  await events.write([{ step: 0, wallTimeMs: 0, values: { loss: 1 } }]);
  await events.write([{ step: 1, wallTimeMs: 10, values: { loss: 0.5, accuracy: 0.25 } }]);
  const [name] = await readdir(path.join(folder, 'more'));
  const bytes = await readFile(path.join(folder, 'more', name!));
  expect(bytes.toString('latin1').match(/brain\.Event:2/g)).toHaveLength(1);
  expect(bytes.toString('latin1')).toContain('accuracy');
});
