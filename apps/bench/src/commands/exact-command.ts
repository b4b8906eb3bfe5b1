/** The command as it can be typed again. */
export function exactCommand(rawArgs: readonly string[]): string {
  return ['pnpm bench', ...rawArgs.map(quote)].join(' ');
}

function quote(argument: string): string {
  return /^[\w@%+=:,./~-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
