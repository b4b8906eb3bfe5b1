#!/usr/bin/env node
import * as tf from '@tensorflow/tfjs';
import { benchArguments, mergeArguments } from './commands/bench-arguments.ts';
import { describeError, exitCodes } from './commands/exit.ts';
import type { ParsedArguments } from './commands/option-definition.ts';
import { parseArguments } from './commands/parse-arguments.ts';
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

const merge: Command = {
  name: 'pnpm bench merge',
  description: 'Puts the results of shards together, as if they had been run at once.',
  args: mergeArguments,
  words: 'folder',
  run: async (parsed) => (await import('./commands/merge.ts')).runMerge(parsed),
};

const bench: Command = {
  name: 'pnpm bench',
  description:
    'Pre-trains by linear prediction of features and with a mask token, on images and on text, probes the encoders, and compares.',
  args: benchArguments,
  commands: { doctor: doctor.description, 'merge <folder>…': merge.description },
  run: async (parsed, rawArgs) => (await import('./commands/bench.ts')).runBench(parsed, rawArgs),
};

const commands: Readonly<Record<string, Command>> = { doctor, merge };
const [first = '', ...rest] = process.argv.slice(2);
const named = Object.hasOwn(commands, first) ? commands[first] : undefined;
const command = named ?? bench;
const rawArgs = named === undefined ? process.argv.slice(2) : rest;

// tfjs's advice to install another of its packages is not for the user of this program.
tf.enableProdMode();
try {
  const words = { name: command.words ?? null, commands: command === bench ? Object.keys(commands) : [] };
  const parsed = parseArguments(rawArgs, command.args, words);
  if (rawArgs.includes('--help') || rawArgs.includes('-h')) {
    console.log(renderHelp(command, process.stdout.columns));
    process.exitCode = exitCodes.success;
  } else {
    process.exitCode = await command.run(parsed, rawArgs);
  }
} catch (error) {
  const { text, exitCode } = describeError(error, rawArgs.includes('--debug'));
  console.error(text);
  process.exitCode = exitCode;
}
