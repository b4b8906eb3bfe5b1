import { encodeOnnx, writeTransformersFolder } from '@qb-heat/training';
import * as tf from '@tensorflow/tfjs';
import type { ImageBackbone } from '../backbone.ts';
import { fullVisibility } from '../masks.ts';
import { patchify } from '../patches.ts';
import { describePreprocessing } from './preprocessing.ts';

/**
 * Writes an encoder as a folder that transformers.js loads (`@xenova/transformers` 2.17, `@huggingface/transformers` 3 and
 * 4), for its pipeline `image-feature-extraction`: `config.json`, `preprocessor_config.json` and `onnx/model.onnx`.
 *
 * The model takes `pixel_values`, float32 `[batch, 3, height, width]`, as the preprocessing makes them: red, green and blue
 * from 0 to 1, normalised. An encoder of grey pictures takes these too, and weighs the channels itself (ITU-R BT.601). It
 * gives `last_hidden_state`, float32 `[batch, positions, dim]`, the feature map in raster order, and `pooler_output`,
 * float32 `[batch, dim]`, its mean, which is what `encodeImages` gives.
 *
 * @param folder made new, with the folders above it; an earlier export is replaced. It is there whole or not at all.
 * @throws InputError if the folder holds anything but an earlier export.
 */
export async function exportImageEncoder(folder: string, backbone: ImageBackbone): Promise<void> {
  const { config, dim, grid } = backbone;
  const { height, width } = config.image;
  const model = await encodeOnnx({
    forward: ({ pixel_values }) => encodePixels(backbone, pixel_values as tf.Tensor4D),
    inputs: { pixel_values: { shape: [1, 3, height, width], dtype: 'float32' } },
  });
  await writeTransformersFolder(folder, {
    model,
    config: {
      hidden_size: dim,
      image_size: height === width ? height : [height, width],
      patch_size: config.patchSize,
      num_channels: 3,
      num_positions: grid.height * grid.width,
    },
    encoder: config,
    files: { 'preprocessor_config.json': describePreprocessing(config.image) },
  });
}

function encodePixels(backbone: ImageBackbone, pixelValues: tf.Tensor4D) {
  const { image, patchSize } = backbone.config;
  const colors = tf.transpose(pixelValues, [0, 2, 3, 1]); // [batch, height, width, 3]
  const pixels = image.numChannels === 3 ? colors : tf.sum(tf.mul(colors, [0.299, 0.587, 0.114]), 3, true);
  const patches = patchify(pixels as tf.Tensor4D, patchSize); // [batch, numPatches, patchDim]
  const features = backbone.encodePatches(patches, fullVisibility(backbone.grid, colors.shape[0]));
  return { last_hidden_state: features, pooler_output: tf.mean(features, 1) };
}
