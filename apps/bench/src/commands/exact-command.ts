/** Options that change where results go or how they are shown, and nothing in them. */
const silent: Readonly<Record<string, 'with value' | 'alone'>> = {
  '--out': 'with value',
  '--shard': 'with value',
  '--tensorboard': 'with value',
  '--export': 'alone',
  '--fresh': 'alone',
  '--json': 'alone',
  '--debug': 'alone',
};

/** The command that gives these results again, as it can be typed; the same for all shards of one. */
export function exactCommand(rawArgs: readonly string[]): string {
  const told: string[] = [];
  for (let index = 0; index < rawArgs.length; index++) {
    const argument = rawArgs[index]!;
    const kind = silent[argument.split('=', 1)[0]!];
    if (kind === undefined) told.push(argument);
    else if (kind === 'with value' && !argument.includes('=')) index++;
  }
  return ['pnpm bench', ...told.map(quote)].join(' ');
}

function quote(argument: string): string {
  return /^[\w@%+=:,./~-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
