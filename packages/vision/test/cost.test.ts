import { expect, test } from 'vitest';
import { createImageModel, describeCost } from '../src/index.ts';
import type { ImageMethod, ImageModelOptions } from '../src/index.ts';
import { tinyOptions } from './models.ts';

// 4×4 patches of 2·2·3 = 12 values; vit of 16 channels, 1 block; decoder of 16 channels, 1 block.
function costOf(method: ImageMethod, changes: Partial<ImageModelOptions> = {}) {
  const model = createImageModel(method, { ...tinyOptions, ...changes });
  const cost = describeCost(model);
  model.dispose();
  return cost;
}

// Embedding 12·16 = 192 and a block 12·16² = 3072 with attention 2·n·16 for each of n tokens.
const encode = (numTokens: number) => 2 * numTokens * (192 + 3072 + 32 * numTokens);
// Embedding 16², the block over 16 tokens, head 16·12.
const decode = 2 * 16 * (256 + 3072 + 32 * 16 + 192);

test('QB-Heat costs its visible block, one product per masked patch and the decoder, three times', () => {
  const { encoderFlopsVisible, encoderFlopsFull, trainingFlops } = costOf('linear');
  expect(encoderFlopsVisible).toBe(encode(4));
  expect(encoderFlopsFull).toBe(encode(16));
  expect(trainingFlops).toBe(3 * (encode(4) + 2 * 12 * 256 + decode));
});

test('MAE costs its scattered patches, the harmonic fill its weights', () => {
  expect(costOf('mae')).toMatchObject({ encoderFlopsVisible: encode(4), trainingFlops: 3 * (encode(4) + decode) });
  expect(costOf('harmonic').trainingFlops).toBe(3 * (encode(4) + 2 * 12 * 4 * 16 + decode));
});

test('SimMIM and the autoencoder pay for the whole grid', () => {
  expect(costOf('simmim')).toMatchObject({ encoderFlopsVisible: encode(16), trainingFlops: 3 * (encode(16) + decode) });
  expect(costOf('autoencoder').encoderFlopsVisible).toBe(encode(16));
});

test('parameters are counted one by one', () => {
  // Embedding 192 + 16; norms 2·2·16; attention 4·(256 + 16); MLP 2·1024 + 64 + 16; final norm 32.
  const encoder = 208 + 64 + 1088 + 2128 + 32;
  // The decoder's embedding 256 + 16, the same block and norm, head 192 + 12.
  const decoder = 272 + 64 + 1088 + 2128 + 32 + 204;
  expect(costOf('mask-token')).toMatchObject({ encoderParameters: encoder, parameters: encoder + decoder + 16 });
  expect(costOf('linear').parameters).toBe(encoder + decoder + 2 * 256);
});
