import { measurementTasks, type MeasurementTask } from '../experiments/measurement-tasks.ts';
import { planMatrix, runMatrix, type PlannedCell } from '../experiments/matrix.ts';
import type { Preset } from '../experiments/presets.ts';
import type { Suite } from '../experiments/suite.ts';
import { assembleResults, type RunContext } from '../results/assemble.ts';
import { describeMeasurement, describeRun, nameRun } from '../results/describe-run.ts';
import { formatCount, formatDuration } from '../results/format.ts';
import { hashProgram } from '../results/program-hash.ts';
import { shownFields } from '../results/labels.ts';
import type { ResultsFolder } from '../results/results-folder.ts';
import type { Measurement, Results, Run } from '../results/schema.ts';
import type { Progress } from '../terminal/progress.ts';
import type { BenchOptions } from './bench-options.ts';
import { TimeLeft } from './time-left.ts';

export interface BenchRunOptions {
  readonly options: BenchOptions;
  readonly preset: Preset;
  readonly suites: readonly Suite[];
  readonly folder: ResultsFolder;
  readonly context: RunContext;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** One execution of the comparison: plans, says how long it will take, runs, and writes results as they come. */
export class BenchRun {
  readonly #given: BenchRunOptions;
  readonly #runs: Run[] = [];
  readonly #measurements: Record<MeasurementTask['name'], Measurement[]> = { operators: [], engine: [] };
  #timeLeft = new TimeLeft(new Map());

  constructor(given: BenchRunOptions) {
    this.#given = given;
  }

  /** Runs everything; returns the results, or undefined if it was stopped before there were any. */
  async execute(): Promise<Results | undefined> {
    const { options, preset, suites, folder, context, signal } = this.#given;
    const programSha256 = await hashProgram();
    const { backend } = context;
    const plan = await planMatrix(suites, { store: folder.store, backend, programSha256, fresh: options.fresh });
    const tasks = measurementTasks(options.only, preset.operators);
    await this.#estimate(plan, tasks);
    for (const task of tasks.filter(({ name }) => name === 'operators')) await this.#measure(task);
    await this.#runCells(plan);
    for (const task of tasks.filter(({ name }) => name === 'engine')) await this.#measure(task);
    if (this.#runs.length === 0 && Object.values(this.#measurements).every((rows) => rows.length === 0)) {
      return undefined;
    }
    return this.#write(!signal.aborted);
  }

  async #estimate(plan: readonly PlannedCell[], tasks: readonly MeasurementTask[]): Promise<void> {
    const { suites, progress, signal } = this.#given;
    const pending = plan.filter(({ stored }) => stored === undefined);
    if (pending.length > 0) progress.line('timing a few training steps …');
    const estimatesMs = new Map<string, number>(tasks.map(({ name, estimateMs }) => [name, estimateMs]));
    for (const suite of suites) {
      const own = pending.filter((planned) => planned.suite === suite);
      if (own.length === 0) continue;
      const cellsMs = await suite.estimateMs(
        own.map(({ cell }) => cell),
        signal,
      );
      for (const { id, cell } of own) estimatesMs.set(id, cellsMs.get(cell) ?? 0);
    }
    this.#timeLeft = new TimeLeft(estimatesMs);
    if (signal.aborted) return;
    const numStored = plan.length - pending.length;
    const stored = numStored === 0 ? '' : `, ${numStored} of them finished before`;
    const runs = plan.length === 0 ? [] : [`${formatCount(plan.length, 'run')}${stored}`];
    const work = [...runs, ...tasks.map(({ name }) => name)].join(' and ');
    progress.line(`${work}: about ${formatDuration(this.#timeLeft.ofAll('', 0))}`);
  }

  async #runCells(plan: readonly PlannedCell[]): Promise<void> {
    const { folder, context, progress, signal } = this.#given;
    let startMs = performance.now();
    for await (const event of runMatrix(plan, folder.store, context.backend.name, signal)) {
      const { id, cell, suite } = event.planned;
      const elapsedMs = performance.now() - startMs;
      if (event.kind === 'progress') {
        const { phase, step, numSteps, loss, itemsPerSecond } = event.progress;
        progress.update({
          title: nameRun(cell),
          phase,
          step,
          numSteps,
          loss,
          rate: itemsPerSecond === undefined ? undefined : { perSecond: itemsPerSecond, unit: suite.unit },
          runLeftMs: this.#timeLeft.ofTask(id, elapsedMs),
          allLeftMs: this.#timeLeft.ofAll(id, elapsedMs),
        });
        continue;
      }
      const wasStored = event.planned.stored !== undefined;
      this.#timeLeft.finish(id, wasStored ? 0 : elapsedMs);
      this.#runs.push(event.run);
      const remark = wasStored ? ' (finished before)' : '';
      progress.line(`[${this.#runs.length}/${plan.length}] ${describeRun(event.run)}${remark}`);
      await this.#write(false);
      startMs = performance.now();
    }
  }

  async #measure(task: MeasurementTask): Promise<void> {
    const { progress, signal } = this.#given;
    if (signal.aborted) return;
    progress.line(`${task.name}: about ${formatDuration(task.estimateMs)}`);
    try {
      for await (const measurement of task.run(signal)) {
        this.#measurements[task.name].push(measurement);
        progress.line(`${task.name}: ${describeMeasurement(measurement, shownFields[task.name])}`);
        await this.#write(false);
      }
    } catch (error) {
      // What is under way when the signal comes may end by throwing.
      if (!signal.aborted) throw error;
    }
    // It says nothing of how long training will take.
    this.#timeLeft.finish(task.name, 0);
  }

  async #write(isComplete: boolean): Promise<Results> {
    const { folder, context } = this.#given;
    const results = assembleResults(context, { isComplete, runs: this.#runs, ...this.#measurements });
    await folder.writeResults(results);
    return results;
  }
}
