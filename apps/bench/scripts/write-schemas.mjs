// Writes the published JSON schemas from those of the program, after a build: `node scripts/write-schemas.mjs`. With --check
// it writes nothing, and exits with 1 where a file is not as it would be written.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { experimentsSchema } from '../dist/experiments/description.js';
import { resultsSchema } from '../dist/results/schema.js';

const isCheck = process.argv.includes('--check');
const schemas = {
  // What a user may leave out has a default: the schema is of what is written, not of what is read.
  'experiments.schema.json': z.toJSONSchema(experimentsSchema, { io: 'input' }),
  'results.schema.json': z.toJSONSchema(resultsSchema.meta({ title: 'results.json of qb-heat' }), { io: 'output' }),
};
const folder = fileURLToPath(new URL('../schemas/', import.meta.url));
await mkdir(folder, { recursive: true });
for (const [name, schema] of Object.entries(schemas)) {
  const content = `${JSON.stringify(schema, null, 2)}\n`;
  const file = `${folder}${name}`;
  const written = await readFile(file, 'utf8').catch(() => '');
  if (written === content) continue;
  if (isCheck) {
    console.error(`${file} is not what the program reads or writes: run pnpm --filter @qb-heat/bench schemas`);
    process.exitCode = 1;
  } else {
    await writeFile(file, content);
    console.log(`wrote ${file}`);
  }
}
