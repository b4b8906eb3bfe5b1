/** Something that a run should be looked at for, said once. */
export interface TrainingWarning {
  readonly kind: 'features-collapsed' | 'loss-at-reference' | 'accumulation-beyond-epoch';
  readonly step: number;
  /** One sentence with the numbers and what to try. */
  readonly message: string;
}

export interface TrainingWatchOptions {
  /** Steps of the whole run. */
  readonly numSteps: number;
  /** Batches that an update is made from. */
  readonly accumulationSteps: number;
  /** Batches that go through the data once, where there is such a number. */
  readonly batchesPerEpoch?: number | undefined;
  /** What a model costs that knows nothing of its input. Without it, the diagnostics' `referenceLoss` is used. */
  readonly referenceLoss?: number | undefined;
}

/** Features of fewer effective dimensions have collapsed, and so have those that kept less than this share of them. */
const [collapsedRank, collapsedShare] = [2, 0.1];
/** A loss within this share of what a model costs that knows nothing of its input has learned nothing. */
export const learnedShare = 0.02;
/** Before this share of the run it need not have. */
const graceShare = 0.1;
/** Losses that are averaged before they are compared. */
const numRecentLosses = 20;

/**
 * Looks at a run as it goes for what makes pre-training fail in silence: features that collapse (by the diagnostics'
 * `effectiveRank`), a loss that stays at what predicting the mean costs, and updates that take more batches than an
 * epoch has.
 */
export class TrainingWatch {
  readonly #options: TrainingWatchOptions;
  readonly #said = new Set<TrainingWarning['kind']>();
  readonly #recentLosses: number[] = [];
  readonly #references: number[] = [];
  #firstRank: number | undefined;

  constructor(options: TrainingWatchOptions) {
    this.#options = options;
  }

  /** What is new to say after a step. */
  observe(
    step: number,
    loss: number,
    diagnostics: Readonly<Record<string, number>> | undefined,
  ): readonly TrainingWarning[] {
    this.#recentLosses.push(loss);
    if (this.#recentLosses.length > numRecentLosses) this.#recentLosses.shift();
    const found = [
      ['accumulation-beyond-epoch', this.#judgeAccumulation()],
      ['features-collapsed', this.#judgeRank(diagnostics?.['effectiveRank'])],
      ['loss-at-reference', this.#judgeLoss(step, diagnostics?.['referenceLoss'])],
    ] as const;
    const warnings: TrainingWarning[] = [];
    for (const [kind, message] of found) {
      if (message === undefined || this.#said.has(kind)) continue;
      this.#said.add(kind);
      warnings.push({ kind, step, message });
    }
    return warnings;
  }

  #judgeAccumulation(): string | undefined {
    const { accumulationSteps, batchesPerEpoch } = this.#options;
    if (batchesPerEpoch === undefined || accumulationSteps <= batchesPerEpoch) return undefined;
    return (
      `one update is made from ${accumulationSteps} batches, more than the ${batchesPerEpoch} of an epoch, so the model ` +
      `sees all data between two updates; lower accumulationSteps`
    );
  }

  #judgeRank(rank: number | undefined): string | undefined {
    if (rank === undefined) return undefined;
    this.#firstRank ??= rank;
    if (rank >= collapsedRank && rank >= collapsedShare * this.#firstRank) return undefined;
    return (
      `the features have collapsed to an effective rank of ${rank.toFixed(1)} (${this.#firstRank.toFixed(1)} at first): ` +
      `different inputs are encoded alike; try a lower learning rate or a longer warm-up`
    );
  }

  #judgeLoss(step: number, measured: number | undefined): string | undefined {
    const { numSteps, referenceLoss } = this.#options;
    if (measured !== undefined) this.#references.push(measured);
    const reference = referenceLoss ?? mean(this.#references);
    const hasHadTime = this.#recentLosses.length === numRecentLosses && step >= graceShare * numSteps;
    if (reference === undefined || !hasHadTime) return undefined;
    const recent = mean(this.#recentLosses)!;
    if (recent < (1 - learnedShare) * reference) return undefined;
    return (
      `the loss of ${recent.toFixed(3)} is still at the ${reference.toFixed(3)} that predicting the mean costs: nothing is ` +
      `learned; try a higher learning rate or more steps, and look at the data and the masks`
    );
  }
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
