import { stat } from 'node:fs/promises';
import { fillNames, InputError, type FillName } from '@qb-heat/core';
import { closestMatch } from 'leven';
import { backendChoices, experimentNames, presetNames } from './bench-arguments.ts';
import { resolveUserPath } from './user-path.ts';

type PresetName = (typeof presetNames)[number];
type ExperimentName = (typeof experimentNames)[number];
type BackendChoice = (typeof backendChoices)[number];

/** What the user asked for, checked as far as that is possible without reading data. */
export interface BenchOptions {
  readonly preset: PresetName;
  readonly only: readonly ExperimentName[];
  readonly images: string | null;
  readonly text: string | null;
  readonly textColumn: string | null;
  readonly labelColumn: string | null;
  /** Character encoding of the text, or null for UTF-8. */
  readonly encoding: string | null;
  readonly tokenizer: string | null;
  /** Fills to compare with `mask-token`, or null for those of each masking. */
  readonly fills: readonly FillName[] | null;
  readonly backend: BackendChoice;
  readonly threads: number | null;
  readonly seeds: number | null;
  readonly out: string;
  readonly fresh: boolean;
}

/** The values that citty parsed, by option name. */
export type ParsedArguments = Readonly<Record<string, unknown>>;

/**
 * Checks and resolves the options of `pnpm bench`.
 *
 * @throws InputError that names the option, what it takes and what came.
 */
export async function readBenchOptions(parsed: ParsedArguments): Promise<BenchOptions> {
  const value = (name: string): string | null => (typeof parsed[name] === 'string' ? parsed[name] : null);
  const fills = value('fills');
  const options: BenchOptions = {
    preset: readChoice('preset', value('preset') ?? '', presetNames),
    only: readList('only', value('only') ?? '', experimentNames),
    images: await readPath('images', value('images')),
    text: await readPath('text', value('text')),
    textColumn: value('text-column'),
    labelColumn: value('label-column'),
    encoding: value('encoding'),
    tokenizer: await readTokenizer(value('tokenizer')),
    fills: fills === null ? null : readList('fills', fills, fillNames).filter((name) => name !== 'mask-token'),
    backend: readChoice('backend', value('backend') ?? '', backendChoices),
    threads: readCount('threads', value('threads'), 1024),
    seeds: readCount('seeds', value('seeds'), 1000),
    out: resolveUserPath(value('out') ?? ''),
    fresh: parsed['fresh'] === true,
  };
  checkTogether(options);
  await checkOut(options.out);
  return options;
}

function readChoice<T extends string>(option: string, given: string, choices: readonly T[]): T {
  const choice = choices.find((name) => name === given);
  if (choice !== undefined) return choice;
  const nearest = closestMatch(given, choices, { maxDistance: 3 });
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  throw new InputError(`--${option}: unknown value '${given}', expected one of ${choices.join(', ')}${hint}`);
}

function readList<T extends string>(option: string, given: string, choices: readonly T[]): T[] {
  const names = given.split(',').map((name) => name.trim());
  return [...new Set(names.map((name) => readChoice(option, name, choices)))];
}

function readCount(option: string, given: string | null, most: number): number | null {
  if (given === null) return null;
  const count = /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (count >= 1 && count <= most) return count;
  throw new InputError(`--${option} must be a whole number from 1 to ${most}, got '${given}'`);
}

async function readPath(option: string, given: string | null): Promise<string | null> {
  if (given === null) return null;
  const resolved = resolveUserPath(given);
  if ((await kindOf(resolved)) === 'missing') throw new InputError(`--${option}: no such file or folder: ${resolved}`);
  return resolved;
}

/** A tokenizer is a path where one exists, or looks like one; else it is a name on the hub. */
async function readTokenizer(given: string | null): Promise<string | null> {
  if (given === null) return null;
  const resolved = resolveUserPath(given);
  if ((await kindOf(resolved)) !== 'missing') return resolved;
  if (/^[.~/\\]/.test(given) || given.endsWith('.json')) {
    throw new InputError(`--tokenizer: no such file or folder: ${resolved}`);
  }
  return given;
}

function checkTogether(options: BenchOptions): void {
  const { only, text } = options;
  const trains = only.includes('vision') || only.includes('text');
  requireTogether('images', options.images !== null, "'vision' in --only", only.includes('vision'));
  requireTogether('text', text !== null, "'text' in --only", only.includes('text'));
  requireTogether('tokenizer', options.tokenizer !== null, "'text' in --only", only.includes('text'));
  requireTogether('text-column', options.textColumn !== null, '--text', text !== null);
  requireTogether('label-column', options.labelColumn !== null, '--text', text !== null);
  requireTogether('encoding', options.encoding !== null, '--text', text !== null);
  requireTogether('fills', options.fills !== null, "'vision' or 'text' in --only", trains);
}

function requireTogether(option: string, isGiven: boolean, other: string, isThere: boolean): void {
  if (isGiven && !isThere) throw new InputError(`--${option} has no effect without ${other}`);
}

async function checkOut(out: string): Promise<void> {
  if ((await kindOf(out)) === 'file') throw new InputError(`--out: ${out} is a file, expected a folder or a new path`);
}

async function kindOf(target: string): Promise<'file' | 'folder' | 'missing'> {
  try {
    return (await stat(target)).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'missing';
  }
}
