import type { DataSources } from './data-sources.ts';
import type { Experiments } from './description.ts';
import type { Suite } from './suite.ts';
import { openTextData } from './text/data.ts';
import { createTextSuite } from './text/suite.ts';
import { openVisionData } from './vision/data.ts';
import { createVisionSuite } from './vision/suite.ts';

/** The suites of the experiments, their data read; one for each set of pictures. */
export async function openSuites(experiments: Experiments, sources: DataSources): Promise<Suite[]> {
  const { vision, text } = experiments;
  const seeds = Array.from({ length: experiments.seeds }, (_, seed) => seed);
  const suites: Suite[] = [];
  if (vision !== undefined) {
    for (const source of sources.images.length === 0 ? [null] : sources.images) {
      suites.push(createVisionSuite(await openVisionData(source, vision), vision, seeds));
    }
  }
  if (text !== undefined) {
    suites.push(createTextSuite(await openTextData(sources, text), text, seeds));
  }
  return suites;
}
