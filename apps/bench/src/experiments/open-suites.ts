import { InputError } from '@qb-heat/core';
import type { DataSources } from './data-sources.ts';
import type { Experiments } from './description.ts';
import { openDetectionData } from './detection/data.ts';
import { DetectionSuite } from './detection/suite.ts';
import { PretrainedEncoders } from './protocol/pretrained.ts';
import { SentencesSuite, TooFewSentencesError } from './sentences/suite.ts';
import type { Suite } from './suite.ts';
import { openTextData } from './text/data.ts';
import { createTextSuite, TextModality } from './text/suite.ts';
import { openVisionData } from './vision/data.ts';
import { createVisionSuite, VisionModality } from './vision/suite.ts';

export interface OpenSuites {
  readonly suites: readonly Suite[];
  /** What of the experiments the data leave out, in words. */
  readonly notes: readonly string[];
}

/**
 * The suites of the experiments, their data read; one for each set of pictures.
 *
 * @param experiments what to run.
 * @param whole what it was taken from: suites that build on another's encoder find it there, run or not.
 */
export async function openSuites(
  experiments: Experiments,
  whole: Experiments,
  sources: DataSources,
): Promise<OpenSuites> {
  const { vision, detection, text, sentences } = experiments;
  const seeds = Array.from({ length: experiments.seeds }, (_, seed) => seed);
  const encoders = new PretrainedEncoders();
  const suites: Suite[] = [];
  const notes: string[] = [];
  const visionSettings = vision ?? (detection === undefined ? undefined : whole.vision);
  if (visionSettings !== undefined) {
    for (const [place, source] of (sources.images.length === 0 ? [null] : sources.images).entries()) {
      if (vision === undefined && place > 0) break;
      const data = await openVisionData(source, visionSettings);
      if (vision !== undefined) suites.push(createVisionSuite(data, vision, seeds, encoders));
      // Detection builds on the first set alone.
      if (place > 0 || detection === undefined || sources.detection === null || whole.vision === undefined) continue;
      const modality = new VisionModality(data, whole.vision, seeds);
      const annotated = await openDetectionData(sources.detection);
      suites.push(new DetectionSuite(modality, annotated, detection, { seeds, encoders }));
    }
  }
  const textSettings = text ?? (sentences === undefined ? undefined : whole.text);
  if (textSettings !== undefined) {
    const data = await openTextData(sources, textSettings);
    if (text !== undefined) suites.push(createTextSuite(data, text, seeds, encoders));
    if (sentences !== undefined && whole.text !== undefined) {
      const modality = new TextModality(data, whole.text, seeds);
      try {
        suites.push(new SentencesSuite(modality, data.documents, sentences, { seeds, encoders }));
      } catch (error) {
        if (!(error instanceof TooFewSentencesError)) throw error;
        if (suites.length === 0) throw new InputError(`--text: too short for sentences: ${error.message}`);
        notes.push(`sentences are left out: ${error.message}`);
      }
    }
  }
  return { suites, notes };
}
