import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import { assembleResults } from './assemble.ts';
import { hashJson, type Json } from './content-hash.ts';
import { formatCount } from './format.ts';
import type { ResultsFolder } from './results-folder.ts';
import { resultsSchema, type Machine, type Results, type Run } from './schema.ts';

/**
 * Puts the runs of shards into one folder and writes their `results.json`: with all runs there, the one that a run in one
 * piece would have written of them.
 *
 * @param options.isIncomplete whether runs may be missing.
 * @throws InputError if a folder has no results, or those of other experiments, data or programs, or if runs or their
 * pictures are missing; nothing is written then.
 */
export async function mergeShards(
  shards: readonly string[],
  folder: ResultsFolder,
  { isIncomplete }: { readonly isIncomplete: boolean },
): Promise<Results> {
  const all: Results[] = [];
  for (const shard of shards) all.push(await readResults(shard));
  const [first] = all;
  if (first === undefined) throw new InputError('merge: no shard is named');
  for (const [index, other] of all.entries()) requireSame(first, shards[0]!, other, shards[index]!);

  const found = new Map<string, { readonly run: Run; readonly shard: string }>();
  for (const [index, { runs: ofShard }] of all.entries()) {
    for (const run of ofShard) if (!found.has(run.id)) found.set(run.id, { run, shard: shards[index]! });
  }
  const numMissing = first.plan.filter((id) => !found.has(id)).length;
  if (numMissing > 0 && !isIncomplete) {
    const missing = `${numMissing} of ${formatCount(first.plan.length, 'run')}`;
    throw new InputError(
      `merge: ${missing} are missing: a shard is not finished or not named; --incomplete merges what is there`,
    );
  }
  for (const { run, shard } of found.values()) await requirePictures(run, shard);
  for (const { run, shard } of found.values()) await copyRun(run, shard, folder);
  const runs = first.plan.flatMap((id) => found.get(id)?.run ?? []);
  const { startedAt, command, versions, backend, configuration, data, plan } = { startedAt: first.createdAt, ...first };
  const machine = joinMachines(all.map((shard) => shard.machine));
  const results = assembleResults(
    {
      startedAt,
      command,
      machine,
      versions,
      backend,
      configuration,
      data,
      plan,
    },
    {
      isComplete: runs.length === plan.length,
      runs,
      operators: all.flatMap((shard) => shard.operators),
      engine: all.flatMap((shard) => shard.engine),
    },
  );
  await folder.writeResults(results);
  return results;
}

async function readResults(shard: string): Promise<Results> {
  const file = path.join(shard, 'results.json');
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (error) {
    throw new InputError(`merge: ${shard} has no results.json`, { cause: error });
  }
  const parsed = resultsSchema.safeParse(parseJson(content));
  if (parsed.success) return parsed.data;
  throw new InputError(`merge: ${file} is no results.json of this version`);
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

function requireSame(first: Results, firstShard: string, other: Results, otherShard: string): void {
  const kinds: [string, (results: Results) => Json][] = [
    ['experiments', ({ configuration }) => configuration],
    ['data', ({ data }) => data.map(({ sha256 }) => sha256)],
    ['programs, backends or threads', ({ plan }) => plan],
  ];
  for (const [what, partOf] of kinds) {
    if (hashJson(partOf(first)) === hashJson(partOf(other))) continue;
    throw new InputError(`merge: ${firstShard} and ${otherShard} were made with different ${what}`);
  }
}

async function requirePictures(run: Run, shard: string): Promise<void> {
  for (const file of picturesOf(run)) {
    try {
      await access(path.join(shard, file));
    } catch (error) {
      throw new InputError(`merge: ${shard} lacks ${file}: copy the whole folder`, { cause: error });
    }
  }
}

function picturesOf({ pictures }: Run): string[] {
  return pictures.flatMap(({ rows }) => rows.map(({ file }) => file));
}

/** The run and its pictures, byte by byte. */
async function copyRun(run: Run, shard: string, { store }: ResultsFolder): Promise<void> {
  for (const file of picturesOf(run)) await store.copyFile(path.join(shard, file), file);
  await store.save(run);
}

/** One machine as it is; of several, each processor once and the range of what they have. */
function joinMachines(machines: readonly Machine[]): Machine {
  const [first] = machines;
  if (first === undefined) throw new Error('joinMachines: no machine');
  const join = (field: 'platform' | 'release' | 'architecture' | 'cpu'): string =>
    [...new Set(machines.map((machine) => machine[field]))].join(', ');
  return {
    platform: join('platform'),
    release: join('release'),
    architecture: join('architecture'),
    cpu: join('cpu'),
    numCores: Math.min(...machines.map(({ numCores }) => numCores)),
    memoryBytes: Math.min(...machines.map(({ memoryBytes }) => memoryBytes)),
  };
}
