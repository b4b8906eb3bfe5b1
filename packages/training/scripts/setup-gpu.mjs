import path from 'node:path';
import { parseArgs } from 'node:util';
import { findBindingPackage, readSource, tryBinding } from './setup-gpu/binding-package.mjs';
import { compileBinding } from './setup-gpu/compile-binding.mjs';
import { findInstalledLibrary, requireLibrary } from './setup-gpu/find-library.mjs';
import { installWheel } from './setup-gpu/install-wheel.mjs';
import { installOfficialBuild } from './setup-gpu/official-build.mjs';
import { SetupError } from './setup-gpu/setup-error.mjs';

const usage = `Makes the backend "tensorflow" usable: gives @tensorflow/tfjs-node-gpu the native library that it comes without.

  pnpm setup:gpu                       with a TensorFlow that is installed here, else by tfjs-node's own download
  pnpm setup:gpu --libtensorflow DIR   with this one: a Python environment, its tensorflow folder, or an unpacked
                                       libtensorflow with include/ and lib/
  pnpm setup:gpu --pip SPEC            with a Python wheel that is fetched first: tensorflow-cpu, or
                                       tensorflow[and-cuda] for CUDA 12
  pnpm setup:gpu --official            by tfjs-node's own download: TensorFlow 2.9, CUDA 11

  --cache DIR   where --pip keeps the wheel (default: the user's cache folder)
  --force       set up again what works already
  --help        show this

All but --official compile tfjs-node's binding with the machine's C++ compiler (Linux and macOS). What is added to
node_modules is lost when the package is installed anew: run this again then.`;

try {
  await setUp(readOptions());
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`setup:gpu: ${error.message}`);
  process.exitCode = error.exitCode;
}

/** @param {ReturnType<typeof readOptions>} options */
async function setUp({ help, official, libtensorflow, pip, cache, force }) {
  if (help) {
    console.log(usage);
    return;
  }
  const bindingPackage = findBindingPackage();
  const isSourceNamed = official || libtensorflow !== undefined || pip !== undefined;
  if (!isSourceNamed && !force && (await reportIfUsable(bindingPackage, 'is usable already'))) return;

  let library;
  if (libtensorflow !== undefined) library = requireLibrary(fromUser(libtensorflow));
  else if (pip !== undefined) library = requireLibrary(await installWheel(pip, cache && fromUser(cache)));
  else if (!official) library = await findInstalledLibrary();

  if (library === undefined) {
    if (!official) console.log("No TensorFlow is installed here: trying tfjs-node's own download.");
    await installOfficialBuild(bindingPackage);
  } else {
    const isSame = (await readSource(bindingPackage)) === library.libraries.join('\n');
    if (isSame && !force && (await reportIfUsable(bindingPackage, 'is usable already'))) return;
    console.log(`Compiling the binding against ${library.libraries[0]} …`);
    await compileBinding(bindingPackage, library);
  }
  const attempt = await tryBinding(bindingPackage);
  if (!attempt.isUsable)
    throw new SetupError(`the native library is in its place but does not work: ${attempt.problem}`);
  report('is usable now', attempt);
}

/**
 * @param {import('./setup-gpu/binding-package.mjs').BindingPackage} bindingPackage
 * @param {string} verdict
 */
async function reportIfUsable(bindingPackage, verdict) {
  const attempt = await tryBinding(bindingPackage);
  if (attempt.isUsable) report(verdict, attempt);
  return attempt.isUsable;
}

/**
 * @param {string} verdict
 * @param {{ version: string, isUsingGpu: boolean }} binding
 */
function report(verdict, { version, isUsingGpu }) {
  const device = isUsingGpu ? 'on the GPU' : 'on the CPU';
  console.log(
    `The backend "tensorflow" ${verdict}: TensorFlow ${version}, ${device}. \`pnpm bench doctor\` shows what is used.`,
  );
}

function readOptions() {
  let options;
  try {
    options = parseArgs({
      options: {
        libtensorflow: { type: 'string' },
        pip: { type: 'string' },
        official: { type: 'boolean', default: false },
        cache: { type: 'string' },
        force: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new SetupError(`${/** @type {Error} */ (error).message}; see --help`, 2);
  }
  const { libtensorflow, pip, official, cache } = options;
  if ([libtensorflow !== undefined, pip !== undefined, official].filter(Boolean).length > 1) {
    throw new SetupError('choose one of --libtensorflow, --pip and --official', 2);
  }
  if (cache !== undefined && pip === undefined)
    throw new SetupError('--cache says where --pip keeps the wheel: it needs --pip', 2);
  return options;
}

/**
 * A path as the user means it: pnpm runs this from the workspace's root, and says where it was started.
 *
 * @param {string} file
 */
function fromUser(file) {
  return path.resolve(process.env['INIT_CWD'] ?? process.cwd(), file);
}
