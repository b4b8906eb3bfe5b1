import { readCheckpoint, restoreEncoder } from '@qb-heat/training';
import { createTextEncoder, exportTextEncoder, loadTokenizer } from '@qb-heat/text';
import type { TextEncoderConfig } from '@qb-heat/text';

/** Makes of a pre-trained encoder's checkpoint a folder that transformers.js loads. */
export async function exportForTransformers(encoderFile: string, tokenizerName: string, folder: string) {
  const checkpoint = await readCheckpoint(encoderFile);
  const encoder = createTextEncoder(checkpoint.config as TextEncoderConfig);
  restoreEncoder(checkpoint, encoder.parameters);
  await exportTextEncoder(folder, encoder, await loadTokenizer(tokenizerName));
}
