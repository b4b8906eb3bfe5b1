// Checks the output of a finished bench: `node scripts/check-results.mjs FOLDER`, after a build. Exits with 1 and says what is wrong.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { resultsSchema } from '../dist/results/schema.js';

const folder = process.argv[2];
if (folder === undefined) {
  console.error('usage: node scripts/check-results.mjs FOLDER');
  process.exit(2);
}
const problems = [];
const expect = (holds, problem) => {
  if (!holds) problems.push(problem);
};

const parsed = resultsSchema.safeParse(JSON.parse(await readFile(path.join(folder, 'results.json'), 'utf8')));
if (!parsed.success) {
  for (const { path: at, message } of parsed.error.issues) problems.push(`results.json: ${at.join('.')}: ${message}`);
} else {
  const { complete, runs, summaries, comparisons, data, configuration } = parsed.data;
  expect(complete, 'the run did not end');
  const asked = configuration.only ?? ['vision', 'text', 'operators'];
  for (const suite of ['vision', 'text'].filter((name) => asked.includes(name))) {
    const own = runs.filter((run) => run.suite === suite);
    const byRole = (role) => own.filter((run) => run.role === role);
    for (const role of ['method', 'baseline', 'control'])
      expect(byRole(role).length > 0, `${suite}: no run is a ${role}`);
    expect(
      data.some((described) => described.suite === suite),
      `${suite}: its data is not described`,
    );
    for (const { method, seed, metrics, training } of own) {
      if (training === null || metrics.heldOutLoss === undefined) continue;
      const { heldOutLoss } = metrics;
      const text = `${suite} ${method} seed ${seed}: held-out loss ${heldOutLoss}, ${training.initialLoss} before training`;
      expect(heldOutLoss < training.initialLoss, text);
    }
  }
  expect(runs.length === 0 || (summaries.length > 0 && comparisons.length > 0), 'no summaries or comparisons');
  for (const suite of ['operators', 'engine'].filter((name) => asked.includes(name))) {
    expect(parsed.data[suite].length > 0, `${suite}: nothing was measured`);
  }
}

const report = await readFile(path.join(folder, 'report.html'), 'utf8');
expect(report.startsWith('<!doctype html>') && report.trimEnd().endsWith('</html>'), 'report.html is not a whole page');
// What its script holds is Vega's own, and the page's policy lets it fetch nothing.
const markup = report.replace(/<script>.*?<\/script>/gs, '');
expect(!/(src|href)="(?!data:|#)/.test(markup), 'report.html loads something from outside');
expect(markup.includes('default-src &#39;none&#39;'), 'report.html lets things be loaded from outside');

if (problems.length > 0) {
  console.error(problems.map((problem) => `${folder}: ${problem}`).join('\n'));
  process.exit(1);
}
console.log(`${folder}: results and report are whole`);
