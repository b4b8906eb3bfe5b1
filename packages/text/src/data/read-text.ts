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
  for await (const { text } of readLineParts(path, Infinity, options)) yield text;
}

/** A line, or a part of one that is longer than it may be. */
interface LinePart {
  readonly text: string;
  /** True of a whole line and of the last part of one. */
  readonly endsLine: boolean;
}

/**
 * Streams the lines of a file as `readLines` does, those of more than `maxCharacters` in parts: each ends before the last
 * space that it has room for, and comes before the rest of the line is read.
 *
 * @param maxCharacters at least 2.
 */
export async function* readLineParts(
  path: string,
  maxCharacters: number,
  options: ReadOptions = {},
): AsyncGenerator<LinePart> {
  let rest = '';
  for await (const piece of readText(path, options)) {
    // Only the piece is searched: what came before holds no line end.
    const ends = piece.split('\n');
    const last = ends.pop()!;
    for (const end of ends) {
      const line = rest + end;
      rest = '';
      const parts = cutLine(line.endsWith('\r') ? line.slice(0, -1) : line, maxCharacters);
      for (const [index, text] of parts.entries()) yield { text, endsLine: index === parts.length - 1 };
    }
    const parts = cutLine(rest + last, maxCharacters);
    rest = parts.pop()!;
    for (const text of parts) yield { text, endsLine: false };
  }
  if (rest !== '') yield { text: rest, endsLine: true };
}

/** Parts of no more than `maxCharacters`, cut before a space where there is one and never within a character. */
function cutLine(line: string, maxCharacters: number): string[] {
  const parts: string[] = [];
  let rest = line;
  while (rest.length > maxCharacters) {
    const space = rest.lastIndexOf(' ', maxCharacters);
    const isWithinCharacter = /[\uD800-\uDBFF]/.test(rest[maxCharacters - 1]!);
    const end = space > 0 ? space : maxCharacters - (isWithinCharacter ? 1 : 0);
    parts.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...parts, rest];
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
  let parts: Buffer[] = []; // of the line under way
  for await (const chunk of readBytes(path)) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start), line++) {
      if (!isUtf8(Buffer.concat([...parts, chunk.subarray(start, end)]))) return line;
      parts = [];
      start = end + 1;
    }
    parts.push(chunk.subarray(start));
  }
  return line;
}
