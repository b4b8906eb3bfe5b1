import type { LabelledFeatures } from '@qb-heat/training';
import { encodeImages, fineTune, probeTran1, takeImages, type ImageBackbone, type ImageDataset } from '@qb-heat/vision';
import type { Part, ProbedSet, SampleLimits } from '../protocol/probes.ts';

/** Pictures as an encoder is probed on them. */
export function probedImages(backbone: ImageBackbone, whole: ImageDataset, limits?: SampleLimits): ProbedSet {
  const dataset = limits === undefined ? whole : limitDataset(whole, limits);
  return {
    name: null,
    features: async (part, signal): Promise<LabelledFeatures> => {
      const { data } = await encodeImages(backbone, dataset[part], { signal });
      return { features: data, labels: dataset[part].labels, numClasses: dataset.classes.length };
    },
    tran1: async (settings, { seed, signal }) => {
      const { accuracy } = await probeTran1(backbone, dataset, { ...settings, seed, signal });
      return accuracy;
    },
    fineTune: async (settings, { seed, signal }) => {
      const { accuracy } = await fineTune(backbone, dataset, { ...settings, seed, signal });
      return accuracy;
    },
  };
}

function limitDataset(dataset: ImageDataset, limits: SampleLimits): ImageDataset {
  const limit = (part: Part) => {
    const numImages = Math.min(limits[part], dataset[part].labels.length);
    return takeImages(
      dataset[part],
      dataset,
      Int32Array.from({ length: numImages }, (_, index) => index),
    );
  };
  return { ...dataset, train: limit('train'), test: limit('test') };
}
