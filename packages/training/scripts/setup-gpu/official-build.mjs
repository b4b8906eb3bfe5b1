import { copyFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { placeBinding } from './binding-package.mjs';
import { lastLines, runCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

const timeoutMs = 15_000;

/**
 * Downloads the library and the binding that tfjs-node's own install script asks for, and puts them into their places.
 *
 * The script rewrites its package's files, and waits for its server without end: it runs in a copy of the package, after
 * the server has answered.
 *
 * @param {import('./binding-package.mjs').BindingPackage} bindingPackage
 */
export async function installOfficialBuild(bindingPackage) {
  const server = process.env['TFJS_NODE_CDN_STORAGE'] || 'https://storage.googleapis.com/';
  await requireAnswer(server);
  const { folder, bindingPath } = bindingPackage;
  // Beside the package, where the script finds the same dependencies.
  const copy = await mkdtemp(`${folder}-setup-`);
  try {
    await cp(folder, copy, { recursive: true, filter: (file) => !isAdded(path.relative(folder, file)) });
    const finished = await runCommand(process.execPath, ['scripts/install.js', 'gpu', 'download'], {
      cwd: copy,
      // The script expects the programs of its dependencies on the path, as npm puts them there.
      env: { ...process.env, PATH: [preGypFolder(folder), process.env['PATH']].join(path.delimiter) },
      echo: true,
    });
    const built = path.join(copy, path.relative(folder, bindingPath));
    if (finished?.code !== 0)
      throw new SetupError(`tfjs-node's install script failed:\n${lastLines(finished?.stderr ?? '')}`);
    await cp(path.join(copy, 'deps'), path.join(folder, 'deps'), { recursive: true, force: true });
    await placeBinding(bindingPackage, (file) => copyFile(built, file), server);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/**
 * The folder of the program `node-pre-gyp`.
 *
 * @param {string} folder of the package that depends on it.
 */
function preGypFolder(folder) {
  const require = createRequire(path.join(folder, 'package.json'));
  return path.join(path.dirname(require.resolve('@mapbox/node-pre-gyp/package.json')), 'bin');
}

/** @param {string} relative a path within the package. */
function isAdded(relative) {
  return /^(deps|lib)([/\\]|$)/.test(relative);
}

/** @param {string} server */
async function requireAnswer(server) {
  try {
    await fetch(server, { method: 'HEAD', signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    const { message, cause } = /** @type {Error} */ (error);
    const detail = cause instanceof Error ? cause.message : message;
    throw new SetupError(
      `tfjs-node's download server ${server} cannot be reached (${detail}); use a TensorFlow from elsewhere: ` +
        '`pnpm setup:gpu --pip tensorflow-cpu`, `--pip "tensorflow[and-cuda]"` for CUDA 12, or `--libtensorflow DIR`',
    );
  }
}
