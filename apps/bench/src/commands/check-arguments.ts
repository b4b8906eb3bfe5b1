import { parseArgs } from 'node:util';
import { InputError } from '@qb-heat/core';
import type { ArgsDef } from 'citty';
import { closestMatch } from 'leven';

/**
 * Refuses options that a command does not have, options without their value, and stray words, each with what was
 * probably meant. citty itself lets them pass in silence.
 *
 * @throws InputError that names the option.
 */
export function checkArguments(rawArgs: readonly string[], definitions: ArgsDef, commands: readonly string[]): void {
  const options = Object.fromEntries(
    Object.entries({ ...definitions, help: { type: 'boolean' } as const }).map(([name, definition]) => [
      name,
      { type: definition.type === 'boolean' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...rawArgs],
    options: { ...options, help: { type: 'boolean', short: 'h' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === 'positional') {
      throw new InputError(`unexpected argument '${token.value}'${suggest(token.value, commands, '')}`);
    }
    if (token.kind === 'option-terminator') {
      throw new InputError(`unexpected '--': options follow the command directly, such as bench --preset smoke`);
    }
    const option = options[token.name];
    if (option === undefined) {
      throw new InputError(`unknown option ${token.rawName}${suggest(token.name, Object.keys(options), '--')}`);
    }
    if (option.type === 'string' && (token.value === undefined || token.value === '' || isOption(token))) {
      throw new InputError(`${token.rawName} needs a value`);
    }
    if (option.type === 'boolean' && token.value !== undefined) {
      throw new InputError(`${token.rawName} takes no value, got '${token.value}'`);
    }
  }
}

/** True where the next option was swallowed as a value, as in `--images --text x`. */
function isOption(token: { value?: string | undefined; inlineValue?: boolean | undefined }): boolean {
  return token.inlineValue !== true && token.value?.startsWith('--') === true;
}

function suggest(given: string, known: readonly string[], prefix: string): string {
  const nearest = closestMatch(given, [...known], { maxDistance: Math.max(2, Math.floor(given.length / 2)) });
  return nearest === undefined ? '; see --help' : `; did you mean ${prefix}${nearest}?`;
}
