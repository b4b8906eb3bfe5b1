import { InputError } from '@qb-heat/core';
import { env } from '@xenova/transformers/src/env.js';
import { getModelJSON } from '@xenova/transformers/src/utils/hub.js';
import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { TextTokenizer, TokenizerConfig, TokenizerFiles, TokenizerJson } from './tokenizer.ts';
import { createTokenizer } from './tokenizer.ts';

export interface LoadTokenizerOptions {
  /** Where downloads are kept; the `qb-heat/tokenizers` folder of the user's cache by default. */
  readonly cacheFolder?: string;
  /** Uses what is on disk alone. */
  readonly offline?: boolean;
  /** The hub to download from; `HF_ENDPOINT` or the Hugging Face hub by default. */
  readonly hubUrl?: string;
}

/**
 * Loads a tokenizer from a folder with a `tokenizer.json` (or one file whose name ends so), from such a file, or by its
 * name on the Hugging Face hub, such as `bert-base-uncased`: from the cache when it was downloaded before.
 *
 * Throws an `InputError` when it is not found, when its files are no tokenizer, and when it lacks a token for padding,
 * masking or unknown words.
 */
export async function loadTokenizer(nameOrPath: string, options: LoadTokenizerOptions = {}): Promise<TextTokenizer> {
  const information = await stat(nameOrPath).catch(() => undefined);
  if (information?.isDirectory()) return loadFile(await findTokenizerFile(nameOrPath));
  if (information !== undefined) return loadFile(nameOrPath);
  if (/^[./~\\]|\.json$/.test(nameOrPath) || nameOrPath.split('/').length > 2) {
    throw new InputError(`tokenizer ${nameOrPath}: no such file or folder`);
  }
  return loadFromHub(nameOrPath, options);
}

async function findTokenizerFile(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('tokenizer.json'));
  const [only, ...others] = names.includes('tokenizer.json') ? ['tokenizer.json'] : names;
  if (only === undefined || others.length > 0) {
    const found = only === undefined ? 'none' : names.join(', ');
    throw new InputError(`tokenizer ${folder}: expected one tokenizer.json in the folder, found ${found}`);
  }
  return join(folder, only);
}

async function loadFile(path: string): Promise<TextTokenizer> {
  const name = basename(path) === 'tokenizer.json' ? basename(dirname(path)) : basename(path, '.json');
  return createTokenizer(await readTokenizerFiles(path), name);
}

/** Reads a `tokenizer.json` and the configuration beside it, where there is one. */
export async function readTokenizerFiles(path: string): Promise<TokenizerFiles> {
  // `bert-base-uncased-tokenizer.json` goes with `bert-base-uncased-tokenizer_config.json`.
  const configPath = path.replace(/(\.json)?$/, '_config.json');
  const config = (await readJson(configPath, { optional: true })) as TokenizerConfig;
  return { json: (await readJson(path)) as TokenizerJson, config };
}

/** Reads a JSON object or array; an empty object where an `optional` file is missing. */
export async function readJson(path: string, { optional = false } = {}): Promise<object> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (optional && (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new InputError(`${path}: cannot be read as JSON (${(error as Error).message})`);
  }
  if (typeof value !== 'object' || value === null) throw new InputError(`${path}: expected a JSON object or array`);
  return value;
}

async function loadFromHub(name: string, options: LoadTokenizerOptions): Promise<TextTokenizer> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const { cacheFolder = join(cache, 'qb-heat', 'tokenizers'), offline = false } = options;
  env.remoteHost = (options.hubUrl ?? process.env['HF_ENDPOINT'] ?? 'https://huggingface.co').replace(/\/?$/, '/');
  // The library looks into its own `models` folder before its cache; ours is the cache alone.
  env.localModelPath = cacheFolder;
  const fetchOptions = { cache_dir: cacheFolder, local_files_only: offline };
  try {
    const json = (await getModelJSON(name, 'tokenizer.json', true, fetchOptions)) as TokenizerJson;
    const config = (await getModelJSON(name, 'tokenizer_config.json', false, fetchOptions)) as TokenizerConfig;
    return createTokenizer({ json, config }, name);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const reason = offline ? `not in ${cacheFolder}, and offline is set` : describe(error as Error);
    throw new InputError(
      `tokenizer ${name}: is neither a file or folder here nor could be had from the hub (${reason})`,
    );
  }
}

function describe(error: Error): string {
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${env.remoteHost}: ${error.message}${cause}`;
}
