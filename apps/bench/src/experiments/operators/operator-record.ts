/** The cost of one operation, as a flat row of the results. */
export type OperatorRecord = {
  /** What was timed, such as `stepwise` or `harmonic weights`. */
  readonly operation: string;
  readonly pass: 'forward' | 'forward + backward';
  readonly backend: string;
  readonly grid: string;
  readonly dim: number;
  readonly batchSize: number;
  /** Median, and the fastest and slowest of the repeats. */
  readonly durationMs: number;
  readonly fastestMs: number;
  readonly slowestMs: number;
  /** Floating-point operations of one `[dim, dim]` product for each masked cell, in 10⁹; null where there is no product. */
  readonly gflop: number | null;
  /** `gflop` per second. */
  readonly gflops: number | null;
  /** Median of the same operations as one product in place of many. */
  readonly bareProductMs: number | null;
  /** `durationMs / bareProductMs`: 1 is as fast as the product alone. */
  readonly ratioToBareProduct: number | null;
  /** Median of one training step of a ViT that sees as many positions; null where it isn't compared. */
  readonly trainingStepMs: number | null;
  /** `durationMs / trainingStepMs`. */
  readonly shareOfTrainingStep: number | null;
};
