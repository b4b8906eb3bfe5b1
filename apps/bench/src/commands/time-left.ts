/**
 * Time left of a row of tasks whose durations were estimated beforehand: as tasks end, the estimates of the others are
 * corrected by how far off they were.
 */
export class TimeLeft {
  readonly #estimatesMs: Map<string, number>;
  #finishedEstimateMs = 0;
  #finishedActualMs = 0;

  /** @param estimatesMs by task. */
  constructor(estimatesMs: ReadonlyMap<string, number>) {
    this.#estimatesMs = new Map(estimatesMs);
  }

  /** Takes a task off; a task that took no time, such as one taken over, says nothing of the others. */
  finish(task: string, actualMs: number): void {
    if (actualMs > 0) {
      this.#finishedEstimateMs += this.#estimatesMs.get(task) ?? 0;
      this.#finishedActualMs += actualMs;
    }
    this.#estimatesMs.delete(task);
  }

  /** What is left of a task that has been running for `elapsedMs`. */
  ofTask(task: string, elapsedMs: number): number {
    return Math.max(0, this.#corrected(this.#estimatesMs.get(task) ?? 0) - elapsedMs);
  }

  /** What is left of all, one of which has been running for `elapsedMs`. */
  ofAll(task: string, elapsedMs: number): number {
    const others = [...this.#estimatesMs].reduce((sum, [name, ms]) => (name === task ? sum : sum + ms), 0);
    return this.#corrected(others) + this.ofTask(task, elapsedMs);
  }

  #corrected(estimateMs: number): number {
    return this.#finishedEstimateMs > 0 ? (estimateMs * this.#finishedActualMs) / this.#finishedEstimateMs : estimateMs;
  }
}
