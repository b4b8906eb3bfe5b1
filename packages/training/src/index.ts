export type { ForwardContext, Layer, Module } from './layer.ts';
export type { Batch, BatchSource, PretrainingModel } from './pretraining-model.ts';
export { createRandom } from './random.ts';
export type { Random } from './random.ts';
export { constantRate, warmupCosine } from './schedule.ts';
export type { Schedule, WarmupCosineOptions } from './schedule.ts';
