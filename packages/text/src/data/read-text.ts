import { InputError } from '@qb-heat/core';
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';

export interface ReadOptions {
  /** A label of the WHATWG Encoding Standard, such as `utf-8` (the default), `latin1` or `utf-16le`. */
  readonly encoding?: string;
}

/**
 * Streams the text of a plain or gzip-compressed file, in pieces of any length; a byte-order mark is dropped.
 *
 * Throws an `InputError` that names the file when it is missing, cut short or binary, when its bytes are not of the
 * encoding (with the line, and the encoding that they look like), and when the encoding is unknown.
 */
export async function* readText(path: string, { encoding = 'utf-8' }: ReadOptions = {}): AsyncGenerator<string> {
  const decoder = createDecoder(encoding);
  let offset = 0;
  for await (const chunk of readBytes(path)) {
    if (offset === 0) refuseOtherByteOrderMark(path, chunk, decoder.encoding);
    if (!decoder.encoding.startsWith('utf-16')) refuseZeroByte(path, chunk, offset);
    offset += chunk.length;
    yield await decode(path, decoder, chunk);
  }
  yield await decode(path, decoder);
}

/** Streams the lines of a file without their ends, `\n` or `\r\n`; fails as `readText` does. */
export async function* readLines(path: string, options: ReadOptions = {}): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of readText(path, options)) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  if (rest !== '') yield rest;
}

async function* readBytes(path: string): AsyncGenerator<Buffer> {
  try {
    const isCompressed = await isGzip(path);
    const file = createReadStream(path);
    // The callback form destroys both streams on an error of either; iterating then throws that error.
    const bytes = isCompressed ? pipeline(file, createGunzip(), () => {}) : file;
    for await (const chunk of bytes) yield chunk as Buffer;
  } catch (error) {
    throw explainReadError(path, error);
  }
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

function explainReadError(path: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new InputError(`${path}: no such file`);
  if (code === 'EISDIR') return new InputError(`${path}: is a folder, expected a text file`);
  if (code === 'EACCES') return new InputError(`${path}: permission to read it is missing`);
  if (code === 'Z_BUF_ERROR') return new InputError(`${path}: the gzip data is cut short (${message})`);
  if (code?.startsWith('Z_')) return new InputError(`${path}: the gzip data is damaged (${message})`);
  return error;
}

function createDecoder(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new InputError(`encoding: '${encoding}' is unknown; expected one such as utf-8, latin1, utf-16le or gb18030`);
  }
}

function refuseOtherByteOrderMark(path: string, start: Buffer, encoding: string): void {
  const mark = start.length < 2 ? 0 : start.readUInt16BE(0);
  const found = mark === 0xfffe ? 'utf-16le' : mark === 0xfeff ? 'utf-16be' : encoding;
  if (found !== encoding && !encoding.startsWith('windows')) {
    throw new InputError(`${path}: begins with the mark of ${found}, read as ${encoding}; pass encoding '${found}'`);
  }
}

function refuseZeroByte(path: string, chunk: Buffer, offset: number): void {
  const zero = chunk.indexOf(0);
  if (zero >= 0) {
    throw new InputError(`${path}: holds a zero byte at offset ${offset + zero}, so it is binary; expected text`);
  }
}

async function decode(path: string, decoder: TextDecoder, chunk?: Buffer): Promise<string> {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    if (decoder.encoding !== 'utf-8') {
      throw new InputError(
        `${path}: holds bytes that are not ${decoder.encoding}; pass the encoding that it was saved in`,
      );
    }
    const line = await findInvalidLine(path);
    throw new InputError(`${path}: line ${line} is not UTF-8; it looks like Latin-1: pass encoding 'latin1'`);
  }
}

/** The first line, from 1, whose bytes are not UTF-8: a second pass that only a failed read pays for. */
async function findInvalidLine(path: string): Promise<number> {
  let line = 1;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of readBytes(path)) {
    let bytes = Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10), line++) {
      if (!isUtf8(bytes.subarray(0, end))) return line;
      bytes = bytes.subarray(end + 1);
    }
    rest = bytes;
  }
  return line;
}
