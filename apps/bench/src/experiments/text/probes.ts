import type { LabelledFeatures } from '@qb-heat/training';
import { encodeTexts, fineTuneText, probeTextTran1, type TextEncoder, type TextTokenizer } from '@qb-heat/text';
import type { Part, ProbedSet, SampleLimits } from '../protocol/probes.ts';
import type { ProbeCorpus } from './data.ts';

/** Texts as an encoder is probed on them. */
export function probedTexts(
  encoder: TextEncoder,
  tokenizer: TextTokenizer,
  { name, dataset }: ProbeCorpus,
  limits?: SampleLimits,
): ProbedSet {
  const { classes } = dataset;
  const limit = (part: Part) => {
    const { texts, labels } = dataset[part];
    const count = limits?.[part] ?? texts.length;
    return { texts: texts.slice(0, count), labels: labels.slice(0, count) };
  };
  // A few training texts test a rehearsal: a few test texts may have labels that a few training texts don't.
  const data = { classes, train: limit('train'), test: limit(limits === undefined ? 'test' : 'train') };
  return {
    name,
    features: async (part, signal): Promise<LabelledFeatures> => {
      const { texts, labels } = data[part];
      const encoded = await encodeTexts(encoder, tokenizer, texts, { signal });
      return { features: encoded.data, labels, numClasses: classes.length };
    },
    tran1: async (settings, { seed, signal }) => {
      const { accuracy } = await probeTextTran1(encoder, tokenizer, data, { ...settings, seed, signal });
      return accuracy;
    },
    fineTune: async (settings, { seed, signal }) => {
      const { accuracy } = await fineTuneText(encoder, tokenizer, data, { ...settings, seed, signal });
      return accuracy;
    },
  };
}
