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

/** What a run left, and whether it did all that it was asked to: a shard is finished before the results are complete. */
export interface BenchOutcome {
  readonly results: Results;
  readonly isFinished: boolean;
}

/** One execution of the comparison: plans, says how long it will take, runs, and writes results as they come. */
export class BenchRun {
  readonly #given: BenchRunOptions;
  readonly #runs: Run[] = [];
  readonly #measurements: Record<MeasurementTask['name'], Measurement[]> = { operators: [], engine: [] };
  #plan: readonly string[] = [];
  #timeLeft = new TimeLeft(new Map());

  constructor(given: BenchRunOptions) {
    this.#given = given;
  }

  /** Runs everything; returns the results, or undefined if it was stopped before there were any. */
  async execute(): Promise<BenchOutcome | undefined> {
    const { options, experiments, suites, folder, context, signal, emit } = this.#given;
    const { shard, fresh, only } = options;
    const encoders = options.export ? folder.encoders : null;
    const planning = { store: folder.store, backend: context.backend, hashProgram, fresh, encoders };
    const whole = await planMatrix(suites, planning);
    this.#plan = whole.map(({ id }) => id);
    const plan = shard === null ? whole : whole.filter((_, place) => place % shard.count === shard.index - 1);
    // Only one shard measures what is no run.
    const tasks = (shard?.index ?? 1) === 1 ? measurementTasks(only, experiments.operators) : [];
    await this.#estimate(plan, tasks, await this.#finishedHere(whole));
    emit({ type: 'plan', runs: plan.map(({ id, cell }) => ({ id, ...describeCell(cell) })) });
    for (const task of tasks.filter(({ name }) => name === 'operators')) await this.#measure(task);
    await this.#runCells(plan);
    for (const task of tasks.filter(({ name }) => name === 'engine')) await this.#measure(task);
    if (this.#runs.length === 0 && Object.values(this.#measurements).every((rows) => rows.length === 0)) {
      return undefined;
    }
    const isFinished = !signal.aborted;
    return { results: await this.#write(isFinished && shard === null), isFinished };
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
    progress.line(`${work}: about ${formatDuration(this.#timeLeft.ofAll('', 0))}`);
  }

  async #runCells(plan: readonly PlannedCell[]): Promise<void> {
    const { options, folder, context, progress, signal, emit } = this.#given;
    let startMs = performance.now();
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
          runs: { finished: this.#runs.length, total: plan.length },
          runLeftMs: this.#timeLeft.ofTask(id, elapsedMs),
          allLeftMs: this.#timeLeft.ofAll(id, elapsedMs),
        });
        emit({ type: 'progress', id, ...describeCell(cell), phase, step, numSteps, loss, itemsPerSecond });
        continue;
      }
      const wasStored = event.planned.stored !== undefined;
      this.#timeLeft.finish(id, wasStored ? 0 : elapsedMs);
      this.#runs.push(event.run);
      const remark = wasStored ? ' (finished before)' : '';
      progress.line(`[${this.#runs.length}/${plan.length}] ${describeRun(event.run)}${remark}`);
      if (exportTo !== undefined) progress.line(`  encoder: ${exportTo}`);
      emit({ type: 'run', run: event.run });
      if (options.tensorboard !== null) await writeRunEvents(options.tensorboard, event.run);
      await this.#write(false);
      startMs = performance.now();
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
    const findings = { isComplete, runs: this.#runs, ...this.#measurements };
    const results = assembleResults({ ...context, plan: this.#plan }, findings);
    await folder.writeResults(results);
    return results;
  }
}

/** What a record says of a run. */
function describeCell({ suite, dataset, encoder, masking, method, role, seed }: PlannedCell['cell']) {
  return { suite, dataset, encoder, masking, method, role, seed };
}
