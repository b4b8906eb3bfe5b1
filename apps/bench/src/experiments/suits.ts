import { takesMask, textMethods, type TextMethod } from '@qb-heat/text';
import { imageMethods, type ImageMethod } from '@qb-heat/vision';
import type { Masking, SuiteName } from '../results/schema.ts';
import type { EncoderDescription, Method } from './description.ts';

/** Methods by name, of each suite that pre-trains. MAE is the mask token under random masks here. */
export const methodNames: Readonly<Record<'vision' | 'text', readonly string[]>> = {
  vision: Object.keys(imageMethods).filter((name) => name !== 'mae'),
  text: textMethods,
};

/** Fills that walk from what is visible, and so need it in one piece. */
const walkingFills: ReadonlySet<unknown> = new Set(['linear', 'mlp']);

/** Whether a method of a suite can fill what a masking leaves out. */
export function methodSuits(suite: SuiteName, masking: Masking, method: Method): boolean {
  if (masking !== 'random') return true;
  if (typeof method !== 'string') return !walkingFills.has(method.fill.name);
  if (suite === 'text') return !textMethods.includes(method as TextMethod) || takesMask(method as TextMethod, 'tokens');
  const fill = imageMethods[method as ImageMethod]?.fill;
  return !walkingFills.has(typeof fill === 'object' ? fill.name : fill);
}

/** Whether an encoder can take what a masking leaves visible: convolutions need neighbours. */
export function encoderSuits(masking: Masking, { options }: EncoderDescription): boolean {
  return masking !== 'random' || options.kind === 'vit' || options.kind === 'transformer';
}
