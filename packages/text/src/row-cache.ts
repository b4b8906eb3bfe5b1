import { createHash, randomUUID } from 'node:crypto';
import { closeSync, existsSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@qb-heat/core';
import { z } from 'zod';
import type { PackOptions } from './packing.ts';
import { packRows } from './row-packer.ts';
import type { RowsDescription } from './row-packer.ts';
import type { TextTokenizer } from './tokenizer.ts';

export interface CacheRowsOptions extends PackOptions {
  /** Where the files are kept; the `qb-heat/tokens` folder of the user's cache by default. */
  readonly folder?: string;
}

/** A corpus as rows of token ids in a file, read as they are needed. */
export interface StoredRows extends RowsDescription {
  readonly path: string;
  /** True when the file was there before. */
  readonly wasCached: boolean;
  /** How often each token stands in the rows, int32 `[vocabSize]`, special tokens as absent: a model's `tokenCounts`. */
  readonly tokenCounts: Int32Array;
  /** Writes row `index` into `target` from `offset` on. */
  readRow(index: number, target: Int32Array, offset: number): void;
  /** Closes the file; rows can't be read any more. */
  close(): void;
}

/** A file begins with so many bytes of JSON, padded with spaces; then come the rows, int32, and last the token counts. */
const headerBytes = 512;
/** Part of every key: another one when the layout, or the way that texts are cut into rows, changes. */
const formatVersion = 'rows 3';
/** Ids that are gathered before they are written. */
const bufferIds = 2 ** 16;

const headerSchema = z.strictObject({
  format: z.literal(formatVersion),
  vocabSize: z.int().min(1),
  length: z.int().min(4),
  numRows: z.int().min(1),
  padId: z.int().min(0),
  startId: z.int().min(0).optional(),
  isPadded: z.boolean(),
  numTokens: z.int().min(1),
  numUnknown: z.int().min(0),
});

/**
 * Packs texts into rows in a file, or finds the file when the same texts were packed before with the same tokenizer and
 * options: its name is a hash of them all. Neither texts nor rows are held in memory, so that both may be larger than it.
 *
 * The file is written under another name and renamed when it is whole; one that is damaged is written anew.
 *
 * @param texts gives the texts from the start, such as `() => streamTexts(path)`; called once to hash them, and once more
 *   to pack them. Throws an `InputError` as `packTexts` does. The caller closes the rows.
 */
export async function cacheRows(
  texts: () => Iterable<string> | AsyncIterable<string>,
  tokenizer: TextTokenizer,
  options: CacheRowsOptions,
): Promise<StoredRows> {
  const { folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'qb-heat', 'tokens') } = options;
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${await hashContent(texts(), tokenizer, options)}.rows`);
  const known = openRows(path, true);
  if (known !== undefined) return known;
  await writeRows(path, texts(), tokenizer, options);
  const written = openRows(path, false);
  if (written === undefined) throw new InputError(`${path}: was written and cannot be read; is the disk full?`);
  return written;
}

/** SHA-256 of the texts, of what the tokenizer makes of its vocabulary and of the first texts, and of the options. */
async function hashContent(
  texts: Iterable<string> | AsyncIterable<string>,
  tokenizer: TextTokenizer,
  { length, crossTexts = true }: PackOptions,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([formatVersion, length, crossTexts, tokenizer.special]));
  for (let id = 0; id < tokenizer.vocabSize; id++) hash.update(JSON.stringify([tokenizer.token(id) ?? null]));
  hash.update(JSON.stringify([...tokenizer.specialIds]));
  // A tokenizer is more than its vocabulary: what it does to case, accents and spaces shows in what it makes of text.
  let numCharacters = 0;
  for await (const text of texts) {
    hash.update(JSON.stringify(text));
    if (numCharacters < 100_000) hash.update(JSON.stringify(tokenizer.encode(text)));
    numCharacters += text.length;
  }
  return hash.digest('hex');
}

async function writeRows(
  path: string,
  texts: Iterable<string> | AsyncIterable<string>,
  tokenizer: TextTokenizer,
  options: PackOptions,
): Promise<void> {
  const { vocabSize, specialIds } = tokenizer;
  // A name of its own: two processes may be at it.
  const temporary = `${path}.${randomUUID()}.part`;
  try {
    const file = openSync(temporary, 'w');
    try {
      const counts = new Int32Array(vocabSize);
      const buffer = new IdBuffer(file, headerBytes);
      const description = await packRows(texts, tokenizer, options, (row) => {
        for (const id of row) if (!specialIds.has(id)) counts[id]!++;
        buffer.append(row);
      });
      buffer.append(counts);
      buffer.flush();
      const header = JSON.stringify({ format: formatVersion, vocabSize, ...description });
      writeSync(file, header.padEnd(headerBytes), 0);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Collects ids and writes them to a file, a block at a time. */
class IdBuffer {
  readonly #file: number;
  readonly #ids = new Int32Array(bufferIds);
  #size = 0;
  #position: number;

  constructor(file: number, position: number) {
    this.#file = file;
    this.#position = position;
  }

  append(ids: Int32Array): void {
    for (let first = 0; first < ids.length;) {
      const count = Math.min(ids.length - first, bufferIds - this.#size);
      this.#ids.set(ids.subarray(first, first + count), this.#size);
      this.#size += count;
      first += count;
      if (this.#size === bufferIds) this.flush();
    }
  }

  flush(): void {
    const bytes = new Uint8Array(this.#ids.buffer, 0, 4 * this.#size);
    for (let written = 0; written < bytes.length;) {
      written += writeSync(this.#file, bytes, written, bytes.length - written, this.#position + written);
    }
    this.#position += bytes.length;
    this.#size = 0;
  }
}

/** The rows of a file; `undefined` when there is none, or none that is whole. */
function openRows(path: string, wasCached: boolean): StoredRows | undefined {
  if (!existsSync(path)) return undefined;
  const file = openSync(path, 'r');
  let rows: StoredRows | undefined;
  try {
    rows = describeRows(file, path, wasCached);
  } finally {
    if (rows === undefined) closeSync(file);
  }
  return rows;
}

function describeRows(file: number, path: string, wasCached: boolean): StoredRows | undefined {
  const header = readHeader(file);
  if (header === undefined) return undefined;
  const { format: _, vocabSize, startId, ...description } = header;
  const { length, numRows } = description;
  const rowsEnd = headerBytes + 4 * length * numRows;
  if (fstatSync(file).size !== rowsEnd + 4 * vocabSize) return undefined;
  const tokenCounts = new Int32Array(vocabSize);
  readIds(file, rowsEnd, tokenCounts, 0, vocabSize);
  let isOpen = true;
  return {
    ...description,
    startId,
    path,
    wasCached,
    tokenCounts,
    readRow: (index, target, offset) => readIds(file, headerBytes + 4 * length * index, target, offset, length),
    close: () => {
      if (isOpen) closeSync(file);
      isOpen = false;
    },
  };
}

function readHeader(file: number): z.output<typeof headerSchema> | undefined {
  const bytes = Buffer.alloc(headerBytes);
  readSync(file, bytes, 0, headerBytes, 0);
  try {
    return headerSchema.safeParse(JSON.parse(bytes.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

function readIds(file: number, position: number, target: Int32Array, offset: number, count: number): void {
  const bytes = new Uint8Array(target.buffer, target.byteOffset + 4 * offset, 4 * count);
  for (let done = 0; done < bytes.length;) {
    const read = readSync(file, bytes, done, bytes.length - done, position + done);
    if (read === 0) throw new InputError('StoredRows: the file ends before this row');
    done += read;
  }
}
