import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { benchArguments } from '../src/commands/bench-arguments.ts';
import { runBench } from '../src/commands/bench.ts';
import { describeError } from '../src/commands/exit.ts';
import { parseArguments } from '../src/commands/parse-arguments.ts';
import { runCli } from './fixtures/run-cli.ts';

let folder: string;
const at = (...names: string[]): string => path.join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qb-heat-bad-'));
  const files: Record<string, string | Uint8Array> = {
    'truncated-cifar/data_batch_1.bin': new Uint8Array(3073 + 100),
    'truncated-idx/train-images-idx3-ubyte.gz': gzipSync(idxImages(10, 28).subarray(0, 500)),
    'truncated-idx/train-labels-idx1-ubyte': idxLabels(10),
    'odd-idx/train-images-idx3-ubyte': idxImages(200, 30),
    'odd-idx/train-labels-idx1-ubyte': idxLabels(200),
    'odd-idx/t10k-images-idx3-ubyte': idxImages(200, 30),
    'odd-idx/t10k-labels-idx1-ubyte': idxLabels(200),
    'undecodable/cat/one.png': 'not a picture',
    'undecodable/dog/two.jpg': new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]),
    'few/data_batch_1.bin': new Uint8Array(3073 * 10),
    'other/few/data_batch_1.bin': new Uint8Array(3073 * 10),
    'texts.csv': 'label,text\na,one two three\nb,four five six\na,seven eight nine\nb,ten eleven\n',
    'latin1.csv': Buffer.from('label,text\n0,a caf\u00e9\n1,no bar\n', 'latin1'),
    'binary.csv': new Uint8Array([0, 1, 2, 3, 0, 255, 254, 0]),
    'maskless/tokenizer.json': tokenizerWithout('[MASK]'),
    'padless/tokenizer.json': tokenizerWithout('[PAD]'),
    'broken/tokenizer.json': '{"model": ',
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(at(name)), { recursive: true });
    await writeFile(at(name), content);
  }
  await mkdir(at('empty'));
});
afterAll(() => rm(folder, { recursive: true }));

const images = (name: string): string[] => ['--only', 'vision', '--images', at(name)];
const text = (name: string, ...more: string[]): string[] => ['--only', 'text', '--text', at(name), ...more];
const tokenizer = (name: string): string[] => ['--only', 'text', '--tokenizer', at(name)];

/** What the command would print, and its exit code; in this process, which saves starting one for each. */
async function refuse(args: readonly string[]): Promise<{ text: string; exitCode: number }> {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    await runBench(parseArguments(args, benchArguments, { name: null, commands: [] }), args);
  } catch (error) {
    return describeError(error, false);
  } finally {
    vi.restoreAllMocks();
  }
  throw new Error('it was not refused');
}

describe('bad input ends with one line that names it, exit code 2 and nothing written', () => {
  it.each<[string, () => string[], RegExp]>([
    ['a missing path', () => images('nowhere'), /--images: no such file or folder: .*nowhere/],
    [
      'an empty folder of pictures',
      () => images('empty'),
      /error: --images: .*empty: expected .*CIFAR-10.*found an empty folder/,
    ],
    [
      'a truncated CIFAR file',
      () => images('truncated-cifar'),
      /error: --images: .*data_batch_1\.bin: .*3073 bytes.*truncated/,
    ],
    ['a truncated IDX file', () => images('truncated-idx'), /train-images-idx3-ubyte\.gz: .*truncated/],
    ['pictures that do not decode', () => images('undecodable'), /undecodable|one\.png|two\.jpg/],
    [
      'fewer pictures than a batch',
      () => images('few'),
      /--images: few has 8 images to train on, fewer than a batch of 64; give more, or .*smaller batchSize/,
    ],
    [
      'pictures that patches do not tile',
      () => images('odd-idx'),
      /pictures of 30×30 are not a whole number of patches of 4×4/,
    ],
    [
      'two sets of one name',
      () => [...images('few'), '--images', at('other', 'few')],
      /--images: .*few and .*other.few are both named 'few'.*rename one/,
    ],
    ['a file in place of a folder', () => images('texts.csv'), /texts\.csv: expected a folder/],
    ['a missing text', () => text('nowhere.csv'), /--text: no such file or folder: .*nowhere\.csv/],
    [
      'less text than a batch',
      () => text('texts.csv'),
      /--text: the texts to train on fill \d+ rows? of \d+ tokens, fewer than a batch of \d+; give more text/,
    ],
    ['an empty folder of text', () => text('empty'), /error: --text: .*empty/],
    [
      'a wrong text column',
      () => text('texts.csv', '--text-column', 'body'),
      /texts\.csv: --text-column body.*label, text/,
    ],
    [
      'a wrong label column',
      () => text('texts.csv', '--label-column', '7'),
      /texts\.csv: --label-column 7.*label, text/,
    ],
    ['a binary file', () => text('binary.csv'), /binary\.csv/],
    [
      'Latin-1 read as UTF-8',
      () => text('latin1.csv'),
      /error: --text: .*latin1\.csv: line 2 is not UTF-8.*pass --encoding latin1/,
    ],
    ['an unknown encoding', () => text('texts.csv', '--encoding', 'latin99'), /--encoding: 'latin99' is unknown/],
    [
      'a tokenizer without a mask token',
      () => tokenizer('maskless'),
      /error: --tokenizer: .*maskless.*no token for mask.*mask_token/,
    ],
    ['a tokenizer without a pad token', () => tokenizer('padless'), /padless.*no token for pad.*pad_token/],
    ['a damaged tokenizer', () => tokenizer('broken'), /broken.*tokenizer\.json: cannot be read as JSON/],
    ['a folder without a tokenizer', () => tokenizer('empty'), /empty: expected one tokenizer\.json/],
    ['an unknown fill', () => ['--fills', 'liner'], /--fills: unknown value 'liner'.*did you mean linear\?/],
    ['seeds of no runs', () => ['--only', 'operators', '--seeds', '2'], /--seeds has no effect on what --only names/],
    ['an unknown option', () => ['--imges', 'x'], /unknown option --imges; did you mean --images\?/],
    ['an unknown backend', () => ['--backend', 'gpu'], /--backend: unknown value 'gpu'/],
    [
      'more threads than a backend can use',
      () => ['--backend', 'cpu', '--threads', '2'],
      /cpu has one thread.*threads 2/,
    ],
    [
      'boxes that nothing reads',
      () => ['--detection', at('empty')],
      /--detection has no effect: smoke has no detection/,
    ],
    ['a file for the event files', () => ['--tensorboard', at('texts.csv')], /--tensorboard: .*texts\.csv is a file/],
    ['a file for the output', () => ['--out', at('texts.csv')], /--out: .*texts\.csv is a file/],
  ])('%s', async (title, args, message) => {
    const given = args();
    const out = given.includes('--out') ? [] : ['--out', at(`out of ${title}`)];
    const backend = given.includes('--backend') ? [] : ['--backend', 'cpu'];
    const { text: line, exitCode } = await refuse(['--preset', 'smoke', ...backend, ...out, ...given]);
    expect(line).toMatch(message);
    expect(line).toMatch(/^error: /);
    expect(exitCode).toBe(2);
    expect(await readdir(folder)).not.toContain(`out of ${title}`);
  });
});

describe.concurrent('the command line', () => {
  it.each<[string, () => string[], RegExp]>([
    ['options', () => images('nowhere'), /^error: --images: no such file or folder: .*nowhere\n$/],
    ['data', () => images('truncated-cifar'), /^error: .*data_batch_1\.bin: .*truncated.*\n$/],
  ])('prints that line alone on standard error, for %s', async (title, args, line) => {
    const outcome = await runCli(['--preset', 'smoke', '--backend', 'cpu', '--out', at(`out of ${title}`), ...args()]);
    expect(outcome.stderr).toMatch(line);
    expect(outcome.exitCode).toBe(2);
    expect(await readdir(folder)).not.toContain(`out of ${title}`);
  });

  it('shows the stack with --debug', async () => {
    const outcome = await runCli(['--images', at('nowhere'), '--debug']);
    expect(outcome.stderr).toMatch(/^error: --images.*\n.*\n\s+at /);
    expect(outcome.exitCode).toBe(2);
  });
});

/** Black images as an IDX file. */
function idxImages(count: number, size: number): Uint8Array {
  return new Uint8Array([
    0,
    0,
    8,
    3,
    0,
    0,
    0,
    count,
    0,
    0,
    0,
    size,
    0,
    0,
    0,
    size,
    ...new Uint8Array(count * size ** 2),
  ]);
}

function idxLabels(count: number): Uint8Array {
  return new Uint8Array([0, 0, 8, 1, 0, 0, 0, count, ...new Uint8Array(count).map((_, index) => index % 2)]);
}

function tokenizerWithout(missing: string): string {
  const tokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'one', 'two'].filter((token) => token !== missing);
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const model = { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', vocab };
  return JSON.stringify({
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'Whitespace' },
    model,
  });
}
