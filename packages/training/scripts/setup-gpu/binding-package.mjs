import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { runCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * Where @tensorflow/tfjs-node-gpu lies and what is added to it. Its own files are hard links to pnpm's store, shared
 * with every other project on the machine: files are added beside them, none is rewritten.
 *
 * @typedef {object} BindingPackage
 * @property {string} folder
 * @property {string} bindingPath the native module that the package loads.
 */

/** @returns {BindingPackage} */
export function findBindingPackage() {
  const require = createRequire(import.meta.url);
  let packageJson;
  try {
    packageJson = require.resolve('@tensorflow/tfjs-node-gpu/package.json');
  } catch {
    throw new SetupError(
      '@tensorflow/tfjs-node-gpu is not installed; run `npx --yes pnpm install` without --no-optional',
    );
  }
  const preGyp = createRequire(packageJson)('@mapbox/node-pre-gyp');
  return { folder: path.dirname(packageJson), bindingPath: preGyp.find(packageJson) };
}

/**
 * Loads the package in a process of its own, since a native library that doesn't fit may end the process, and lets it
 * compute something.
 *
 * @param {BindingPackage} bindingPackage
 * @returns {Promise<{ isUsable: true, version: string, isUsingGpu: boolean } | { isUsable: false, problem: string }>}
 */
export async function tryBinding({ folder }) {
  const program = `
    const util = require('node:util');
    util.isNullOrUndefined ??= (value) => value === null || value === undefined;
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
    const tf = require(${JSON.stringify(folder)});
    const [sum] = tf.matMul(tf.ones([1, 3]), tf.ones([3, 1])).dataSync();
    const backend = tf.backend();
    if (sum !== 3) throw new Error('1 + 1 + 1 came out as ' + sum);
    console.log('RESULT ' + JSON.stringify({ version: backend.binding.TF_Version, isUsingGpu: backend.isUsingGpuDevice }));
  `;
  const finished = await runCommand(process.execPath, ['--eval', program]);
  const result = /^RESULT (.*)$/m.exec(finished?.stdout ?? '')?.[1];
  if (finished?.code === 0 && result !== undefined) return { isUsable: true, ...JSON.parse(result) };
  const problem = /^.*Error: .*$/m.exec(finished?.stderr ?? '')?.[0] ?? `node ended with code ${finished?.code}`;
  return { isUsable: false, problem };
}

/**
 * Puts a native module into its place, whole or not at all.
 *
 * @param {BindingPackage} bindingPackage
 * @param {(path: string) => Promise<void>} write puts it at the path that it is given.
 * @param {string} source what it was made from: see `readSource`.
 */
export async function placeBinding({ bindingPath }, write, source) {
  await mkdir(path.dirname(bindingPath), { recursive: true });
  const temporary = `${bindingPath}.${process.pid}.tmp`;
  await write(temporary);
  await rename(temporary, bindingPath);
  await writeFile(sourcePathOf(bindingPath), source);
}

/**
 * What the native module in place was made from.
 *
 * @param {BindingPackage} bindingPackage
 */
export async function readSource({ bindingPath }) {
  try {
    return await readFile(sourcePathOf(bindingPath), 'utf8');
  } catch {
    return undefined;
  }
}

/** @param {string} bindingPath */
function sourcePathOf(bindingPath) {
  return path.join(path.dirname(bindingPath), 'made-from.txt');
}
