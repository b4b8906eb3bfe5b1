import { InputError } from '@qb-heat/core';
import { chooseBackend, formatBackend } from '@qb-heat/training';
import { checkSources } from '../experiments/check-sources.ts';
import type { Experiments } from '../experiments/description.ts';
import { allOperators } from '../experiments/measurement-tasks.ts';
import { narrowExperiments } from '../experiments/narrow.ts';
import { openSuites } from '../experiments/open-suites.ts';
import { presetExperiments } from '../experiments/presets/index.ts';
import { describeData } from '../results/describe-run.ts';
import { describeMachine } from '../results/machine.ts';
import { ResultsFolder } from '../results/results-folder.ts';
import { stampsOf } from '../results/stamps.ts';
import { describeVersions } from '../results/versions.ts';
import { createProgress } from '../terminal/progress.ts';
import { renderSummaryTables } from '../terminal/summary-table.ts';
import { readBenchOptions, type BenchOptions } from './bench-options.ts';
import { BenchRun } from './bench-run.ts';
import { exactCommand } from './exact-command.ts';
import { exitCodes } from './exit.ts';
import { watchInterrupts } from './interrupt.ts';
import { createOutput } from './output.ts';
import type { ParsedArguments } from './option-definition.ts';
import { readExperiments } from './read-experiments.ts';

/** Runs the comparison, writes its results and report, and prints the tables. Returns the exit code. */
export async function runBench(parsed: ParsedArguments, rawArgs: readonly string[]): Promise<number> {
  const options = await readBenchOptions(parsed);
  const whole = await chooseExperiments(options);
  const { only, fills, encoders, seeds } = options;
  const experiments = narrowExperiments(whole, { only, fills, encoders, seeds });
  checkSources(options.sources, experiments);
  const output = createOutput(options.json);

  const backend = await chooseBackend(options.backend, { threads: options.threads ?? undefined });
  output.say(formatBackend(backend));
  const { suites, notes } = await openSuites(experiments, whole, options.sources);
  const data = suites.flatMap((suite) => suite.data);
  for (const described of data) {
    output.say(describeData(described));
    for (const note of described.notes) output.say(`  ${note}`);
  }
  for (const note of notes) output.say(`note: ${note}`);

  const progress = createProgress(process.stderr);
  const interrupts = watchInterrupts(() =>
    progress.line('stopping; finished runs are kept (Ctrl-C again to quit at once)'),
  );
  const folder = new ResultsFolder(options.out);
  const { name, version, device, threads, reason } = backend;
  const context = {
    startedAt: new Date().toISOString(),
    command: exactCommand(rawArgs),
    machine: describeMachine(),
    versions: describeVersions(backend),
    backend: { name, version, device, threads, reason },
    configuration: { preset: options.preset, only: options.only, experiments: JSON.parse(JSON.stringify(experiments)) },
    data,
  };
  try {
    const run = new BenchRun({
      options,
      experiments,
      suites,
      folder,
      context,
      progress,
      emit: (record) => output.emit(record),
      signal: interrupts.signal,
    });
    const { results, failures } = await run.execute();
    progress.stop();
    const { aborted: isInterrupted } = interrupts.signal;
    if (results === undefined) {
      if (!isInterrupted) throw failureOf(failures);
      output.say('stopped before the first result; nothing was written');
      return exitCodes.interrupted;
    }
    await folder.writeTables(results);
    const report = await folder.writeReport(results);
    if (results.summaries.length > 0) output.say(`\n${renderSummaryTables(results)}`);
    for (const stamp of stampsOf(results)) output.say(`note: ${stamp}`);
    output.say(`report: ${report}`);
    if (isInterrupted) return exitCodes.interrupted;
    if (failures.length > 0) throw failureOf(failures);
    return exitCodes.success;
  } finally {
    progress.stop();
    interrupts.release();
  }
}

/** The runs that failed, in one line. */
function failureOf(failures: readonly string[]): InputError {
  const [first, ...others] = failures;
  return new InputError(others.length === 0 ? first : `${failures.length} runs failed, the first of them ${first}`);
}

/** What the file says, or the preset; alone, a preset's operators are measured in full. */
async function chooseExperiments({ preset, experiments, only }: BenchOptions): Promise<Experiments> {
  if (experiments !== null) return readExperiments(experiments);
  const chosen = presetExperiments(preset ?? 'quick');
  return only?.length === 1 && only[0] === 'operators' ? { ...chosen, operators: allOperators } : chosen;
}
