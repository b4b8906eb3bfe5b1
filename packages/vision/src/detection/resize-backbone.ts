import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { ImageBackbone } from '../backbone.ts';

/**
 * The same encoder for pictures of another size. Convolutions take any; a transformer's sines and cosines go on over the
 * larger grid, and its learned positions are stretched to it (bilinear).
 *
 * @param size height and width in pixels, multiples of the patch size.
 * @returns a backbone with weights of its own. The caller disposes it.
 * @throws InputError if patches don't tile the size, or a weight other than positions depends on it.
 */
export function resizeBackbone(backbone: ImageBackbone, { height, width }: { height: number; width: number }) {
  const { config, grid } = backbone;
  const resized = new ImageBackbone({ ...config, image: { ...config.image, height, width } });
  for (const [path, variable] of backbone.parameters) {
    const target = resized.parameters.get(path)!;
    if (tf.util.arraysEqual(target.shape, variable.shape)) {
      target.assign(variable);
    } else if (path.endsWith('positions.table')) {
      tf.tidy(() => {
        const map = variable.reshape<tf.Tensor4D>([1, grid.height, grid.width, backbone.dim]);
        const stretched = tf.image.resizeBilinear(map, [resized.grid.height, resized.grid.width], false, true);
        target.assign(stretched.reshape(target.shape));
      });
    } else {
      resized.dispose();
      throw new InputError(`resizeBackbone: the encoder's weight ${path} depends on the size of the pictures`);
    }
  }
  return resized;
}
