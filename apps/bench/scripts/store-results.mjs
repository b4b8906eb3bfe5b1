// Keeps a finished run in the repository, after a build: `node scripts/store-results.mjs FOLDER NAME` copies what is shown and
// what it rests on from the folder of a run's output to docs/results/NAME, whole or not at all.
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawPictureSheet, sheetFile } from '../dist/readme/picture-sheet.js';
import { shownPlots } from '../dist/readme/results-section.js';
import { resultsSchema } from '../dist/results/schema.js';

const [from, name] = process.argv.slice(2);
if (from === undefined || !/^[a-z-]+$/.test(name ?? '')) {
  console.error('usage: node apps/bench/scripts/store-results.mjs FOLDER NAME, such as qb-heat-results standard');
  process.exit(2);
}
const results = resultsSchema.parse(JSON.parse(await readFile(path.join(from, 'results.json'), 'utf8')));
const stored = fileURLToPath(new URL('../../../docs/results/', import.meta.url));
await mkdir(stored, { recursive: true });
const fresh = await mkdtemp(path.join(stored, '.new-'));
try {
  for (const file of ['results.json', 'results.csv', 'results.md', 'report.html']) {
    await copyFile(path.join(from, file), path.join(fresh, file));
  }
  for (const plot of shownPlots(results)) {
    await copyFile(path.join(from, 'plots', `${plot.name}.svg`), path.join(fresh, `${plot.name}.svg`));
  }
  const sheet = await drawPictureSheet(results, (file) => readFile(path.join(from, file)));
  if (sheet !== null) await writeFile(path.join(fresh, sheetFile), sheet);
  await rm(path.join(stored, name), { recursive: true, force: true });
  await rename(fresh, path.join(stored, name));
} finally {
  await rm(fresh, { recursive: true, force: true });
}
console.log(`docs/results/${name}: stored ${results.runs.length} runs`);
