import { AdamW, chooseBackend, pretrain, saveEncoder, warmupCosine } from '@qb-heat/training';
import { MaskedImageModel, describeImages, encodeImages, openImages, trainingBatches } from '@qb-heat/vision';

/** Pre-trains on a folder of pictures, saves the encoder, and gives features of the test pictures. */
export async function pretrainOnFolder(folder: string, size: number, numSteps: number, encoderFile: string) {
  await chooseBackend('auto'); // without it tfjs computes in plain JavaScript, far slower
  const data = await openImages(folder, { size });
  const model = new MaskedImageModel({
    image: describeImages(data),
    patchSize: 4,
    encoder: { kind: 'vit', preset: 'femto' },
    mask: { kind: 'block', position: 'center' }, // visible: the middle quarter
    fill: 'linear', // QB-Heat; 'mask-token' is its baseline
  });
  const { sampleMask, backbone } = model;
  const { source } = trainingBatches(data.train, data, { batchSize: 32, sampleMask, seed: 0 });
  const optimizer = new AdamW(model.parameters, { maxGradientNorm: 1 });
  const schedule = warmupCosine({ peak: 1e-3, numSteps, warmupSteps: numSteps / 10 });
  for await (const { step, loss } of pretrain(model, { batches: source, optimizer, schedule, numSteps })) {
    if (step % 100 === 0) process.stdout.write(`step ${step}: loss ${loss.toFixed(3)}\n`);
  }
  await saveEncoder(encoderFile, { encoder: backbone.parameters, config: backbone.config });
  return encodeImages(backbone, data.test); // { data, shape: [numImages, dim] }
}
