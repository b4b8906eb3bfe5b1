export { AdamW } from './adamw.ts';
export type { AdamWOptions } from './adamw.ts';
export {
  attention,
  dropout,
  gelu,
  linear,
  meanSquaredError,
  softmaxCrossEntropy,
  stochasticDepth,
} from '@qb-heat/tfjs-backend-onnxruntime/fused';
export { BatchNorm } from './layers/batch-norm.ts';
export type { BatchNormOptions } from './layers/batch-norm.ts';
export { collectParameters, disposeParameters } from './layers/composite.ts';
export { ConvNextBlock } from './layers/convnext-block.ts';
export type { ConvNextBlockOptions } from './layers/convnext-block.ts';
export { Convolution2d, DepthwiseConvolution2d } from './layers/convolution.ts';
export type { Convolution2dOptions, DepthwiseConvolution2dOptions } from './layers/convolution.ts';
export { Embedding } from './layers/embedding.ts';
export type { EmbeddingOptions } from './layers/embedding.ts';
export { GroupNorm } from './layers/group-norm.ts';
export type { GroupNormOptions } from './layers/group-norm.ts';
export { normalVariable } from './layers/initialize.ts';
export type { WeightInitialization } from './layers/initialize.ts';
export { LayerNorm } from './layers/layer-norm.ts';
export type { LayerNormOptions } from './layers/layer-norm.ts';
export { Linear } from './layers/linear.ts';
export type { LinearOptions } from './layers/linear.ts';
export { Mlp } from './layers/mlp.ts';
export type { MlpOptions } from './layers/mlp.ts';
export { MultiHeadAttention } from './layers/multi-head-attention.ts';
export type { AttentionContext, MultiHeadAttentionOptions } from './layers/multi-head-attention.ts';
export { PositionEmbedding, sinCosTable } from './layers/position-embedding.ts';
export type { PositionEmbeddingOptions } from './layers/position-embedding.ts';
export { rotaryAngles } from './layers/rotary.ts';
export type { RotaryAngles } from './layers/rotary.ts';
export { TransformerBlock } from './layers/transformer-block.ts';
export type { TransformerBlockOptions } from './layers/transformer-block.ts';
export { TransformerStack } from './layers/transformer-stack.ts';
export type { TransformerStackOptions } from './layers/transformer-stack.ts';
export type { ForwardContext, Layer, Module } from './layer.ts';
export type { Batch, BatchSource, PretrainingModel } from './pretraining-model.ts';
export { writeFileAtomically } from './atomic-write.ts';
export { chooseBackend, formatBackend } from './backend/choose.ts';
export type { BackendChoice } from './backend/choose.ts';
export { describeBackends } from './backend/describe.ts';
export type { BackendDescription, BackendReport } from './backend/describe.ts';
export { backendNames } from './backend/loaders.ts';
export type { BackendName, BackendOptions, LoadedBackend } from './backend/loaders.ts';
export { readCheckpoint, restoreEncoder, restoreTraining, saveEncoder, saveTraining } from './checkpoint.ts';
export type {
  Checkpoint,
  EncoderCheckpoint,
  EncoderContent,
  TrainingCheckpoint,
  TrainingContent,
} from './checkpoint.ts';
export { estimateCost } from './estimate-cost.ts';
export type { TrainingCost } from './estimate-cost.ts';
export { evaluate } from './evaluate.ts';
export type { EvaluateOptions } from './evaluate.ts';
export { encodeOnnx } from './export/encode-onnx.ts';
export type { OnnxFunction } from './export/encode-onnx.ts';
export { writeTransformersFolder } from './export/transformers-folder.ts';
export type { TransformersModel } from './export/transformers-folder.ts';
export { accuracy } from './metrics/accuracy.ts';
export type { Optimizer } from './optimizer.ts';
export { pretrain } from './pretrain.ts';
export type { PretrainOptions, StepRecord } from './pretrain.ts';
export { knnProbe } from './probes/knn.ts';
export type { KnnProbeOptions } from './probes/knn.ts';
export type { LabelledFeatures, ProbeResult } from './probes/labelled-features.ts';
export { minimizeLbfgs } from './probes/lbfgs.ts';
export { linearProbe } from './probes/linear.ts';
export type { LinearProbeOptions, LinearProbeResult } from './probes/linear.ts';
export { majorityClass } from './probes/majority-class.ts';
export { tran1Probe } from './probes/tran1.ts';
export type { Tran1ProbeOptions } from './probes/tran1.ts';
export { createRandom } from './random.ts';
export type { Random } from './random.ts';
export { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
export type { Safetensors, SafetensorsArray, StoredTensor } from './safetensors.ts';
export { constantRate, warmupCosine } from './schedule.ts';
export type { Schedule, WarmupCosineOptions } from './schedule.ts';
export { learnedShare } from './training-watch.ts';
export type { TrainingWarning } from './training-watch.ts';
