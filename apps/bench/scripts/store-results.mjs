// Keeps a finished run in the repository, after a build: `node scripts/store-results.mjs FOLDER NAME` copies what is shown and
// what it rests on from the folder of a run's output to docs/results/NAME, whole or not at all.
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawPictureSheet, sheetFile } from '../dist/readme/picture-sheet.js';
import { shownPlots } from '../dist/readme/results-section.js';
import { replaceFolder } from '../dist/results/replace-folder.js';
import { resultsSchema } from '../dist/results/schema.js';

const [from, name] = process.argv.slice(2);
if (from === undefined || !/^[a-z-]+$/.test(name ?? '')) {
  console.error('usage: node apps/bench/scripts/store-results.mjs FOLDER NAME, such as qb-heat-results standard');
  process.exit(2);
}
const read = (file) => readFile(path.join(from, file));
const results = resultsSchema.parse(JSON.parse(await read('results.json')));
const stored = fileURLToPath(new URL('../../../docs/results/', import.meta.url));
await mkdir(stored, { recursive: true });
await replaceFolder(path.join(stored, name), keptFiles());
console.log(`docs/results/${name}: stored ${results.runs.length} runs`);

async function* keptFiles() {
  for (const file of ['results.json', 'results.csv', 'results.md', 'report.html']) {
    yield { name: file, content: await read(file) };
  }
  for (const { name: plot } of shownPlots(results)) {
    yield { name: `${plot}.svg`, content: await read(path.join('plots', `${plot}.svg`)) };
  }
  const sheet = await drawPictureSheet(results, read);
  if (sheet !== null) yield { name: sheetFile, content: sheet };
}
