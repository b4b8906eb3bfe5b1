import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashParts } from './content-hash.ts';

const packages = [
  '@qb-heat/core',
  '@qb-heat/training',
  '@qb-heat/vision',
  '@qb-heat/text',
  '@qb-heat/tfjs-backend-onnxruntime',
];

/**
 * SHA-256 of the code that computes results: this app's experiments and the packages below it. A stored result is taken
 * over only while it stays the same.
 */
export async function hashProgram(): Promise<string> {
  // Without the folders below it, whose micro-benchmarks are never stored.
  const experiments = fileURLToPath(new URL('../experiments/', import.meta.url));
  const folders = [experiments, ...packages.map((name) => path.dirname(fileURLToPath(import.meta.resolve(name))))];
  const parts: string[] = [];
  for (const folder of folders) {
    const files = await readdir(folder, { recursive: folder !== experiments });
    for (const file of files.filter((name) => /\.[jt]s$/.test(name) && !name.endsWith('.d.ts')).toSorted()) {
      parts.push(file, await readFile(path.join(folder, file), 'utf8'));
    }
  }
  return hashParts(parts);
}
