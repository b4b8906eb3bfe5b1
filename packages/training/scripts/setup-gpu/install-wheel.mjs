import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { lastLines, runCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * Installs a Python wheel with TensorFlow into a folder of its own, once, and returns the folder.
 *
 * @param {string} spec as pip takes it, such as `tensorflow-cpu`. Its dependencies come along only where extras are asked
 *   for, such as the CUDA libraries of `tensorflow[and-cuda]`.
 * @param {string} [cache]
 */
export async function installWheel(spec, cache = defaultCache()) {
  if (!/^tensorflow[\w.-]*(\[[\w,-]+\])?([=<>!~].*)?$/.test(spec)) {
    throw new SetupError(
      `--pip takes tensorflow or tensorflow-cpu, with extras and version if need be, got ${spec}`,
      2,
    );
  }
  const folder = path.join(cache, spec.replaceAll(/[^\w.-]/g, '_'));
  if (existsSync(folder)) return folder;

  const partial = `${folder}.${process.pid}.partial`;
  await mkdir(cache, { recursive: true });
  try {
    const dependencies = spec.includes('[') ? [] : ['--no-deps'];
    const args = [
      '-m',
      'pip',
      'install',
      '--disable-pip-version-check',
      '--no-compile',
      ...dependencies,
      '--target',
      partial,
      spec,
    ];
    const finished =
      (await runCommand('python3', args, { echo: true })) ?? (await runCommand('python', args, { echo: true }));
    if (!finished) throw new SetupError('--pip needs Python 3 with pip, and found no python3 or python');
    if (finished.code !== 0) throw new SetupError(`pip could not install ${spec}:\n${lastLines(finished.stderr)}`);
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return folder;
}

function defaultCache() {
  return path.join(process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache'), 'qb-heat');
}
