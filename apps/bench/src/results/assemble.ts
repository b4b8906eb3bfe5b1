import type { Json } from './content-hash.ts';
import { describeMachine } from './machine.ts';
import type { BackendDescription, DataDescription, Measurement, Results, Run } from './schema.ts';
import { schemaVersion } from './schema.ts';
import { compareWithBaselines, summarizeRuns } from './summarize.ts';
import { describeVersions } from './versions.ts';

/** What stays the same while results come in. */
export interface RunContext {
  readonly command: string;
  readonly backend: BackendDescription;
  readonly configuration: { readonly [option: string]: Json };
  readonly data: readonly DataDescription[];
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
  const { command, backend, configuration, data } = context;
  return {
    schemaVersion,
    createdAt: new Date().toISOString(),
    complete: isComplete,
    command,
    machine: describeMachine(),
    versions: describeVersions(backend),
    backend,
    configuration: JSON.parse(JSON.stringify(configuration)) as Results['configuration'],
    data: [...data],
    runs: [...runs],
    summaries: summarizeRuns(runs),
    comparisons: compareWithBaselines(runs),
    operators: [...operators],
    engine: [...engine],
  };
}
