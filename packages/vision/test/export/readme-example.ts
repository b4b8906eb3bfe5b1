import { readCheckpoint, restoreEncoder } from '@qb-heat/training';
import { ImageBackbone, exportImageEncoder } from '@qb-heat/vision';
import type { BackboneOptions } from '@qb-heat/vision';

/** Makes of a pre-trained encoder's checkpoint a folder that transformers.js loads. */
export async function exportForTransformers(encoderFile: string, folder: string) {
  const checkpoint = await readCheckpoint(encoderFile);
  const backbone = new ImageBackbone(checkpoint.config as BackboneOptions);
  restoreEncoder(checkpoint, backbone.parameters);
  await exportImageEncoder(folder, backbone);
}
