import type { LabelledFeatures } from '../../src/probes/labelled-features.ts';
import { createRandom } from '../../src/random.ts';

/** Samples around one random center per class: `spread` 0 is the center itself. */
export function sampleClusters(
  seed: number,
  { numSamples, dim, numClasses, spread }: { numSamples: number; dim: number; numClasses: number; spread: number },
): LabelledFeatures & { features: Float32Array } {
  const centers = createRandom(0)
    .fork('centers')
    .normals(numClasses * dim);
  const random = createRandom(seed);
  const labels = Int32Array.from({ length: numSamples }, () => random.integer(numClasses));
  const features = new Float32Array(numSamples * dim).map((_, index) => {
    const label = labels[Math.floor(index / dim)] as number;
    return (centers[label * dim + (index % dim)] as number) + spread * random.normal();
  });
  return { features, labels, numClasses };
}

/** The rows as arrays of numbers. */
export function rowsOf({ features, labels }: { features: Float32Array; labels: Int32Array }): number[][] {
  const dim = features.length / labels.length;
  return Array.from(labels, (_, row) => Array.from(features.subarray(row * dim, (row + 1) * dim)));
}
