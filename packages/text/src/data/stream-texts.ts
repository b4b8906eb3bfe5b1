import { recognizeLayout } from './layout.ts';
import { readLabelledTexts } from './read-labelled-texts.ts';
import type { KnownColumns, ReadTextsOptions } from './read-labelled-texts.ts';

/**
 * Streams the texts of a corpus to pre-train on, one after the other, without ever holding the file: those of a file, or
 * of the training files of a folder, in any format that `openText` reads. Labels and empty texts are passed over.
 *
 * Throws an `InputError` as `openText` does where a file cannot be read.
 */
export async function* streamTexts(path: string, options: ReadTextsOptions = {}): AsyncGenerator<string> {
  const { train } = await recognizeLayout(path);
  const known: KnownColumns[] = [];
  for (const file of train) {
    for await (const { text } of readLabelledTexts(file, options, known)) if (text !== '') yield text;
  }
}
