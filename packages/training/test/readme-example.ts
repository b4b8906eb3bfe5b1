import { AdamW, chooseBackend, evaluate, formatBackend, pretrain, saveTraining, warmupCosine } from '../src/index.ts';
import type { Batch, BatchSource, PretrainingModel } from '../src/index.ts';

/** Trains a model, keeps it for later, and gives its loss on held-out batches. */
export async function train<B extends Batch>(
  model: PretrainingModel<B>,
  batches: BatchSource<B>,
  heldOut: BatchSource<B>,
  file: string,
  print: (line: string) => void,
): Promise<number> {
  print(formatBackend(await chooseBackend('auto')));
  const numSteps = 100;
  const optimizer = new AdamW(model.parameters, { maxGradientNorm: 1 });
  const schedule = warmupCosine({ peak: 1e-3, numSteps, warmupSteps: 10 });
  for await (const { step, loss, itemsPerSecond } of pretrain(model, { batches, optimizer, schedule, numSteps })) {
    print(`step ${step}: loss ${loss.toFixed(3)}, ${itemsPerSecond.toFixed(0)} items/s`);
  }
  await saveTraining(file, { model: model.parameters, optimizer, numSteps, config: {} });
  optimizer.dispose();
  return evaluate(model, { batches: heldOut, numBatches: 10 });
}
