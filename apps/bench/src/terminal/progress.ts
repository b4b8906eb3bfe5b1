import { MultiBar, type SingleBar } from 'cli-progress';
import { formatDuration, formatNumber } from '../results/format.ts';
import { drawBar, fitLine } from './bar-line.ts';

/** Where a run is, as far as a terminal shows it. */
export interface ProgressState {
  /** What is running, such as `vision linear, seed 0`. */
  readonly title: string;
  readonly phase: string;
  readonly step: number;
  readonly numSteps: number;
  readonly loss?: number | undefined;
  readonly rate?: { readonly perSecond: number; readonly unit: string } | undefined;
  /** How many runs are finished, of how many. */
  readonly runs: { readonly finished: number; readonly total: number };
  /** Time left for this run and for all; undefined while unknown. */
  readonly runLeftMs?: number | undefined;
  readonly allLeftMs?: number | undefined;
}

/** Shows how far the work is. Lines between are printed through it, so that they don't tear a bar. */
export interface Progress {
  update(state: ProgressState): void;
  line(text: string): void;
  stop(): void;
}

/** Two bars on a terminal, for the run and for all; elsewhere a plain line whenever one is due. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? new BarProgress(stream) : new LineProgress(stream);
}

class BarProgress implements Progress {
  readonly #stream: NodeJS.WriteStream;
  #bars: { readonly multi: MultiBar; readonly lines: readonly SingleBar[] } | undefined;
  #state: ProgressState | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  update(state: ProgressState): void {
    this.#state = state;
    this.#bars ??= this.#open();
    // What a line says comes from the state: the value only tells the bar that there is something new.
    for (const line of this.#bars.lines) line.increment();
  }

  line(text: string): void {
    this.stop();
    this.#stream.write(`${text}\n`);
  }

  stop(): void {
    this.#bars?.multi.stop();
    this.#bars = undefined;
  }

  #open() {
    const multi = new MultiBar({
      stream: this.#stream,
      clearOnComplete: true,
      hideCursor: true,
      linewrap: false,
      // Interrupts are the app's to handle: by itself the bar would only stop.
      gracefulExit: false,
    });
    const lines = [titleLine, runLine, allLine].map((write) => {
      const format = (): string => (this.#state === undefined ? '' : write(this.#state, this.#stream.columns));
      return multi.create(Number.MAX_SAFE_INTEGER, 0, {}, { format });
    });
    return { multi, lines };
  }
}

function titleLine({ title }: ProgressState, columns: number): string {
  return fitLine(title, columns);
}

function runLine(state: ProgressState, columns: number): string {
  const { phase, step, numSteps, runLeftMs } = state;
  const left = runLeftMs === undefined ? [] : [`${formatDuration(runLeftMs)} left`];
  const text = [`${step}/${numSteps}`, ...describeWork(state), ...left].join(' · ');
  return drawBar({ label: phase, share: step / numSteps, text }, columns);
}

function allLine({ runs, allLeftMs }: ProgressState, columns: number): string {
  const left = allLeftMs === undefined ? [] : [`${formatDuration(allLeftMs)} left`];
  const text = [`${runs.finished}/${runs.total} runs`, ...left].join(' · ');
  return drawBar({ label: 'all', share: runs.finished / runs.total, text }, columns);
}

/** How often a plain line says that work goes on, at most. */
const lineIntervalMs = 10_000;

class LineProgress implements Progress {
  readonly #stream: NodeJS.WriteStream;
  #lastLineMs = performance.now();

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  update(state: ProgressState): void {
    if (performance.now() - this.#lastLineMs < lineIntervalMs) return;
    this.line(describeLine(state));
  }

  line(text: string): void {
    this.#lastLineMs = performance.now();
    this.#stream.write(`${text}\n`);
  }

  stop(): void {
    // Nothing is open between lines.
  }
}

/** All that the bars say, in one line. */
export function describeLine(state: ProgressState): string {
  const { title, phase, step, numSteps, runs, runLeftMs, allLeftMs } = state;
  return [
    `[${runs.finished + 1}/${runs.total}] ${title}: ${phase} ${step}/${numSteps}`,
    ...describeWork(state),
    ...(runLeftMs === undefined ? [] : [`${formatDuration(runLeftMs)} left`]),
    ...(allLeftMs === undefined ? [] : [`${formatDuration(allLeftMs)} left in all`]),
  ].join(' · ');
}

function describeWork({ loss, rate }: ProgressState): string[] {
  return [
    ...(loss === undefined ? [] : [`loss ${loss.toFixed(4)}`]),
    ...(rate === undefined ? [] : [`${formatNumber(Math.round(rate.perSecond))} ${rate.unit}/s`]),
  ];
}
