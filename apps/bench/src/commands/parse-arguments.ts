import { parseArgs } from 'node:util';
import { InputError } from '@qb-heat/core';
import { closestMatch } from 'leven';
import type { OptionDefinitions, ParsedArguments } from './option-definition.ts';

/** What a command takes besides options. */
export interface ExpectedWords {
  /** What its words are, such as `folder`; null where it takes none. */
  readonly name: string | null;
  /** Commands that a stray word may have meant. */
  readonly commands: readonly string[];
}

/**
 * Reads a command's arguments and refuses options that it does not have, options without their value, those given twice
 * that make sense once, and stray words, each with what was probably meant.
 *
 * @throws InputError that names the option.
 */
export function parseArguments(
  rawArgs: readonly string[],
  definitions: OptionDefinitions,
  words: ExpectedWords,
): ParsedArguments {
  const known: OptionDefinitions = { ...definitions, help: { type: 'boolean', description: '' } };
  const { tokens } = parseArgs({
    args: [...rawArgs],
    options: {
      ...Object.fromEntries(Object.entries(known).map(([name, { type }]) => [name, { type }])),
      help: { type: 'boolean', short: 'h' },
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const options = new Map<string, string[]>();
  const given: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (words.name === null) {
        throw new InputError(`unexpected argument '${token.value}'${suggest(token.value, words.commands, '')}`);
      }
      given.push(token.value);
      continue;
    }
    if (token.kind === 'option-terminator') {
      throw new InputError(`unexpected '--': options follow the command directly, such as bench --preset smoke`);
    }
    const option = known[token.name];
    if (option === undefined) {
      throw new InputError(`unknown option ${token.rawName}${suggest(token.name, Object.keys(known), '--')}`);
    }
    if (option.type === 'string' && (token.value === undefined || token.value === '' || isOption(token))) {
      throw new InputError(`${token.rawName} needs a value`);
    }
    if (option.type === 'boolean' && token.value !== undefined) {
      throw new InputError(`${token.rawName} takes no value, got '${token.value}'`);
    }
    const before = options.get(token.name);
    if (before !== undefined && option.type === 'string' && option.isRepeatable !== true) {
      throw new InputError(`${token.rawName} is given twice, as '${before[0]}' and as '${token.value}'`);
    }
    options.set(token.name, [...(before ?? []), ...(token.value === undefined ? [] : [token.value])]);
  }
  return { options, words: given };
}

/** True where the next option was swallowed as a value, as in `--images --text x`. */
function isOption(token: { value?: string | undefined; inlineValue?: boolean | undefined }): boolean {
  return token.inlineValue !== true && token.value?.startsWith('--') === true;
}

function suggest(given: string, known: readonly string[], prefix: string): string {
  const nearest = closestMatch(given, [...known], { maxDistance: Math.max(2, Math.floor(given.length / 2)) });
  return nearest === undefined ? '; see --help' : `; did you mean ${prefix}${nearest}?`;
}
