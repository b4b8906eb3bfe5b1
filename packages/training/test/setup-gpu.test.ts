import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireLibrary } from '../scripts/setup-gpu/find-library.mjs';

const script = fileURLToPath(new URL('../scripts/setup-gpu.mjs', import.meta.url));
const isMac = process.platform === 'darwin';
const wheelLibraries = isMac
  ? ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib']
  : ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const plainLibraries = isMac
  ? ['libtensorflow.2.dylib', 'libtensorflow_framework.2.dylib']
  : ['libtensorflow.so.2', 'libtensorflow_framework.so.2'];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qb-heat-setup-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** What the script ends with; nothing below gets as far as changing what is installed. */
function setUp(
  args: string[],
  environment: Record<string, string> = {},
): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, ...environment } });
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('close', (code) => resolve({ code, stderr }));
  });
}

/** Empty files in place of a library and its header. */
async function makeLibrary(root: string, libraryFolder: string, names: string[]): Promise<void> {
  const files = ['include/tensorflow/c/c_api.h', ...names.map((name) => path.join(libraryFolder, name))];
  for (const file of files) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), '');
  }
}

describe('requireLibrary', () => {
  it.each([
    ['the tensorflow folder of a wheel', '.', '.', wheelLibraries],
    ['a folder that a wheel was installed into', 'tensorflow', '.', wheelLibraries],
    ['a Python environment', 'lib/python3.12/site-packages/tensorflow', '.', wheelLibraries],
    ['an unpacked libtensorflow', '.', 'lib', plainLibraries],
  ])('finds the library in %s', async (_, place, libraryFolder, names) => {
    const root = path.join(folder, place);
    await makeLibrary(root, libraryFolder, names);
    expect(requireLibrary(folder)).toEqual({
      libraries: names.map((name) => path.join(root, libraryFolder, name)),
      include: path.join(root, 'include'),
    });
  });

  it('refuses a library without its headers', async () => {
    await makeLibrary(folder, 'lib', plainLibraries);
    await rm(path.join(folder, 'include'), { recursive: true });
    expect(() => requireLibrary(folder)).toThrow(`no libtensorflow in ${folder}: expected`);
  });
});

describe('the command line', () => {
  it.each([
    ['an unknown option', ['--cuda'], "Unknown option '--cuda'"],
    ['two sources', ['--official', '--pip', 'tensorflow'], 'choose one of --libtensorflow, --pip and --official'],
    ['a cache without --pip', ['--cache', 'here'], '--cache says where --pip keeps the wheel: it needs --pip'],
    ['a folder that is missing', ['--libtensorflow', '/no/such/folder'], 'no such folder: /no/such/folder'],
    ['a wheel of something else', ['--pip', 'torch'], '--pip takes tensorflow or tensorflow-cpu'],
  ])('refuses %s with code 2', async (_, args, message) => {
    const { code, stderr } = await setUp(args);
    expect(stderr).toContain(`setup:gpu: ${message}`);
    expect(stderr).not.toContain('    at ');
    expect(code).toBe(2);
  });

  it('names a folder relative to where the user stands', async () => {
    const { stderr } = await setUp(['--libtensorflow', 'missing'], { INIT_CWD: folder });
    expect(stderr).toContain(`no such folder: ${path.join(folder, 'missing')}`);
  });
});

describe('what the machine lacks', () => {
  it('is said with code 1: a compiler', async () => {
    await makeLibrary(folder, 'lib', plainLibraries);
    const { code, stderr } = await setUp(['--libtensorflow', folder], { CXX: 'no-such-compiler' });
    expect(stderr).toContain('setup:gpu: no C++ compiler found (tried no-such-compiler)');
    expect(code).toBe(1);
  });

  it('is said with code 1: a library that can be linked', async () => {
    await makeLibrary(folder, 'lib', plainLibraries);
    const { code, stderr } = await setUp(['--libtensorflow', folder], { CXX: 'false' });
    expect(stderr).toContain('setup:gpu: the binding does not compile');
    expect(code).toBe(1);
  });

  it('is said with code 1: a download server that answers', async () => {
    const { code, stderr } = await setUp(['--official'], { TFJS_NODE_CDN_STORAGE: 'http://127.0.0.1:9/' });
    expect(stderr).toContain("setup:gpu: tfjs-node's download server http://127.0.0.1:9/ cannot be reached");
    expect(stderr).toContain('`pnpm setup:gpu --pip tensorflow-cpu`');
    expect(code).toBe(1);
  });
});
