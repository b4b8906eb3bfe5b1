// Writes the README's section of results from the stored ones, after a build: `node scripts/write-readme.mjs`. With --check
// it writes nothing, and exits with 1 where the section is not as it would be written.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeResultsSection } from '../dist/results/readme-section.js';
import { resultsSchema } from '../dist/results/schema.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = 'docs/results/standard';
const file = path.join(root, 'README.md');

const stored = await readFile(path.join(root, folder, 'results.json'), 'utf8').catch(() => null);
const results = stored === null ? null : resultsSchema.parse(JSON.parse(stored));
const readme = await readFile(file, 'utf8');
const written = writeResultsSection(readme, results, folder);
if (written === readme) {
  console.log('README.md: its results are those of the stored run');
} else if (process.argv.includes('--check')) {
  console.error(`README.md: its results are not those of ${folder}: run pnpm readme`);
  process.exitCode = 1;
} else {
  await writeFile(file, written);
  console.log('README.md: wrote its results');
}
