import { AdamW, chooseBackend, pretrain, saveEncoder, warmupCosine } from '@qb-heat/training';
import {
  countTokens,
  createTextModel,
  encodeTexts,
  loadTokenizer,
  openText,
  packTexts,
  parseMask,
  textBatches,
} from '@qb-heat/text';

/** Pre-trains on a corpus, saves the encoder, and gives features of the test texts. */
export async function pretrainOnText(path: string, tokenizerName: string, numSteps: number, encoderFile: string) {
  await chooseBackend('auto'); // without it tfjs computes in plain JavaScript, far slower
  const data = await openText(path);
  const tokenizer = await loadTokenizer(tokenizerName);
  const text = await packTexts(data.train.texts, tokenizer, { length: 32 });
  const mask = parseMask({ kind: 'window', visibleRatio: 0.5 }); // visible: half of the tokens, in one window
  const model = createTextModel('linear', {
    // QB-Heat in one dimension; 'mask-token' is its baseline
    tokenizer,
    length: text.length,
    encoder: { dim: 32, depth: 2, numHeads: 2, positions: 'rotary' },
    decoder: { dim: 32, depth: 1, numHeads: 2 },
    tokenCounts: countTokens(text, tokenizer), // how common each word is, known before the first step
  });
  const batches = textBatches(text, { batchSize: 16, mask, tokenizer, seed: 0 });
  const optimizer = new AdamW(model.parameters, { maxGradientNorm: 1 });
  const schedule = warmupCosine({ peak: 1e-3, numSteps, warmupSteps: numSteps / 10 });
  for await (const { step, loss } of pretrain(model, { batches, optimizer, schedule, numSteps })) {
    if (step % 100 === 0) process.stdout.write(`step ${step}: loss ${loss.toFixed(3)}\n`);
  }
  await saveEncoder(encoderFile, { encoder: model.encoder.parameters, config: model.encoder.config });
  return encodeTexts(model.encoder, tokenizer, data.test.texts); // { data, shape: [numTexts, dim], … }
}
