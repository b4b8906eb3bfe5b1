import type { Results } from './schema.ts';

/** What a reader has to know before any number: shown above the report and under the terminal's table. */
export function stampsOf(results: Results): string[] {
  const synthetic = results.data.filter((data) => data.synthetic).map((data) => data.suite);
  const methods = results.summaries.filter((summary) => summary.role !== 'control');
  const isOneSeed = methods.some((summary) => summary.n === 1);
  return [
    ...(results.complete ? [] : ['interrupted: not all runs are here']),
    ...(synthetic.length === 0 ? [] : [`synthetic data (${synthetic.join(', ')})`]),
    ...(isOneSeed ? ['one seed: no interval, no conclusion'] : []),
    ...(results.configuration['preset'] === 'smoke' ? ['smoke run: shows that it runs, not how well'] : []),
  ];
}
