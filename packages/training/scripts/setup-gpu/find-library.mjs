import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * A libtensorflow that the binding can be compiled against.
 *
 * @typedef {object} Library
 * @property {string[]} libraries the files to link.
 * @property {string} include the folder that holds `tensorflow/c/c_api.h`.
 */

/**
 * File names of the two libraries: in a Python wheel, then in an unpacked libtensorflow.
 *
 * @type {readonly (readonly [string, string])[]}
 */
const fileNames =
  process.platform === 'darwin'
    ? [
        ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'],
        ['libtensorflow.2.dylib', 'libtensorflow_framework.2.dylib'],
      ]
    : [
        ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
        ['libtensorflow.so.2', 'libtensorflow_framework.so.2'],
      ];

/**
 * The library below a folder that the user names: an unpacked libtensorflow, a `tensorflow` Python package, or a Python
 * environment that has one.
 *
 * @param {string} folder
 * @returns {Library}
 */
export function requireLibrary(folder) {
  if (!existsSync(folder)) throw new SetupError(`no such folder: ${folder}`, 2);
  const library = findLibrary(folder);
  if (library) return library;
  throw new SetupError(
    `no libtensorflow in ${folder}: expected ${fileNames.map(([main]) => main).join(' or ')} with its headers ` +
      '(include/tensorflow/c/c_api.h), in a Python environment, its tensorflow folder or an unpacked libtensorflow',
    2,
  );
}

/**
 * A library that is installed: the `tensorflow` of the Python in use, or one for C under /usr/local or /usr.
 *
 * @returns {Promise<Library | undefined>}
 */
export async function findInstalledLibrary() {
  // Finding the package doesn't import it, which would take seconds.
  const program =
    'import importlib.util as u; s = u.find_spec("tensorflow"); print(s.submodule_search_locations[0] if s else "")';
  for (const python of ['python3', 'python']) {
    const finished = await runCommand(python, ['-c', program]);
    const folder = finished?.code === 0 ? finished.stdout.trim() : '';
    const library = folder === '' ? undefined : findLibrary(folder);
    if (library) return library;
  }
  return ['/usr/local', '/usr'].map(findLibrary).find((library) => library !== undefined);
}

/**
 * @param {string} folder
 * @returns {Library | undefined}
 */
function findLibrary(folder) {
  const roots = [
    folder,
    path.join(folder, 'tensorflow'),
    ...sitePackagesOf(folder).map((site) => path.join(site, 'tensorflow')),
  ];
  for (const root of roots) {
    const include = path.join(root, 'include');
    if (!existsSync(path.join(include, 'tensorflow/c/c_api.h'))) continue;
    for (const [main, framework] of fileNames) {
      for (const libraryFolder of [root, path.join(root, 'lib')]) {
        const libraries = [main, framework].map((name) => path.join(libraryFolder, name));
        if (libraries.every((file) => existsSync(file))) return { libraries, include };
      }
    }
  }
  return undefined;
}

/** @param {string} environment a Python environment. */
function sitePackagesOf(environment) {
  const lib = path.join(environment, 'lib');
  const pythons = existsSync(lib) ? readdirSync(lib).filter((name) => name.startsWith('python3')) : [];
  return pythons.map((python) => path.join(lib, python, 'site-packages'));
}
