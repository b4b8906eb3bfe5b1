import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { onTestFinished } from 'vitest';

/** An empty folder that goes when the test ends. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'qb-heat-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Writes files below a folder, by their path in it. */
export async function writeFiles(folder: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

export type Color = readonly [red: number, green: number, blue: number];

/** A picture of one color. */
export function plainPicture(color: Color, { height = 16, width = 16 } = {}): Sharp {
  const [r, g, b] = color;
  return sharp({ create: { height, width, channels: 3, background: { r, g, b } } });
}

/** An IDX file of unsigned bytes. */
export function idxBytes(shape: readonly number[], data: ArrayLike<number>): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = 0x08;
  header[3] = shape.length;
  shape.forEach((length, axis) => header.writeUInt32BE(length, 4 + 4 * axis));
  return Buffer.concat([header, Uint8Array.from(data)]);
}

/** CIFAR-10 records with the given labels; pixel p of channel c of record i is (7i + 3p + 50c) mod 256. */
export function cifar10Bytes(labels: readonly number[]): Buffer {
  const records = labels.map((label, i) => {
    const record = Buffer.alloc(3073);
    record[0] = label;
    for (let channel = 0; channel < 3; channel++) {
      for (let pixel = 0; pixel < 1024; pixel++) {
        record[1 + channel * 1024 + pixel] = (7 * i + 3 * pixel + 50 * channel) % 256;
      }
    }
    return record;
  });
  return Buffer.concat(records);
}
