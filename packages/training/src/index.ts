export type { ForwardContext, Layer, Module } from './layer.ts';
export type { Batch, PretrainingModel } from './pretraining-model.ts';
