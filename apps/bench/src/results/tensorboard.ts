import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
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
  readonly wallTimeMs: number;
  readonly values: Readonly<Record<string, number>>;
}

/** An event file that TensorBoard reads, as a TFRecord file: a run of it is a folder with one. */
export class EventFile {
  readonly #file: string;
  #isOpen = false;

  /** @param folder of the run. @param wallTimeMs of its start, which its file is named after. */
  constructor(folder: string, wallTimeMs: number) {
    this.#file = path.join(
      folder,
      `events.out.tfevents.${String(Math.floor(wallTimeMs / 1000)).padStart(10, '0')}.qb-heat`,
    );
  }

  /** Appends steps. */
  async write(steps: readonly Scalars[]): Promise<void> {
    const events: object[] = steps.map(({ step, wallTimeMs, values }) => ({
      wallTime: wallTimeMs / 1000,
      step,
      summary: { value: Object.entries(values).map(([tag, simpleValue]) => ({ tag, simpleValue })) },
    }));
    if (!this.#isOpen) {
      await mkdir(path.dirname(this.#file), { recursive: true });
      events.unshift({ wallTime: (steps[0]?.wallTimeMs ?? 0) / 1000, fileVersion: 'brain.Event:2' });
      this.#isOpen = true;
    }
    await appendFile(this.#file, Buffer.concat(events.map((event) => toRecord(encodeEvent(event)))));
  }
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

/** Writes a finished run's loss, diagnostics and metrics as event files, below a folder for its suite, encoder and method. */
export async function writeRunEvents(folder: string, run: Run): Promise<void> {
  const { suite, dataset, encoder, masking, method, seed, training, metrics } = run;
  const words = [suite, dataset, encoder, masking, method, `seed-${seed}`].filter((word) => word !== null);
  const wallTimeMs = Date.parse(run.finishedAt);
  const events = new EventFile(path.join(folder, ...words.map((word) => word.replace(/[^\w.+-]+/g, '-'))), wallTimeMs);
  const lastStep = training?.numSteps ?? 0;
  await events.write([
    ...(training?.lossCurve ?? []).map(({ step, loss }) => ({ step, wallTimeMs, values: { loss } })),
    ...(training?.diagnosticsCurve ?? []).map(({ step, values }) => ({
      step,
      wallTimeMs,
      values: Object.fromEntries(Object.entries(values).map(([name, value]) => [`diagnostics/${name}`, value])),
    })),
    {
      step: lastStep,
      wallTimeMs,
      values: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`metrics/${name}`, value])),
    },
  ]);
}
