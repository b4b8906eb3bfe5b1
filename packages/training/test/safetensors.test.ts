import { InputError } from '@qb-heat/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../src/safetensors.ts';
import type { StoredTensor } from '../src/safetensors.ts';

/** A file by hand: `header` as given, then `data`. */
function fileOf(header: string, data: number[] = []): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([length, Buffer.from(header), Buffer.from(data)]);
}

describe('encodeSafetensors', () => {
  it('lays out header length, header and data as the format says', () => {
    const bytes = encodeSafetensors({
      metadata: { kind: 'x' },
      tensors: new Map([['a', { shape: [2], data: new Int32Array([1, -2]) }]]),
    });
    const json = '{"__metadata__":{"kind":"x"},"a":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}}';
    // 82 characters of JSON, padded to 88.
    expect(Array.from(bytes.subarray(0, 8))).toEqual([88, 0, 0, 0, 0, 0, 0, 0]);
    expect(new TextDecoder().decode(bytes.subarray(8, 96))).toBe(json.padEnd(88));
    expect(Array.from(bytes.subarray(96))).toEqual([1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff]);
  });

  it('refuses a shape that does not fit its data', () => {
    const tensors = new Map([['a', { shape: [2, 2], data: new Float32Array(3) }]]);
    expect(() => encodeSafetensors({ metadata: {}, tensors })).toThrow('a has shape [2, 2] but 3 elements');
  });

  it('keeps names that JavaScript objects give a meaning of their own', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const metadata = Object.fromEntries(names.map((name) => [name, name]));
    const tensors = new Map(
      names.map((name): [string, StoredTensor] => [name, { shape: [], data: new Uint8Array(1) }]),
    );
    const decoded = decodeSafetensors(encodeSafetensors({ metadata, tensors }), 'file');
    expect(Object.entries(decoded.metadata)).toEqual(Object.entries(metadata));
    expect(decoded.tensors).toEqual(tensors);
  });

  it('round-trips any tensors and metadata', () => {
    const float = fc.float32Array({ maxLength: 6 }).map((data): StoredTensor => ({ shape: [data.length], data }));
    const int = fc.int32Array({ maxLength: 6 }).map((data): StoredTensor => ({ shape: [1, data.length], data }));
    const long = fc.bigInt64Array({ maxLength: 3 }).map((data): StoredTensor => ({ shape: [data.length, 1], data }));
    const scalar = fc.double().map((value): StoredTensor => ({ shape: [], data: new Float64Array([value]) }));
    const name = fc.string({ unit: 'grapheme' }).filter((text) => text !== '__metadata__');
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), { noNullPrototype: true }),
        fc.uniqueArray(fc.tuple(name, fc.oneof(float, int, long, scalar)), { selector: ([key]) => key }),
        (metadata, entries) => {
          const decoded = decodeSafetensors(encodeSafetensors({ metadata, tensors: new Map(entries) }), 'file');
          expect(decoded.metadata).toEqual(metadata);
          expect(decoded.tensors).toEqual(new Map(entries));
        },
      ),
    );
  });
});

describe('decodeSafetensors', () => {
  it('reads tensors that start at an odd byte and come in another order than their bytes', () => {
    const header =
      '{"b":{"dtype":"U8","shape":[1],"data_offsets":[4,5]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}';
    const { tensors, metadata } = decodeSafetensors(fileOf(header, [0, 0, 128, 63, 7]), 'file');
    expect(metadata).toEqual({});
    expect(tensors.get('a')).toEqual({ shape: [], data: new Float32Array([1]) });
    expect(tensors.get('b')).toEqual({ shape: [1], data: new Uint8Array([7]) });
  });

  it.each([
    ['an empty file', new Uint8Array(0), '0 bytes are too few'],
    ['text', Buffer.from('hello, world, hello'), 'its header should end at byte'],
    ['a header that is not JSON', fileOf('{"a":'), 'its header is not JSON'],
    ['a header that is a list', fileOf('[1]'), 'its header is malformed at 0'],
    ['a header that is null', fileOf('null', [1]), 'its tensors end at byte 12, the file at 13'],
    ['metadata of numbers', fileOf('{"__metadata__":{"a":1}}'), '__metadata__ must map strings to strings'],
    ['an entry without a shape', fileOf('{"a":{"dtype":"F32","data_offsets":[0,4]}}'), 'malformed at a.shape'],
    [
      'a half-precision tensor',
      fileOf('{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}', [0, 0]),
      'a has element type BF16, which is not supported',
    ],
    [
      'a shape larger than its bytes',
      fileOf('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', [0, 0, 0, 0]),
      'a F32 [2] lies at bytes 0 to 4, expected 0 to 8',
    ],
    [
      'a gap between tensors',
      fileOf('{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', [0, 0]),
      'a U8 [1] lies at bytes 1 to 2, expected 0 to 1',
    ],
    ['trailing bytes', fileOf('{}', [0]), 'its tensors end at byte 10, the file at 11'],
  ])('refuses %s', (_, bytes, problem) => {
    expect(() => decodeSafetensors(bytes, 'weights.safetensors')).toThrow(InputError);
    expect(() => decodeSafetensors(bytes, 'weights.safetensors')).toThrow(
      `weights.safetensors: not a valid safetensors file: `,
    );
    expect(() => decodeSafetensors(bytes, 'weights.safetensors')).toThrow(problem);
  });

  it('refuses a good file cut off anywhere, and never crashes on a damaged one', () => {
    const good = encodeSafetensors({
      metadata: { kind: 'x' },
      tensors: new Map([['a', { shape: [3], data: new Float32Array([1, 2, 3]) }]]),
    });
    for (let length = 0; length < good.length; length++) {
      expect(() => decodeSafetensors(good.subarray(0, length), 'cut')).toThrow(InputError);
    }
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const damaged = Uint8Array.from(good);
        damaged[position] = (damaged[position] as number) ^ change;
        try {
          decodeSafetensors(damaged, 'damaged');
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
