import { knnProbe, linearProbe } from '@qb-heat/training';
import type { LabelledFeatures, LinearProbeResult, ProbeResult } from '@qb-heat/training';
import { encodeTexts } from '../encode-texts.ts';
import type { EncodeTextsOptions } from '../encode-texts.ts';
import type { TextEncoder } from '../encoders/text-encoder.ts';
import type { TextTokenizer } from '../tokenizer.ts';
import { checkLabels } from './labelled-texts.ts';
import type { LabelledTexts } from './labelled-texts.ts';

/** How many texts are encoded at a time, and a signal that ends the probe. */
export type TextProbeOptions = Pick<EncodeTextsOptions, 'batchSize' | 'signal'>;

/**
 * Accuracy of nearest neighbors on the mean of the frozen token features: cosine, 20 of them unless `k` says otherwise. See
 * training's `knnProbe`.
 *
 * Like all probes it repeats to the bit from a saved encoder. Throws an `InputError` when texts have no labels, and when a
 * test label is none of the training set's.
 */
export async function probeTextKnn(
  encoder: TextEncoder,
  tokenizer: TextTokenizer,
  data: LabelledTexts,
  options: TextProbeOptions & { readonly k?: number } = {},
): Promise<ProbeResult> {
  const [train, test] = await encodeParts(encoder, tokenizer, data, options);
  return knnProbe(train, test, { ...(options.k !== undefined && { k: options.k }), signal: options.signal });
}

/**
 * Accuracy of a linear classifier on the mean of the frozen token features, batch-normalised without affine terms. See
 * training's `linearProbe`; throws as `probeTextKnn` does.
 */
export async function probeTextLinear(
  encoder: TextEncoder,
  tokenizer: TextTokenizer,
  data: LabelledTexts,
  options: TextProbeOptions & { readonly seed: number },
): Promise<LinearProbeResult> {
  const [train, test] = await encodeParts(encoder, tokenizer, data, options);
  return linearProbe(train, test, { seed: options.seed, signal: options.signal });
}

async function encodeParts(
  encoder: TextEncoder,
  tokenizer: TextTokenizer,
  data: LabelledTexts,
  { batchSize, signal }: TextProbeOptions,
): Promise<[train: LabelledFeatures, test: LabelledFeatures]> {
  checkLabels(data);
  const encode = async ({ texts, labels }: LabelledTexts['train']): Promise<LabelledFeatures> => {
    const { data: features } = await encodeTexts(encoder, tokenizer, texts, {
      signal,
      ...(batchSize !== undefined && { batchSize }),
    });
    return { features, labels, numClasses: data.classes.length };
  };
  return [await encode(data.train), await encode(data.test)];
}
