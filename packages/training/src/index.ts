export type { ForwardContext, Layer, Module } from './layer.ts';
export type { Batch, BatchSource, PretrainingModel } from './pretraining-model.ts';
export { writeFileAtomically } from './atomic-write.ts';
export { readCheckpoint, restoreEncoder, restoreTraining, saveEncoder, saveTraining } from './checkpoint.ts';
export type {
  Checkpoint,
  EncoderCheckpoint,
  EncoderContent,
  TrainingCheckpoint,
  TrainingContent,
} from './checkpoint.ts';
export { evaluate } from './evaluate.ts';
export type { EvaluateOptions } from './evaluate.ts';
export type { Optimizer } from './optimizer.ts';
export { pretrain } from './pretrain.ts';
export type { PretrainOptions, StepRecord } from './pretrain.ts';
export { createRandom } from './random.ts';
export type { Random } from './random.ts';
export { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
export type { Safetensors, SafetensorsArray, StoredTensor } from './safetensors.ts';
export { constantRate, warmupCosine } from './schedule.ts';
export type { Schedule, WarmupCosineOptions } from './schedule.ts';
