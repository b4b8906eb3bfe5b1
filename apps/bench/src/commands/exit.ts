import { InputError } from '@qb-heat/core';

/** Exit codes: what the shell and a calling script learn. */
export const exitCodes = { success: 0, unexpected: 1, input: 2, interrupted: 130 } as const;

/**
 * What to print for an error and which code to exit with: one line for an error that the user can mend, one line and
 * where to look for any other. With `debug` the stack follows.
 */
export function describeError(error: unknown, debug: boolean): { text: string; exitCode: number } {
  const message = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0];
  const stack = debug && error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : '';
  if (error instanceof InputError) return { text: `error: ${message}${stack}`, exitCode: exitCodes.input };
  const hint = debug ? '' : ' (unexpected: run again with --debug for the stack trace)';
  return { text: `error: ${message}${hint}${stack}`, exitCode: exitCodes.unexpected };
}
