import { describe, expect, it } from 'vitest';
import { convnetStepFlops, referenceConvnetStep } from '../../../src/experiments/engine/convnet-step.ts';
import {
  attentionFlops,
  convolutionFlops,
  depthwiseFlops,
  linearFlops,
  trainingFlops,
  transformerBlockFlops,
} from '../../../src/experiments/engine/flops.ts';
import { referenceVitStep, vitStepFlops } from '../../../src/experiments/engine/vit-step.ts';

describe('operation counts', () => {
  it('count a multiply and an add per weight and row of a linear map', () => {
    // Three rows of [1, 2] · [2, 5]: 2 multiplies and 2 adds (with the bias) for each of 15 outputs
    expect(linearFlops(3, 2, 5)).toBe(60);
  });

  it('count scores and weighted sums of attention', () => {
    // Two samples, four positions, dim 6: 16 scores of 6 products each, and 16 weights on 6 channels each
    expect(attentionFlops(2, 4, 6)).toBe(2 * (2 * 16 * 6 + 2 * 16 * 6));
  });

  it('count twelve dim² maps and the attention of a transformer block', () => {
    expect(transformerBlockFlops(2, 4, 6)).toBe(2 * 8 * 12 * 36 + attentionFlops(2, 4, 6));
  });

  it('count the window of a convolution', () => {
    expect(convolutionFlops(10, 3, 4, 5)).toBe(10 * 5 * 2 * 9 * 4);
    expect(depthwiseFlops(10, 3, 4)).toBe(10 * 4 * 2 * 9);
  });

  it('count two backward products per forward one, save for the input of the first layer', () => {
    expect(trainingFlops(100, 10)).toBe(100 + 100 + 90);
  });

  it('put the ViT step at 57.9 GFLOP', () => {
    // Rows 2048 visible and 8192 in all, dim 192: see the parts in `vitStepFlops`
    const encoderBlock = 2 * 2048 * 12 * 192 ** 2 + 4 * 128 * 16 ** 2 * 192;
    const decoderBlock = 2 * 8192 * 12 * 192 ** 2 + 4 * 128 * 64 ** 2 * 192;
    const embed = 2 * 2048 * 48 * 192;
    const forward = embed + 6 * encoderBlock + 2 * 6144 * 192 ** 2 + decoderBlock + 2 * 8192 * 192 * 48;
    expect(vitStepFlops(referenceVitStep)).toBe(3 * forward - embed);
    expect(vitStepFlops(referenceVitStep) / 1e9).toBeCloseTo(57.9, 1);
  });

  it('put the ConvNet step within 3 % of it', () => {
    expect(Math.abs(convnetStepFlops(referenceConvnetStep) / vitStepFlops(referenceVitStep) - 1)).toBeLessThan(0.03);
  });
});
