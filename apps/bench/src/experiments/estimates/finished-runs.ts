import type { Run } from '../../results/schema.ts';
import { median } from '../../results/statistics.ts';

/** What runs have in common; what is left out may be anything. */
type Likeness = Partial<Pick<Run, 'suite' | 'dataset' | 'encoder' | 'masking' | 'method' | 'role'>>;

/** How long runs took that are finished: what is left of a plan will take as long. */
export class FinishedRuns {
  readonly #runs: readonly Run[];

  /** @param runs of one plan, so that all had the same settings, backend and threads, on one machine. */
  constructor(runs: readonly Run[]) {
    this.#runs = runs;
  }

  /**
   * The median of a duration over the runs that are alike.
   *
   * @param likenesses the closest first: the first that any run has counts.
   * @returns milliseconds; undefined where no run is alike.
   */
  medianMs(duration: keyof Run['durations'], ...likenesses: readonly Likeness[]): number | undefined {
    for (const likeness of likenesses) {
      const wanted = Object.entries(likeness) as [keyof Likeness, unknown][];
      const alike = this.#runs.filter((run) => wanted.every(([field, value]) => run[field] === value));
      if (alike.length > 0) return median(alike.map(({ durations }) => durations[duration]));
    }
    return undefined;
  }
}
