import { InputError } from '@qb-heat/core';
import type { DataSources } from './data-sources.ts';
import type { Experiments } from './description.ts';

/**
 * Refuses data that nothing of the experiments reads.
 *
 * @throws InputError that names the option.
 */
export function checkSources(
  { images, detection, text, tokenizer }: DataSources,
  { name, ...experiments }: Experiments,
): void {
  const hasPictures = experiments.vision !== undefined || experiments.detection !== undefined;
  const hasTexts = experiments.text !== undefined || experiments.sentences !== undefined;
  const checks = [
    { option: 'images', isGiven: images.length > 0, isRead: hasPictures, reader: 'vision' },
    {
      option: 'detection',
      isGiven: detection !== null,
      isRead: experiments.detection !== undefined,
      reader: 'detection',
    },
    { option: 'text', isGiven: text.length > 0, isRead: hasTexts, reader: 'text' },
    { option: 'tokenizer', isGiven: tokenizer !== null, isRead: hasTexts, reader: 'text' },
  ];
  for (const { option, isGiven, isRead, reader } of checks) {
    if (isGiven && !isRead) throw new InputError(`--${option} has no effect: ${name} has no ${reader} experiment`);
  }
}
