import type { BenchOptions } from '../commands/bench-options.ts';
import type { Preset } from './presets.ts';
import type { Suite } from './suite.ts';
import { openTextSuite } from './text.ts';
import { openVisionSuite } from './vision.ts';

/** The suites that are asked for, their data read. */
export async function openSuites(
  options: Pick<
    BenchOptions,
    'only' | 'images' | 'text' | 'textColumn' | 'labelColumn' | 'encoding' | 'tokenizer' | 'fills'
  >,
  preset: Preset,
  seeds: readonly number[],
): Promise<Suite[]> {
  const { only, images, text, textColumn, labelColumn, encoding, tokenizer, fills } = options;
  const suites: Suite[] = [];
  if (only.includes('vision')) {
    suites.push(await openVisionSuite({ path: images, seeds, fills, settings: preset.vision }));
  }
  if (only.includes('text')) {
    const data = { path: text, textColumn, labelColumn, encoding, tokenizer };
    suites.push(await openTextSuite({ ...data, seeds, fills, settings: preset.text }));
  }
  return suites;
}
