// Run by check-transformers.mjs beside an installed library: `node run.mjs LIBRARY MODELS CASES` prints, as JSON, the largest
// difference of each case's features from the expected ones; null where one is not a number.
import { readFile } from 'node:fs/promises';

const [library, models, file] = process.argv.slice(2);
const { env, pipeline } = await import(library);
env.allowRemoteModels = false;
env.localModelPath = models;
// It tells of models that it doesn't know on the stream that is for the result alone.
console.log = console.info = console.error;

const differences = {};
for (const { name, task, options, inputs, expected } of JSON.parse(await readFile(file, 'utf8'))) {
  const extract = await pipeline(task, name, { quantized: false }); // no file of its own kind in release 2
  const { data } = await extract(inputs, options);
  if (data.length !== expected.length) throw new Error(`${name}: ${data.length} features, expected ${expected.length}`);
  differences[name] = Math.max(...expected.map((value, index) => Math.abs(value - data[index])));
}
process.stdout.write(JSON.stringify(differences));
