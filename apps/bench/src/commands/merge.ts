import { InputError } from '@qb-heat/core';
import { mergeShards } from '../results/merge-shards.ts';
import { ResultsFolder } from '../results/results-folder.ts';
import { stampsOf } from '../results/stamps.ts';
import { formatCount } from '../results/format.ts';
import { renderSummaryTables } from '../terminal/summary-table.ts';
import { checkFolder } from './bench-options.ts';
import { exitCodes } from './exit.ts';
import type { ParsedArguments } from './option-definition.ts';
import { resolveUserPath } from './user-path.ts';

/** Puts the results of shards together in one folder and writes their report. Returns the exit code. */
export async function runMerge({ options, words }: ParsedArguments): Promise<number> {
  if (words.length === 0) throw new InputError('merge: name the folders of the shards, such as shard-1 shard-2');
  const out = resolveUserPath(options.get('out')?.[0] ?? 'qb-heat-results');
  await checkFolder('out', out);
  const folder = new ResultsFolder(out);
  const shards = new Set(words.map((word) => resolveUserPath(word)));
  const results = await mergeShards([...shards], folder, { isIncomplete: options.has('incomplete') });
  await folder.writeTables(results);
  const report = await folder.writeReport(results);
  if (results.summaries.length > 0) console.log(renderSummaryTables(results));
  for (const stamp of stampsOf(results)) console.log(`note: ${stamp}`);
  const numMissing = results.plan.length - results.runs.length;
  console.log(`${formatCount(results.runs.length, 'run')}${numMissing === 0 ? '' : `, ${numMissing} missing`}`);
  console.log(`report: ${report}`);
  return exitCodes.success;
}
