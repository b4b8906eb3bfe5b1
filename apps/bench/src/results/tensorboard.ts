import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '@qb-heat/training';
import crc32c from 'crc-32/crc32c.js';
import protobuf from 'protobufjs';
import type { Run } from './schema.ts';

/** What TensorBoard reads of TensorFlow's event.proto and summary.proto. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Event {
    double wall_time = 1;
    int64 step = 2;
    oneof what { string file_version = 3; Summary summary = 5; }
  }
  message Summary {
    message Value { string tag = 1; float simple_value = 2; }
    repeated Value value = 1;
  }
`);
const eventType = root.lookupType('Event');

/** Numbers of one step by their tags. */
interface Scalars {
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

/**
 * Writes a finished run's loss, diagnostics and metrics as an event file that TensorBoard reads, below a folder for its
 * suite, data set, encoder, masking, method and seed. It takes the place of the files that were written of it before:
 * TensorBoard reads all files of a folder as one run, and would draw each curve as often.
 */
export async function writeRunEvents(folder: string, run: Run): Promise<void> {
  const { suite, dataset, encoder, masking, method, seed } = run;
  const words = [suite, dataset, encoder, masking, method, `seed-${seed}`].filter((word) => word !== null);
  const runFolder = path.join(folder, ...words.map((word) => word.replace(/[^\w.+-]+/g, '-')));
  await mkdir(runFolder, { recursive: true });
  await writeFileAtomically(path.join(runFolder, fileName), encodeEvents(listScalars(run), Date.parse(run.finishedAt)));
  for (const file of await readdir(runFolder)) {
    if (formerName.test(file)) await rm(path.join(runFolder, file));
  }
}

/** TensorBoard asks for what stands before this program's name. */
const fileName = 'events.out.tfevents.qb-heat';

/** Of files that this program wrote when their names still had the time of the run. */
const formerName = /^events\.out\.tfevents\.\d+\.qb-heat$/;

function listScalars({ training, metrics }: Run): Scalars[] {
  return [
    ...(training?.lossCurve ?? []).map(({ step, loss }) => ({ step, values: { loss } })),
    ...(training?.diagnosticsCurve ?? []).map(({ step, values }) => ({
      step,
      values: prefixKeys('diagnostics', values),
    })),
    { step: training?.numSteps ?? 0, values: prefixKeys('metrics', metrics) },
  ];
}

function prefixKeys(group: string, values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${group}/${name}`, value]));
}

/** A TFRecord file of a version record and one for each step, all at one time. */
function encodeEvents(steps: readonly Scalars[], wallTimeMs: number): Buffer {
  const wallTime = wallTimeMs / 1000;
  const events: object[] = [
    { wallTime, fileVersion: 'brain.Event:2' },
    ...steps.map(({ step, values }) => ({
      wallTime,
      step,
      summary: { value: Object.entries(values).map(([tag, simpleValue]) => ({ tag, simpleValue })) },
    })),
  ];
  return Buffer.concat(events.map((event) => toRecord(encodeEvent(event))));
}

function encodeEvent(event: object): Uint8Array {
  return eventType.encode(eventType.fromObject(event)).finish();
}

/** TFRecord's framing: uint64 length, its masked CRC-32C, the bytes, their masked CRC-32C; little-endian. */
function toRecord(bytes: Uint8Array): Buffer {
  const record = Buffer.alloc(bytes.length + 16);
  record.writeBigUInt64LE(BigInt(bytes.length), 0);
  record.writeUInt32LE(maskedCrc(record.subarray(0, 8)), 8);
  record.set(bytes, 12);
  record.writeUInt32LE(maskedCrc(bytes), 12 + bytes.length);
  return record;
}

/** Rotated and shifted, so that a CRC of bytes that hold CRCs is sound. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c.buf(bytes) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
