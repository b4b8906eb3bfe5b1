#!/usr/bin/env node
import { defineCommand, parseArgs, renderUsage, type ArgsDef, type CommandDef } from 'citty';
import { benchArguments } from './commands/bench-arguments.ts';
import { checkArguments } from './commands/check-arguments.ts';
import { describeError } from './commands/exit.ts';
import type { ParsedArguments } from './commands/bench-options.ts';

/** A command's options and what it does; the work itself is loaded only when it runs. */
interface Command {
  readonly usage: CommandDef;
  readonly args: ArgsDef;
  /** Returns the exit code. */
  run(parsed: ParsedArguments, rawArgs: readonly string[]): Promise<number>;
}

const doctorArguments: ArgsDef = { debug: benchArguments.debug };

const doctor: Command = {
  args: doctorArguments,
  usage: defineCommand({
    meta: {
      name: 'doctor',
      description: 'Says which backends were found, which would be used, and how to get a better one',
    },
    args: doctorArguments,
  }),
  run: async () => (await import('./commands/doctor.ts')).runDoctor(),
};

const bench: Command = {
  args: benchArguments,
  usage: defineCommand({
    meta: {
      name: 'pnpm bench',
      description: 'Pre-trains by linear prediction of features and by [MASK], on images and on text, and compares',
    },
    args: benchArguments as ArgsDef,
    subCommands: { doctor: doctor.usage },
  }),
  run: async (parsed, rawArgs) => (await import('./commands/bench.ts')).runBench(parsed, rawArgs),
};

const [first, ...rest] = process.argv.slice(2);
const [command, rawArgs, parent] =
  first === 'doctor' ? [doctor, rest, bench] : [bench, process.argv.slice(2), undefined];
try {
  checkArguments(rawArgs, command.args, ['doctor']);
  if (rawArgs.includes('--help') || rawArgs.includes('-h')) {
    console.log(await renderUsage(command.usage, parent?.usage));
  } else {
    process.exitCode = await command.run(parseArgs(rawArgs, command.args), rawArgs);
  }
} catch (error) {
  const { text, exitCode } = describeError(error, rawArgs.includes('--debug'));
  console.error(text);
  process.exitCode = exitCode;
}
