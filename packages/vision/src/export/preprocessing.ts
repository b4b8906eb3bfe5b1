import type { BackboneConfig } from '../config.ts';

/** How PIL, and after it Hugging Face's configurations, number ways to resize; sharp resizes so in `decodeImage`. */
const LANCZOS = 1;

/**
 * A `preprocessor_config.json` that does to a picture what `decodeImage` does: resized (Lanczos) until the wanted square
 * just fits into it, and cropped around its centre; then normalised as the encoder's training images were. Sizes that are
 * no square can't be said so: those pictures are resized without keeping their proportions.
 *
 * Transparency is dropped where `decodeImage` lays it over white, and browsers resize by their own rules.
 */
export function describePreprocessing({ height, width, numChannels, normalization }: BackboneConfig['image']): object {
  // The pipeline makes red, green and blue of grey pictures, all three alike.
  const perColor = (values: readonly number[]) => (numChannels === 3 ? values : [1, 2, 3].map(() => values[0]));
  const geometry =
    height === width
      ? { size: { shortest_edge: height }, do_center_crop: true, crop_size: { height, width } }
      : { size: { height, width }, do_center_crop: false };
  return {
    image_processor_type: 'CLIPImageProcessor', // resizes, crops, rescales, normalises, and nothing else
    feature_extractor_type: 'CLIPFeatureExtractor', // its name in @xenova/transformers
    do_convert_rgb: true,
    do_resize: true,
    resample: LANCZOS,
    ...geometry,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: perColor(normalization.mean),
    image_std: perColor(normalization.std),
  };
}
