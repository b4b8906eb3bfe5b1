import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';

/** Versions of what computes: Node, this project (its git commit where there is one), tfjs and its backend. */
export function describeVersions(backend: { readonly name: string; readonly version: string }): Record<string, string> {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
  const commit = readCommit();
  return {
    'qb-heat': version,
    ...(commit !== null && { 'git commit': commit }),
    node: process.versions.node,
    '@tensorflow/tfjs': tf.version['tfjs-core'],
    [`backend ${backend.name}`]: backend.version,
  };
}

/** The commit that this program stands at, marked where files differ from it; null outside of a git checkout. */
function readCommit(): string | null {
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  try {
    const words = ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'];
    return execFileSync('git', words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}
