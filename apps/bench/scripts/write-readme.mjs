// Writes the sections of READMEs that are made from stored results, after a build: `node scripts/write-readme.mjs`. With
// --check it writes nothing, and exits with 1 where one is not as it would be written.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { replaceSection } from '../dist/readme/replace-section.js';
import { renderEngine, renderOperators } from '../dist/readme/measurement-sections.js';
import { renderResults } from '../dist/readme/results-section.js';
import { resultsSchema } from '../dist/results/schema.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const sections = [
  { file: 'README.md', name: 'results', from: 'standard', render: renderResults },
  { file: 'packages/core/README.md', name: 'cost', from: 'operators', render: renderOperators },
  { file: 'packages/tfjs-backend-onnxruntime/README.md', name: 'speed', from: 'engine', render: renderEngine },
];
for (const { file, name, from, render } of sections) {
  const folder = `docs/results/${from}`;
  const stored = await readFile(path.join(root, folder, 'results.json'), 'utf8').catch(() => null);
  const body = stored === null ? 'No results are stored yet.' : render(resultsSchema.parse(JSON.parse(stored)), folder);
  const document = await readFile(path.join(root, file), 'utf8');
  const written = replaceSection(document, name, body);
  if (written === document) {
    console.log(`${file}: its ${name} section is that of ${folder}`);
  } else if (process.argv.includes('--check')) {
    console.error(`${file}: its ${name} section is not that of ${folder}: run pnpm readme`);
    process.exitCode = 1;
  } else {
    await writeFile(path.join(root, file), written);
    console.log(`${file}: wrote its ${name} section`);
  }
}
