export { BertModel } from './bert-model.ts';
export { parseBertModelConfig, parseMask, parseTextModelConfig, textConvNetPresets, textPresets } from './config.ts';
export type {
  BertModelConfig,
  BertModelOptions,
  LatentTargetOptions,
  MaskOptions,
  TextModelConfig,
  TextModelOptions,
  TextPreset,
} from './config.ts';
export type { Column, ColumnOptions } from './data/columns.ts';
export { openText } from './data/open-text.ts';
export type { OpenTextOptions } from './data/open-text.ts';
export { streamTexts } from './data/stream-texts.ts';
export { sampleTexts } from './data/split.ts';
export { generateText } from './data/synthetic.ts';
export type { SyntheticTextOptions } from './data/synthetic.ts';
export type { TextDataset, TextSplit } from './data/text-dataset.ts';
export { loadSentenceModel } from './sentence-model.ts';
export type { SentenceModel, SentenceModelOptions } from './sentence-model.ts';
export { encodeTexts } from './encode-texts.ts';
export type { EncodeTextsOptions, TextFeatures } from './encode-texts.ts';
export { exportTextEncoder } from './export/export-text-encoder.ts';
export { evaluateTokens } from './evaluate-tokens.ts';
export type { DistanceScore, EvaluateTokensOptions, TokenEvaluation, TokenScore } from './evaluate-tokens.ts';
export { LatentTextModel } from './latent-text-model.ts';
export type { LatentTextOptions } from './latent-text-model.ts';
export { loadTokenizer } from './load-tokenizer.ts';
export type { LoadTokenizerOptions } from './load-tokenizer.ts';
export { MaskedTextModel } from './masked-text-model.ts';
export type { MaskedTokenModel } from './masked-text-model.ts';
export { drawMask, windowPositions } from './masks.ts';
export type { MaskSpec, TextMask, WindowPosition } from './masks.ts';
export { createLatentTextModel, createTextModel, takesMask, textMethods } from './methods.ts';
export type { TextMethod, TextMethodOptions } from './methods.ts';
export { evaluateNextSentence, problemWithSentences } from './next-sentence.ts';
export type { NextSentenceOptions, NextSentenceScore } from './next-sentence.ts';
export { countTokens, packTexts } from './packing.ts';
export type { PackedText, PackOptions } from './packing.ts';
export { cacheRows } from './row-cache.ts';
export type { CacheRowsOptions, StoredRows } from './row-cache.ts';
export type { PackProgress } from './row-packer.ts';
export type { LabelledTexts } from './probes/labelled-texts.ts';
export type { MixupOptions } from './probes/mixup.ts';
export { measureTextPredictability } from './probes/text-predictability.ts';
export type { TextPredictabilityOptions } from './probes/text-predictability.ts';
export { probeTextKnn, probeTextLinear } from './probes/text-probes.ts';
export type { TextProbeOptions } from './probes/text-probes.ts';
export { fineTuneText, probeTextTran1 } from './probes/train-classifier.ts';
export type { ClassifierProbeOptions, FineTuneOptions } from './probes/train-classifier.ts';
export { sentencePredictors } from './sentence-predictors.ts';
export type { SentencePredictor } from './sentence-predictors.ts';
export { cutSentences, encodeSentences, joinSentences } from './sentences.ts';
export type { SentenceSequence, SentenceVectors } from './sentences.ts';
export { textBatches } from './text-batches.ts';
export type { TextBatch, TextBatchesOptions } from './text-batches.ts';
export { createTextEncoder } from './encoders/create-encoder.ts';
export type { TextEncoder, TextEncoderConfig } from './encoders/text-encoder.ts';
export { createTokenizer } from './tokenizer.ts';
export type { SpecialTokens, TextTokenizer, TokenizerFiles } from './tokenizer.ts';
export { saveTokenizer, trainTokenizer } from './train-tokenizer.ts';
export type { TrainTokenizerOptions } from './train-tokenizer.ts';
export { wordBaseline } from './word-baseline.ts';
export type { WordBaselineOptions } from './word-baseline.ts';
