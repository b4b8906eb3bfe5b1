import { tran1Probe, type LabelledFeatures } from '@qb-heat/training';
import { encodeImages, fineTune, takeImages, type ImageBackbone, type ImageDataset } from '@qb-heat/vision';
import type { Part, ProbedSet, SampleLimits } from '../protocol/probes.ts';

/** Pictures as an encoder is probed on them. */
export function probedImages(backbone: ImageBackbone, whole: ImageDataset, limits?: SampleLimits): ProbedSet {
  const dataset = limits === undefined ? whole : limitDataset(whole, limits);
  const encode = async (part: Part, pool: 'mean' | 'none', signal: AbortSignal): Promise<LabelledFeatures> => {
    const { data } = await encodeImages(backbone, dataset[part], { pool, signal });
    return { features: data, labels: dataset[part].labels, numClasses: dataset.classes.length };
  };
  return {
    name: null,
    features: (part, signal) => encode(part, 'mean', signal),
    tran1: async (settings, { seed, signal }) => {
      const maps = [await encode('train', 'none', signal), await encode('test', 'none', signal)] as const;
      const numPositions = backbone.grid.height * backbone.grid.width;
      return (await tran1Probe(...maps, { ...settings, numPositions, seed, signal })).accuracy;
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
