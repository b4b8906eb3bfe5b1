import { readFile } from 'node:fs/promises';
import { openDetection, type DetectionDataset } from '@qb-heat/vision';
import { hashParts } from '../../results/content-hash.ts';
import type { DataDescription } from '../../results/schema.ts';
import type { DataPath } from '../data-sources.ts';
import { readFor } from '../read-for.ts';

/** Annotated pictures and what the results say of them. */
export interface DetectionData {
  readonly dataset: DetectionDataset;
  readonly description: DataDescription;
}

/**
 * Reads annotated pictures: Pascal VOC's XML or COCO's JSON.
 *
 * @throws InputError that names the option, if there are none.
 */
export async function openDetectionData({ path, given }: DataPath): Promise<DetectionData> {
  const dataset = await readFor('detection', () => openDetection(path));
  const { name, classes, train, val, test, warnings } = dataset;
  const pictures = [...train, ...val, ...test];
  // The head is trained on the first two parts.
  const sizes = [train, val, test].map((part) => String(part.length));
  const parts: (string | ArrayBufferView)[] = [...classes, ...sizes];
  for (const { file, boxes, labels, isCrowd, isDifficult } of pictures) {
    parts.push(await readFile(file), boxes, labels, isCrowd, isDifficult);
  }
  const numBoxes = pictures.reduce((sum, { labels }) => sum + labels.length, 0);
  return {
    dataset,
    description: {
      suite: 'detection',
      use: ['probes'],
      name,
      path: given,
      synthetic: false,
      classes: [...classes],
      numTrain: train.length + val.length,
      numTest: test.length,
      sha256: hashParts(parts),
      notes: [`${numBoxes.toLocaleString('en-US')} boxes`, ...warnings.map((note) => note.replaceAll(path, given))],
    },
  };
}
