import path from 'node:path';
import { include_dir as nodeApi } from 'node-api-headers';
import { placeBinding } from './binding-package.mjs';
import { lastLines, runCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * Compiles tfjs-node's C++ binding, which its package contains, against a libtensorflow and puts it into its place. The
 * binding finds the library where it lies, and that one its CUDA libraries beside it.
 *
 * @param {import('./binding-package.mjs').BindingPackage} bindingPackage
 * @param {import('./find-library.mjs').Library} library
 */
export async function compileBinding(bindingPackage, { libraries, include }) {
  const napiVersion = /napi-v(\d+)/.exec(bindingPackage.bindingPath)?.[1] ?? '8';
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) =>
    path.join(bindingPackage.folder, 'binding', name),
  );
  const args = [
    '-std=c++17',
    '-O2',
    '-fPIC',
    '-shared',
    `-DNAPI_VERSION=${napiVersion}`,
    ...(process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : []),
    `-I${nodeApi}`,
    `-I${include}`,
    ...sources,
    ...libraries,
    ...new Set(libraries.map((file) => `-Wl,-rpath,${path.dirname(file)}`)),
  ];
  await placeBinding(
    bindingPackage,
    async (file) => {
      const finished = await runCompiler([...args, '-o', file]);
      if (finished.code !== 0) throw new SetupError(`the binding does not compile:\n${lastLines(finished.stderr)}`);
    },
    libraries.join('\n'),
  );
}

/** @param {readonly string[]} args */
async function runCompiler(args) {
  const compilers = process.env['CXX'] ? [process.env['CXX']] : ['g++', 'clang++', 'c++'];
  for (const compiler of compilers) {
    const finished = await runCommand(compiler, args);
    if (finished) return finished;
  }
  throw new SetupError(
    `no C++ compiler found (tried ${compilers.join(', ')}); on Debian or Ubuntu \`apt-get install g++\`, ` +
      'on macOS `xcode-select --install`',
  );
}
