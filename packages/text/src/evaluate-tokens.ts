import { setImmediate } from 'node:timers/promises';
import { distanceToVisible, maskedIndices } from '@qb-heat/core';
import type { BatchSource } from '@qb-heat/training';
import type { MaskedTokenModel } from './masked-text-model.ts';
import type { TextBatch } from './text-batches.ts';

export interface TokenScore {
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  /** Share of the tokens whose most likely guess is right. */
  readonly accuracy: number;
  readonly numTokens: number;
}

export interface DistanceScore extends TokenScore {
  /** Places from the nearest visible token. */
  readonly distance: number;
}

/** How well masked tokens are guessed, over all of them and by distance from the nearest visible one, nearest first. */
export interface TokenEvaluation extends TokenScore {
  readonly byDistance: readonly DistanceScore[];
}

export interface EvaluateTokensOptions {
  /** Held-out batches 0 … numBatches − 1. `evaluateTokens` disposes them. */
  readonly batches: BatchSource<TextBatch>;
  readonly numBatches: number;
  /** Ends the evaluation after the batch under way: the means are then over what was seen. */
  readonly signal?: AbortSignal | undefined;
}

/** Scores a model's guesses of held-out masked tokens, each token counting alike; NaN when there was none. */
export async function evaluateTokens(
  model: MaskedTokenModel,
  { batches, numBatches, signal }: EvaluateTokensOptions,
): Promise<TokenEvaluation> {
  const totals = new Map<number, Total>();
  for (let index = 0; index < numBatches; index++) {
    await setImmediate();
    if (signal?.aborted) break;
    const batch = await batches(index);
    try {
      addScores(totals, batch, await scoreTokens(model, batch));
    } finally {
      batch.dispose();
    }
  }
  const nearestFirst = [...totals].toSorted(([a], [b]) => a - b);
  return {
    ...summarize(nearestFirst.map(([, total]) => total)),
    byDistance: nearestFirst.map(([distance, total]) => Object.assign({ distance }, summarize([total]))),
  };
}

interface Total {
  loss: number;
  numCorrect: number;
  numTokens: number;
}

/** Loss and hit (1 or 0) of every masked position, float32 `[2, batch * numMasked]`. */
async function scoreTokens(model: MaskedTokenModel, batch: TextBatch): Promise<Float32Array> {
  const scores = model.score(batch, { training: false, step: 0 });
  const values = await scores.data<'float32'>();
  scores.dispose();
  return values;
}

function addScores(totals: Map<number, Total>, { visibility, length, weights }: TextBatch, scores: Float32Array): void {
  const distances = distanceToVisible(visibility, 'manhattan');
  const numMasked = weights.length / visibility.batchSize;
  maskedIndices(visibility).forEach((column, index) => {
    if (weights[index] === 0) return;
    const distance = distances[Math.floor(index / numMasked) * length + column]!;
    const total = totals.get(distance) ?? { loss: 0, numCorrect: 0, numTokens: 0 };
    total.loss += scores[index]!;
    total.numCorrect += scores[weights.length + index]!;
    total.numTokens++;
    totals.set(distance, total);
  });
}

function summarize(totals: readonly Total[]): TokenScore {
  const sum = (field: keyof Total) => totals.reduce((total, each) => total + each[field], 0);
  const numTokens = sum('numTokens');
  return { loss: sum('loss') / numTokens, accuracy: sum('numCorrect') / numTokens, numTokens };
}
