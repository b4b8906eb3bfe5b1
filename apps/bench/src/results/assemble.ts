import { answerInThree } from './answer.ts';
import type { Json } from './content-hash.ts';
import type { BackendDescription, DataDescription, Machine, Measurement, Results, Run } from './schema.ts';
import { schemaVersion } from './schema.ts';
import { compareWithBaselines, summarizeRuns } from './summarize.ts';
import { askQuestions } from './verdicts.ts';

/** What stays the same while results come in. */
export interface RunContext {
  /** As an ISO date and time. */
  readonly startedAt: string;
  readonly command: string;
  readonly machine: Machine;
  readonly versions: Results['versions'];
  readonly backend: BackendDescription;
  readonly configuration: { readonly [option: string]: Json };
  readonly data: readonly DataDescription[];
  /** Ids of all runs, finished or not. */
  readonly plan: readonly string[];
}

/** What came in so far. */
export interface Findings {
  readonly isComplete: boolean;
  readonly runs: readonly Run[];
  readonly operators: readonly Measurement[];
  readonly engine: readonly Measurement[];
}

/** `results.json` of what came in so far, summaries and comparisons made from it. */
export function assembleResults(context: RunContext, findings: Findings): Results {
  const { isComplete, runs, operators, engine } = findings;
  const { command, machine, versions, backend, configuration, data } = context;
  const comparisons = compareWithBaselines(runs);
  return {
    schemaVersion,
    createdAt: latest(runs.map(({ finishedAt }) => finishedAt)) ?? context.startedAt,
    complete: isComplete,
    command,
    machine,
    versions,
    backend,
    configuration: JSON.parse(JSON.stringify(configuration)) as Results['configuration'],
    data: [...data],
    plan: [...context.plan],
    runs: [...runs],
    summaries: summarizeRuns(runs),
    comparisons,
    numComparisons: comparisons.filter(({ interval }) => interval !== null).length,
    verdicts: askQuestions(comparisons),
    answer: answerInThree({ runs: [...runs], comparisons, data: [...data] }),
    operators: [...operators],
    engine: [...engine],
  };
}

function latest(times: readonly string[]): string | undefined {
  return times.toSorted().at(-1);
}
