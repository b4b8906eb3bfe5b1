import { SingleBar } from 'cli-progress';
import { formatDuration, formatNumber } from '../results/format.ts';

/** Where a run is, as far as a terminal shows it. */
interface ProgressState {
  /** What is running, such as `vision linear, seed 0`. */
  readonly title: string;
  readonly phase: string;
  readonly step: number;
  readonly numSteps: number;
  readonly loss?: number | undefined;
  readonly rate?: { readonly perSecond: number; readonly unit: string } | undefined;
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

/** A bar on a terminal; elsewhere a plain line whenever one is due. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? new BarProgress(stream) : new LineProgress(stream);
}

class BarProgress implements Progress {
  readonly #stream: NodeJS.WriteStream;
  #bar: SingleBar | undefined;
  #title = '';

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  update(state: ProgressState): void {
    const title = `${state.title} ${state.phase} ${state.numSteps}`;
    if (this.#bar === undefined || title !== this.#title) {
      this.stop();
      this.#title = title;
      // Interrupts are the app's to handle: by itself the bar would only stop.
      const options = { stream: this.#stream, clearOnComplete: true, hideCursor: true, gracefulExit: false };
      this.#bar = new SingleBar({ ...options, format: '{title} {bar} {details}', barsize: 20, linewrap: false });
      this.#bar.start(state.numSteps, state.step, { title: state.title, details: describe(state) });
    }
    this.#bar.update(state.step, { title: state.title, details: describe(state) });
  }

  line(text: string): void {
    this.stop();
    this.#stream.write(`${text}\n`);
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
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
    this.line(`${state.title}: ${describe(state)}`);
  }

  line(text: string): void {
    this.#lastLineMs = performance.now();
    this.#stream.write(`${text}\n`);
  }

  stop(): void {
    // Nothing is open between lines.
  }
}

function describe({ phase, step, numSteps, loss, rate, runLeftMs, allLeftMs }: ProgressState): string {
  return [
    `${phase} ${step}/${numSteps}`,
    ...(loss === undefined ? [] : [`loss ${loss.toFixed(4)}`]),
    ...(rate === undefined ? [] : [`${formatNumber(Math.round(rate.perSecond))} ${rate.unit}/s`]),
    ...(runLeftMs === undefined ? [] : [`${formatDuration(runLeftMs)} left`]),
    ...(allLeftMs === undefined ? [] : [`${formatDuration(allLeftMs)} in all`]),
  ].join(' · ');
}
