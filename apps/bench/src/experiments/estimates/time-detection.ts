import { detectionProbe, type DetectionDataset, type DetectionProbeOptions, type ImageBackbone } from '@qb-heat/vision';

/** Steps of the head that are run for the estimate. */
const [fewSteps, moreSteps] = [1, 4];

/** Batches of pictures that it is run on. */
const [fewBatches, moreBatches] = [1, 3];

/**
 * How long the detection probe will take, from a few steps and more on a few pictures, and from more pictures; milliseconds.
 * A picture to learn from takes about as long as one to score on.
 */
export async function timeDetection(
  backbone: ImageBackbone,
  dataset: DetectionDataset,
  options: DetectionProbeOptions & { readonly batchSize: number },
): Promise<number> {
  const { train, val, test } = dataset;
  const marked = [...train, ...val].filter(({ labels }) => labels.length > 0);
  const [few, more] = [fewBatches, moreBatches].map((count) => Math.min(count * options.batchSize, marked.length));
  const time = async (numPictures: number, numSteps: number): Promise<number> => {
    const pictures = marked.slice(0, numPictures);
    const startMs = performance.now();
    await detectionProbe(backbone, { ...dataset, train: pictures, val: [], test: pictures }, { ...options, numSteps });
    return performance.now() - startMs;
  };
  // Once without a clock: what is run for the first time compiles.
  await time(few!, fewSteps);
  const leastMs = await time(few!, fewSteps);
  const stepMs = Math.max(0, ((await time(few!, moreSteps)) - leastMs) / (moreSteps - fewSteps));
  const pairMs = more === few ? 0 : Math.max(0, ((await time(more!, fewSteps)) - leastMs) / (more! - few!));
  const numPairs = (train.length + val.length + test.length) / 2;
  return leastMs + stepMs * (options.numSteps - fewSteps) + pairMs * Math.max(0, numPairs - few!);
}
