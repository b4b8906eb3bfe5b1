import type { LabelledFeatures } from '@qb-heat/training';
import { encodeTexts, type TextEncoder, type TextTokenizer } from '@qb-heat/text';
import type { Part, ProbedSet, SampleLimits } from '../protocol/probes.ts';
import type { ProbeCorpus } from './data.ts';

/** Texts as an encoder is probed on them. */
export function probedTexts(
  encoder: TextEncoder,
  tokenizer: TextTokenizer,
  { name, dataset }: ProbeCorpus,
  limits?: SampleLimits,
): ProbedSet {
  const numClasses = dataset.classes.length;
  const splitOf = (part: Part) => {
    const { texts, labels } = dataset[part];
    const count = limits?.[part] ?? texts.length;
    return { texts: texts.slice(0, count), labels: labels.slice(0, count) };
  };
  return {
    name,
    features: async (part, signal): Promise<LabelledFeatures> => {
      const { texts, labels } = splitOf(part);
      const { data } = await encodeTexts(encoder, tokenizer, texts, { signal });
      return { features: data, labels, numClasses };
    },
  };
}
