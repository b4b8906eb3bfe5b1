#!/usr/bin/env node
import * as tf from '@tensorflow/tfjs';
import { parseArgs } from 'citty';
import { benchArguments } from './commands/bench-arguments.ts';
import type { ParsedArguments } from './commands/bench-options.ts';
import { checkArguments } from './commands/check-arguments.ts';
import { describeError, exitCodes } from './commands/exit.ts';
import { renderHelp, type CommandHelp } from './commands/render-help.ts';

/** A command: how it is called, and what it does, which is loaded only when it runs. */
interface Command extends CommandHelp {
  /** Returns the exit code. */
  run(parsed: ParsedArguments, rawArgs: readonly string[]): Promise<number>;
}

const doctor: Command = {
  name: 'pnpm bench doctor',
  description: 'Says which backends were found, which would be used, and how to get a better one.',
  args: { debug: benchArguments.debug },
  run: async () => (await import('./commands/doctor.ts')).runDoctor(),
};

const bench: Command = {
  name: 'pnpm bench',
  description:
    'Pre-trains by linear prediction of features and with a mask token, on images and on text, probes the encoders, and compares.',
  args: benchArguments,
  commands: { doctor: doctor.description },
  run: async (parsed, rawArgs) => (await import('./commands/bench.ts')).runBench(parsed, rawArgs),
};

const [first, ...rest] = process.argv.slice(2);
const isDoctor = first === 'doctor';
const command = isDoctor ? doctor : bench;
const rawArgs = isDoctor ? rest : process.argv.slice(2);

// tfjs's advice to install another of its packages is not for the user of this program.
tf.enableProdMode();
try {
  checkArguments(rawArgs, command.args, Object.keys(command.commands ?? {}));
  if (rawArgs.includes('--help') || rawArgs.includes('-h')) {
    console.log(renderHelp(command, process.stdout.columns));
    process.exitCode = exitCodes.success;
  } else {
    process.exitCode = await command.run(parseArgs(rawArgs, command.args), rawArgs);
  }
} catch (error) {
  const { text, exitCode } = describeError(error, rawArgs.includes('--debug'));
  console.error(text);
  process.exitCode = exitCode;
}
