import { InputError } from '@qb-heat/core';
import { encodeOnnx, writeTransformersFolder } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { TextEncoder } from '../encoders/text-encoder.ts';
import type { TextTokenizer } from '../tokenizer.ts';
import { describeTokenizer } from './tokenizer-files.ts';

/**
 * Writes an encoder as a folder that transformers.js loads (`@xenova/transformers` 2.17, `@huggingface/transformers` 3 and
 * 4), for its pipeline `feature-extraction`: `config.json`, `tokenizer.json`, `tokenizer_config.json` and `onnx/model.onnx`.
 *
 * The model takes `input_ids` and `attention_mask`, int64 `[batch, sequence]`, the mask 1 at tokens and 0 at padding, which
 * comes behind them; at most `config.length` tokens of a text. It gives `last_hidden_state`, float32
 * `[batch, sequence, dim]`, whose mean over the tokens (`pooling: 'mean'`) is what `encodeTexts` gives. Texts that are too
 * long are cut off as there: their last token counts as the end.
 *
 * @param folder made new, with the folders above it; an earlier export is replaced. It is there whole or not at all.
 * @param tokenizer the one that the encoder was trained with.
 * @throws InputError if the folder holds anything but an earlier export, or the tokenizer has another vocabulary.
 */
export async function exportTextEncoder(folder: string, encoder: TextEncoder, tokenizer: TextTokenizer): Promise<void> {
  const { config } = encoder;
  if (tokenizer.vocabSize !== config.vocabSize) {
    throw new InputError(
      `exportTextEncoder: tokenizer ${tokenizer.name} must have the encoder's ${config.vocabSize} entries, got ` +
        `${tokenizer.vocabSize}; give the one that it was trained with`,
    );
  }
  const ids = { shape: [1, config.length], dtype: 'int32' } as const;
  const model = await encodeOnnx({
    forward: ({ input_ids, attention_mask }) =>
      encodeIds(encoder, tokenizer.special.end, input_ids as tf.Tensor2D, attention_mask as tf.Tensor2D),
    inputs: { input_ids: ids, attention_mask: ids },
    dynamicAxes: { batch: 0, sequence: 1 },
    inputTypes: { input_ids: 'int64', attention_mask: 'int64' },
  });
  await writeTransformersFolder(folder, {
    model,
    config: { hidden_size: config.dim, max_position_embeddings: config.length, vocab_size: config.vocabSize },
    encoder: config,
    files: describeTokenizer(tokenizer, config.length),
  });
}

function encodeIds(encoder: TextEncoder, end: number | undefined, ids: tf.Tensor2D, mask: tf.Tensor2D) {
  // 0, 1, 2 … for a length that is not known yet.
  const positions = tf.cumsum<tf.Tensor2D>(tf.ones([1, ids.shape[1]], 'int32'), 1, true);
  const padding = tf.sub<tf.Tensor2D>(1, mask.toFloat());
  return {
    last_hidden_state: encoder.apply(endLongTexts(ids, positions, end, encoder.config.length), positions, padding),
  };
}

/**
 * Transformers.js cuts off long texts with their end token, `toTokenRow` before it. Either way a row that is full has
 * its end there, unless it was cut off.
 */
function endLongTexts(ids: tf.Tensor2D, positions: tf.Tensor2D, end: number | undefined, length: number): tf.Tensor2D {
  if (end === undefined) return ids;
  return tf.where<tf.Tensor>(tf.equal(positions, length - 1), tf.scalar(end, 'int32'), ids) as tf.Tensor2D;
}
