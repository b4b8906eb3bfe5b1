import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { hashParts } from './content-hash.ts';
import type { SuiteName } from './schema.ts';

/** What runs the cells of every suite: folders of this app's experiments, and packages. */
const shared = {
  folders: ['protocol'],
  packages: ['@qb-heat/core', '@qb-heat/training', '@qb-heat/tfjs-backend-onnxruntime'],
};

/** What runs those of one. */
const own: Record<SuiteName, { readonly folders: readonly string[]; readonly packages: readonly string[] }> = {
  vision: { folders: ['vision'], packages: ['@qb-heat/vision'] },
  detection: { folders: ['vision', 'detection'], packages: ['@qb-heat/vision'] },
  text: { folders: ['text'], packages: ['@qb-heat/text'] },
  sentences: { folders: ['text', 'sentences'], packages: ['@qb-heat/text'] },
};

/**
 * SHA-256 of what computes a suite's results: the packages that it uses and what of this app runs its cells, not what
 * plans, stores or shows them, TensorFlow.js under them, and the kind of processor, whose rounding they depend on. A stored
 * result is taken over only while it stays the same.
 */
export async function hashProgram(suite: SuiteName): Promise<string> {
  const { folders, packages } = own[suite];
  const experiments = fileURLToPath(new URL('../experiments/', import.meta.url));
  const roots = [
    ...[...shared.folders, ...folders].map((folder) => path.join(experiments, folder)),
    ...[...shared.packages, ...packages].map((name) => path.dirname(fileURLToPath(import.meta.resolve(name)))),
  ];
  const parts = [tf.version['tfjs-core'], process.arch];
  for (const root of roots) {
    const files = await readdir(root, { recursive: true });
    for (const file of files.filter((name) => /\.[jt]s$/.test(name) && !name.endsWith('.d.ts')).toSorted()) {
      parts.push(file, await readFile(path.join(root, file), 'utf8'));
    }
  }
  return hashParts(parts);
}
