import { writeFile } from 'node:fs/promises';
import { detectionProbe, drawDetections, openDetection } from '@qb-heat/vision';
import type { DetectionProbeOptions, ImageBackbone } from '@qb-heat/vision';

/** Trains a detection head on a frozen encoder, draws what it finds, and gives COCO's AP. */
export async function detectInFolder(
  backbone: ImageBackbone,
  folder: string,
  drawing: string,
  options: DetectionProbeOptions, // such as { height: 120, width: 160, numSteps: 400, seed: 0 }
) {
  const data = await openDetection(folder);
  const { scores, detections } = await detectionProbe(backbone, data, options);
  await writeFile(drawing, await drawDetections(data.test, detections, data.classes)); // marked | found
  return scores; // { ap, ap50, ap75, perClass }
}
