import { isDeepStrictEqual } from 'node:util';
import type { Experiments } from '../experiments/description.ts';
import { FinishedRuns } from '../experiments/estimates/finished-runs.ts';
import { planMatrix, runMatrix, type PlannedCell } from '../experiments/matrix.ts';
import { measurementTasks, type MeasurementTask } from '../experiments/measurement-tasks.ts';
import type { Suite } from '../experiments/suite.ts';
import { assembleResults, type RunContext } from '../results/assemble.ts';
import { describeMeasurement, describeRun, nameRun } from '../results/describe-run.ts';
import { formatCount, formatDuration } from '../results/format.ts';
import { shownFields } from '../results/labels.ts';
import { hashProgram } from '../results/program-hash.ts';
import type { ResultsFolder } from '../results/results-folder.ts';
import type { Measurement, Results, Run } from '../results/schema.ts';
import { writeRunEvents } from '../results/tensorboard.ts';
import type { Progress } from '../terminal/progress.ts';
import type { BenchOptions } from './bench-options.ts';
import type { Output } from './output.ts';
import { TimeLeft } from './time-left.ts';

export interface BenchRunOptions {
  readonly options: Pick<BenchOptions, 'only' | 'export' | 'fresh' | 'shard' | 'tensorboard'>;
  readonly experiments: Experiments;
  readonly suites: readonly Suite[];
  readonly folder: ResultsFolder;
  readonly context: Omit<RunContext, 'plan'>;
  readonly progress: Progress;
  readonly emit: Output['emit'];
  readonly signal: AbortSignal;
}

/** What an execution left. */
export interface BenchOutcome {
  /** Undefined where it was stopped, or everything failed, before there was any result: nothing was written. */
  readonly results: Results | undefined;
  /** One line for each run that its settings or data let fail. */
  readonly failures: readonly string[];
}

/** One execution of the comparison: plans, says how long it will take, runs, and writes results as they come. */
export class BenchRun {
  readonly #given: BenchRunOptions;
  /** What is finished, now or before, by id. */
  readonly #runs = new Map<string, Run>();
  readonly #failures: string[] = [];
  readonly #measurements: Record<MeasurementTask['name'], Measurement[]> = { operators: [], engine: [] };
  #plan: readonly string[] = [];
  #timeLeft = new TimeLeft(new Map());

  constructor(given: BenchRunOptions) {
    this.#given = given;
  }

  /** Runs everything, or what there is time for until the signal. */
  async execute(): Promise<BenchOutcome> {
    const { options, experiments, suites, folder, context, signal, emit } = this.#given;
    const { shard, fresh, only } = options;
    const encoders = options.export ? folder.encoders : null;
    const planning = { store: folder.store, backend: context.backend, hashProgram, fresh, encoders };
    const whole = await planMatrix(suites, planning);
    this.#plan = whole.map(({ id }) => id);
    const plan = shard === null ? whole : whole.filter((_, place) => place % shard.count === shard.index - 1);
    for (const { id, stored } of plan) if (stored !== undefined) this.#runs.set(id, stored);
    // Only one shard measures what is no run.
    const tasks = (shard?.index ?? 1) === 1 ? measurementTasks(only, experiments.operators) : [];
    await this.#estimate(plan, tasks, await this.#finishedHere(whole));
    emit({ type: 'plan', runs: plan.map(({ id, cell }) => ({ id, ...describeCell(cell) })) });
    for (const task of tasks.filter(({ name }) => name === 'operators')) await this.#measure(task);
    await this.#runCells(plan);
    for (const task of tasks.filter(({ name }) => name === 'engine')) await this.#measure(task);
    const failures = this.#failures;
    const isFinished = !signal.aborted && failures.length === 0;
    const isEmpty = this.#runs.size === 0 && Object.values(this.#measurements).every((rows) => rows.length === 0);
    // A shard may have nothing to do.
    if (isEmpty && !isFinished) return { results: undefined, failures };
    return { results: await this.#write(isFinished && shard === null), failures };
  }

  /** The stored runs that tell how long others will take: those of this machine. */
  async #finishedHere(plan: readonly PlannedCell[]): Promise<FinishedRuns> {
    const { folder, context } = this.#given;
    const isHere = isDeepStrictEqual(await folder.readMachine(), context.machine);
    return new FinishedRuns(isHere ? plan.flatMap(({ stored }) => stored ?? []) : []);
  }

  async #estimate(
    plan: readonly PlannedCell[],
    tasks: readonly MeasurementTask[],
    finished: FinishedRuns,
  ): Promise<void> {
    const { suites, progress, signal, options } = this.#given;
    const pending = plan.filter(({ stored }) => stored === undefined);
    const estimatesMs = new Map<string, number>(tasks.map(({ name, estimateMs }) => [name, estimateMs]));
    let isTold = false;
    const onTiming = (): void => {
      if (!isTold) progress.line('timing a few training steps …');
      isTold = true;
    };
    for (const suite of suites) {
      const own = pending.filter((planned) => planned.suite === suite);
      if (own.length === 0) continue;
      const cells = own.map(({ cell }) => cell);
      try {
        const cellsMs = await suite.estimateMs(cells, { finished, signal, onTiming });
        for (const { id, cell } of own) estimatesMs.set(id, cellsMs.get(cell) ?? 0);
      } catch (error) {
        // Interrupted while timing: nothing will run.
        if (signal.aborted) return;
        throw error;
      }
    }
    this.#timeLeft = new TimeLeft(estimatesMs);
    if (signal.aborted) return;
    const { shard } = options;
    const numStored = plan.length - pending.length;
    const stored = numStored === 0 ? '' : `, ${numStored} of them finished before`;
    const part = shard === null ? '' : ` of shard ${shard.index}/${shard.count}`;
    const runs = plan.length === 0 ? [] : [`${formatCount(plan.length, 'run')}${part}${stored}`];
    const work = [...runs, ...tasks.map(({ name }) => name)].join(' and ');
    if (work === '') progress.line(`nothing to run${part}`);
    else progress.line(`${work}: about ${formatDuration(this.#timeLeft.ofAll('', 0))}`);
  }

  async #runCells(plan: readonly PlannedCell[]): Promise<void> {
    const { options, folder, context, progress, signal, emit } = this.#given;
    let startMs = performance.now();
    let numDone = 0;
    for await (const event of runMatrix(plan, folder.store, context.backend.name, signal)) {
      const { id, cell, suite, exportTo } = event.planned;
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
          runs: { finished: numDone, total: plan.length },
          runLeftMs: this.#timeLeft.ofTask(id, elapsedMs),
          allLeftMs: this.#timeLeft.ofAll(id, elapsedMs),
        });
        emit({ type: 'progress', id, ...describeCell(cell), phase, step, numSteps, loss, itemsPerSecond });
        continue;
      }
      numDone++;
      const wasStored = event.planned.stored !== undefined;
      this.#timeLeft.finish(id, wasStored ? 0 : elapsedMs);
      startMs = performance.now();
      if (event.kind === 'failed') {
        const failure = `${nameRun(cell)}: ${event.error.message}`;
        this.#failures.push(failure);
        progress.line(`[${numDone}/${plan.length}] failed: ${failure}`);
        emit({ type: 'failed', id, ...describeCell(cell), message: event.error.message });
        continue;
      }
      const remark = wasStored ? ' (finished before)' : '';
      progress.line(`[${numDone}/${plan.length}] ${describeRun(event.run)}${remark}`);
      if (exportTo !== undefined) progress.line(`  encoder: ${exportTo}`);
      emit({ type: 'run', run: event.run });
      if (options.tensorboard !== null) await writeRunEvents(options.tensorboard, event.run);
      if (wasStored) continue;
      this.#runs.set(id, event.run);
      await this.#write(false);
    }
  }

  async #measure(task: MeasurementTask): Promise<void> {
    const { progress, signal, emit } = this.#given;
    if (signal.aborted) return;
    progress.line(`${task.name}: about ${formatDuration(task.estimateMs)}`);
    try {
      for await (const measurement of task.run(signal)) {
        this.#measurements[task.name].push(measurement);
        progress.line(`${task.name}: ${describeMeasurement(measurement, shownFields[task.name])}`);
        emit({ type: task.name, record: measurement });
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
    const runs = this.#plan.flatMap((id) => this.#runs.get(id) ?? []);
    const findings = { isComplete, runs, ...this.#measurements };
    const results = assembleResults({ ...context, plan: this.#plan }, findings);
    await folder.writeResults(results);
    return results;
  }
}

/** What a record says of a run. */
function describeCell({ suite, dataset, encoder, masking, method, role, seed }: PlannedCell['cell']) {
  return { suite, dataset, encoder, masking, method, role, seed };
}
