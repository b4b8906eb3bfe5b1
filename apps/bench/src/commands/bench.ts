import { chooseBackend, formatBackend } from '@qb-heat/training';
import { openSuites } from '../experiments/open-suites.ts';
import { presets } from '../experiments/presets.ts';
import { describeData } from '../results/describe-run.ts';
import { describeMachine } from '../results/machine.ts';
import { ResultsFolder } from '../results/results-folder.ts';
import { stampsOf } from '../results/stamps.ts';
import { describeVersions } from '../results/versions.ts';
import { createProgress } from '../terminal/progress.ts';
import { renderSummaryTables } from '../terminal/summary-table.ts';
import { readBenchOptions, type ParsedArguments } from './bench-options.ts';
import { BenchRun } from './bench-run.ts';
import { exactCommand } from './exact-command.ts';
import { exitCodes } from './exit.ts';
import { watchInterrupts } from './interrupt.ts';

/** Runs the comparison, writes its results and report, and prints the tables. Returns the exit code. */
export async function runBench(parsed: ParsedArguments, rawArgs: readonly string[]): Promise<number> {
  const options = await readBenchOptions(parsed);
  const preset = presets[options.preset];
  const seeds = Array.from({ length: options.seeds ?? preset.numSeeds }, (_, seed) => seed);

  const backend = await chooseBackend(options.backend, { threads: options.threads ?? undefined });
  console.log(formatBackend(backend));
  const suites = await openSuites(options, preset, seeds);
  for (const { data } of suites) {
    console.log(describeData(data));
    for (const note of data.notes) console.log(`  ${note}`);
  }

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
    configuration: { ...options, seeds, vision: preset.vision, text: preset.text },
    data: suites.map((suite) => suite.data),
  };
  try {
    const run = new BenchRun({ options, preset, suites, folder, context, progress, signal: interrupts.signal });
    const results = await run.execute();
    progress.stop();
    if (results === undefined) {
      console.log('stopped before the first result; nothing was written');
      return exitCodes.interrupted;
    }
    const report = await folder.writeReport(results);
    if (results.summaries.length > 0) console.log(`\n${renderSummaryTables(results)}`);
    for (const stamp of stampsOf(results)) console.log(`note: ${stamp}`);
    console.log(`report: ${report}`);
    return results.complete ? exitCodes.success : exitCodes.interrupted;
  } finally {
    progress.stop();
    interrupts.release();
  }
}
