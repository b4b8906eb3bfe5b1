import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import { closestMatch } from 'leven';
import type { DataPath, DataSources, TextSource } from '../experiments/data-sources.ts';
import { presetNames, type PresetName } from '../experiments/presets/index.ts';
import { backendChoices, experimentNames } from './bench-arguments.ts';
import type { ParsedArguments } from './option-definition.ts';
import { resolveUserPath } from './user-path.ts';

type ExperimentName = (typeof experimentNames)[number];
type BackendChoice = (typeof backendChoices)[number];

/** The i-th of n parts of the runs, counted from 1. */
interface Shard {
  readonly index: number;
  readonly count: number;
}

/** What the user asked for, checked as far as that is possible without reading data. */
export interface BenchOptions {
  /** Null where a file of experiments is given. */
  readonly preset: PresetName | null;
  readonly experiments: DataPath | null;
  /** Null for all but the engine. */
  readonly only: readonly ExperimentName[] | null;
  readonly sources: DataSources;
  /** Methods to compare with the baselines, or null for those of the experiments. */
  readonly fills: readonly string[] | null;
  readonly encoders: readonly string[] | null;
  readonly backend: BackendChoice;
  readonly threads: number | null;
  readonly seeds: number | null;
  readonly shard: Shard | null;
  readonly out: string;
  /** Whether encoders are exported. */
  readonly export: boolean;
  readonly fresh: boolean;
  readonly json: boolean;
  /** Null for no event files. */
  readonly tensorboard: string | null;
}

/**
 * Checks and resolves the options of `pnpm bench`.
 *
 * @throws InputError that names the option, what it takes and what came.
 */
export async function readBenchOptions({ options }: ParsedArguments): Promise<BenchOptions> {
  const value = (name: string): string | null => options.get(name)?.[0] ?? null;
  const values = (name: string): readonly string[] => options.get(name) ?? [];
  const list = (name: string): string[] | null => splitList(value(name));
  const experiments = value('experiments');
  const only = list('only');
  const detection = value('detection');
  const tensorboard = value('tensorboard');
  const read: BenchOptions = {
    preset: experiments === null ? readChoice('preset', value('preset') ?? 'quick', presetNames) : null,
    experiments: experiments === null ? null : await readPath('experiments', experiments),
    only: only === null ? null : only.map((name) => readChoice('only', name, experimentNames)),
    sources: {
      images: await readPaths('images', values('images')),
      detection: detection === null ? null : await readPath('detection', detection),
      ...(await readTexts(values)),
      tokenizer: await readTokenizer(value('tokenizer')),
    },
    fills: list('fills'),
    encoders: list('encoders'),
    backend: readChoice('backend', value('backend') ?? 'auto', backendChoices),
    threads: readCount('threads', value('threads'), 1024),
    seeds: readCount('seeds', value('seeds'), 1000),
    shard: readShard(value('shard')),
    out: resolveUserPath(value('out') ?? 'qb-heat-results'),
    export: options.has('export'),
    fresh: options.has('fresh'),
    json: options.has('json'),
    tensorboard: tensorboard === null ? null : resolveUserPath(tensorboard),
  };
  if (experiments !== null && value('preset') !== null) {
    throw new InputError('--preset and --experiments each say what to run: give one of them');
  }
  checkTogether(read, options);
  await checkFolder('out', read.out);
  if (read.tensorboard !== null) await checkFolder('tensorboard', read.tensorboard);
  return read;
}

function readChoice<T extends string>(option: string, given: string, choices: readonly T[]): T {
  const choice = choices.find((name) => name === given);
  if (choice !== undefined) return choice;
  const nearest = closestMatch(given, choices, { maxDistance: 3 });
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  throw new InputError(`--${option}: unknown value '${given}', expected one of ${choices.join(', ')}${hint}`);
}

function splitList(given: string | null): string[] | null {
  return given === null ? null : [...new Set(given.split(',').map((name) => name.trim()))];
}

function readCount(option: string, given: string | null, most: number): number | null {
  if (given === null) return null;
  const count = /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (count >= 1 && count <= most) return count;
  throw new InputError(`--${option} must be a whole number from 1 to ${most}, got '${given}'`);
}

function readShard(given: string | null): Shard | null {
  if (given === null) return null;
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(given)?.map(Number) ?? [];
  if (index === undefined || count === undefined || index < 1 || index > count) {
    throw new InputError(`--shard must be i/n with i from 1 to n, such as 1/4, got '${given}'`);
  }
  return { index, count };
}

async function readPath(option: string, given: string): Promise<DataPath> {
  const resolved = resolveUserPath(given);
  if ((await kindOf(resolved)) === 'missing') throw new InputError(`--${option}: no such file or folder: ${resolved}`);
  return { path: resolved, given };
}

/** Several data sets, which results tell apart by the names of their files or folders. */
async function readPaths(option: string, given: readonly string[]): Promise<DataPath[]> {
  const byName = new Map<string, DataPath>();
  for (const one of given) {
    const source = await readPath(option, one);
    const name = path.basename(source.path);
    const other = byName.get(name);
    if (other !== undefined) {
      throw new InputError(
        `--${option}: ${other.given} and ${one} are both named '${name}', by which results tell data sets apart; rename one, or give a link of another name`,
      );
    }
    byName.set(name, source);
  }
  return [...byName.values()];
}

/** Texts, with what was said of each by the name of its file or folder, or of all. */
async function readTexts(
  values: (name: string) => readonly string[],
): Promise<Pick<DataSources, 'text' | 'probeText'>> {
  const [text, probeText] = [
    await readPaths('text', values('text')),
    await readPaths('probe-text', values('probe-text')),
  ];
  const names = [...text, ...probeText].map((source) => path.basename(source.path));
  const settings = {
    textColumn: readPerSet('text-column', values('text-column'), names),
    labelColumn: readPerSet('label-column', values('label-column'), names),
    encoding: readPerSet('encoding', values('encoding'), names),
  };
  const describe = (source: DataPath): TextSource => {
    const name = path.basename(source.path);
    const { textColumn, labelColumn, encoding } = settings;
    return { ...source, textColumn: textColumn(name), labelColumn: labelColumn(name), encoding: encoding(name) };
  };
  return { text: text.map(describe), probeText: probeText.map(describe) };
}

/** Reads `value` for all sets and `set=value` for one; gives the value for a set by its name. */
function readPerSet(option: string, given: readonly string[], sets: readonly string[]): (set: string) => string | null {
  const values = new Map<string | null, string>();
  for (const one of given) {
    const [name, ...rest] = one.split('=');
    const isForOne = rest.length > 0;
    if (isForOne && !sets.includes(name!)) {
      throw new InputError(`--${option}: no text is named '${name}', expected one of ${sets.join(', ')}`);
    }
    values.set(isForOne ? name! : null, isForOne ? rest.join('=') : one);
  }
  return (set) => values.get(set) ?? values.get(null) ?? null;
}

/** A tokenizer is a path where one exists, or looks like one; else it is a name on the hub. */
async function readTokenizer(given: string | null): Promise<DataPath | null> {
  if (given === null) return null;
  const resolved = resolveUserPath(given);
  if ((await kindOf(resolved)) !== 'missing') return { path: resolved, given };
  if (/^[.~/\\]/.test(given) || given.endsWith('.json')) {
    throw new InputError(`--tokenizer: no such file or folder: ${resolved}`);
  }
  return { path: given, given };
}

function checkTogether({ only }: BenchOptions, options: ParsedArguments['options']): void {
  const runs = (name: ExperimentName): boolean => only === null || only.includes(name);
  const hasComparison = only === null || only.some((name) => name !== 'operators' && name !== 'engine');
  for (const option of ['seeds', 'tensorboard', 'shard']) {
    if (options.has(option) && !hasComparison) {
      throw new InputError(`--${option} has no effect on what --only names, which are no runs`);
    }
  }
  if (runs('detection') && !runs('vision') && (options.get('images')?.length ?? 0) > 1) {
    throw new InputError("--images: detection builds on one set of pictures; add 'vision' to --only, or give one");
  }
  const requireTogether = (option: string, other: string, isThere: boolean): void => {
    if (options.has(option) && !isThere) throw new InputError(`--${option} has no effect without ${other}`);
  };
  const hasTexts = runs('text') || runs('sentences');
  const hasText = options.has('text') || options.has('probe-text');
  requireTogether('images', "'vision' or 'detection' in --only", runs('vision') || runs('detection'));
  requireTogether('detection', "'detection' in --only", runs('detection'));
  if (only?.includes('detection') === true && !options.has('detection')) {
    throw new InputError('--only: detection needs pictures with boxes: give them by --detection');
  }
  for (const option of ['text', 'probe-text', 'tokenizer'])
    requireTogether(option, "'text' or 'sentences' in --only", hasTexts);
  for (const option of ['text-column', 'label-column', 'encoding']) requireTogether(option, '--text', hasText);
  requireTogether('probe-text', '--text', options.has('text'));
  for (const option of ['fills', 'encoders', 'export']) {
    requireTogether(option, "'vision' or 'text' in --only", runs('vision') || runs('text'));
  }
}

/**
 * Refuses a folder that cannot be written into, or made.
 *
 * @throws InputError that names the option.
 */
export async function checkFolder(option: string, target: string): Promise<void> {
  let nearest = target;
  while ((await kindOf(nearest)) === 'missing') nearest = path.dirname(nearest);
  if ((await kindOf(nearest)) === 'file') {
    throw new InputError(`--${option}: ${nearest} is a file, expected a folder or a new path`);
  }
  try {
    await access(nearest, constants.W_OK);
  } catch (error) {
    throw new InputError(`--${option}: ${nearest} cannot be written to`, { cause: error });
  }
}

async function kindOf(target: string): Promise<'file' | 'folder' | 'missing'> {
  try {
    return (await stat(target)).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'missing';
  }
}
