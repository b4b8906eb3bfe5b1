import { InputError } from '@qb-heat/core';
import type { TextDataset } from '../data/text-dataset.ts';

/** Texts with their classes for training and testing. */
export type LabelledTexts = Pick<TextDataset, 'classes' | 'train' | 'test'>;

/**
 * Throws an `InputError` unless there are two classes or more, every text has a label, and training has every label of the
 * test texts.
 */
export function checkLabels({ classes, train, test }: LabelledTexts): void {
  if (classes.length < 2) {
    throw new InputError(`probe: needs at least two classes to tell apart, got ${classes.length}`);
  }
  for (const [part, { texts, labels }] of [
    ['training', train],
    ['test', test],
  ] as const) {
    if (labels.length === 0 || labels.length !== texts.length) {
      throw new InputError(`probe: the ${part} texts have ${labels.length} labels for ${texts.length} texts`);
    }
  }
  const known = new Set(train.labels);
  const unknown = test.labels.find((label) => !known.has(label));
  if (unknown !== undefined) {
    const name = classes[unknown] === undefined ? '' : ` ('${classes[unknown]}')`;
    throw new InputError(`probe: the test texts have label ${unknown}${name}, which no training text has`);
  }
}
