import * as tf from '@tensorflow/tfjs';
import { classActivationMap } from '../attribution/class-activation-map.ts';
import { integratedGradients } from '../attribution/integrated-gradients.ts';
import { steadyState } from '../attribution/steady-state.ts';
import type { ImageClassifier } from '../image-classifier.ts';
import { drawContactSheet } from './contact-sheet.ts';
import type { SheetColumn } from './contact-sheet.ts';
import { heatColors } from './heat-colors.ts';

/** Pictures are enlarged until their sides are about this many pixels long. */
const PICTURE_SIDE = 160;
/** Share of the attributions that may be hotter than the hottest color. */
const GLARE = 0.01;

export interface HeatFigureOptions {
  /** The class of each image whose score is explained; by default the most likely one. */
  readonly labels?: Int32Array;
  /** Points of the path of Integrated Gradients. Default 32. */
  readonly numSteps?: number;
}

export interface HeatFigure {
  readonly png: Uint8Array;
  /** The explained classes. */
  readonly labels: Int32Array;
  /** Of each image's class activation map with its steady heat, over the cells that are not held. */
  readonly correlations: readonly number[];
}

/**
 * The first figure of QB-Heat's expositions from a trained model, a row for each image: image | steady heat | class
 * activation map | Integrated Gradients.
 *
 * The two in the middle share their colors: the steady heat is that of the activation map's own border and hottest cells.
 * The attributions are summed over the color channels, without their sign.
 *
 * @param images pixels from 0 to 1, float32 `[batch, height, width, channels]`.
 * @throws InputError if the grid of features has fewer than 3×3 cells.
 */
export async function drawHeatFigure(
  classifier: ImageClassifier,
  images: tf.Tensor4D,
  options: HeatFigureOptions = {},
): Promise<HeatFigure> {
  const [batch, height, width, channels] = images.shape;
  const { grid } = classifier.backbone;
  const labels = options.labels ?? (await classifier.predict(images));
  const [maps, attributions] = tf.tidy(() => {
    const weight = classifier.parameters.get('classes.weight') as tf.Tensor as tf.Tensor2D;
    const path = options.numSteps === undefined ? {} : { numSteps: options.numSteps };
    const ofClass = tf.oneHot(tf.tensor1d(labels, 'int32'), weight.shape[1]);
    const score = (x: tf.Tensor4D) => classifier.logits(x).mul(ofClass).sum(1);
    return [
      classActivationMap(classifier.featureMap(images), weight, labels),
      integratedGradients(score, images, path).sum(-1).abs(),
    ] as const;
  });
  const [mapValues, attributionValues, pixels] = await Promise.all([
    maps.data<'float32'>(),
    attributions.data<'float32'>(),
    images.data<'float32'>(),
  ]);
  tf.dispose([maps, attributions]);

  const numCells = grid.height * grid.width;
  const columns = { steady: [] as Float32Array[], map: [] as Float32Array[], attribution: [] as Float32Array[] };
  const correlations: number[] = [];
  for (let image = 0; image < batch; image++) {
    const map = mapValues.slice(image * numCells, (image + 1) * numCells);
    const { values, correlation } = await steadyState(map, grid);
    // By the maximum principle the steady state stays within the map's own range.
    const [coldest, hottest] = [Math.min(...map), Math.max(...map)];
    columns.map.push(scale(map, coldest, hottest));
    columns.steady.push(scale(values, coldest, hottest));
    const strength = attributionValues.slice(image * height * width, (image + 1) * height * width);
    const sorted = strength.toSorted();
    columns.attribution.push(scale(strength, 0, sorted[Math.floor((1 - GLARE) * (sorted.length - 1))]!));
    correlations.push(correlation);
  }
  const zoom = Math.max(1, Math.round(PICTURE_SIDE / Math.max(height, width)));
  const tile = { tileHeight: height * zoom, tileWidth: width * zoom };
  const smooth = (parts: readonly Float32Array[]) => enlarge(parts, grid, tile.tileHeight, tile.tileWidth);
  const [steady, map] = [await smooth(columns.steady), await smooth(columns.map)];
  const attribution = { pixels: heatColors(join(columns.attribution)), height, width, numChannels: 3 } as const;
  const image: SheetColumn = { pixels, height, width, numChannels: channels === 1 ? 1 : 3 };
  return { png: await drawContactSheet([image, steady, map, attribution], tile), labels, correlations };
}

/** Maps of a grid as pictures, with values between the cells in between (bilinear). */
async function enlarge(
  maps: readonly Float32Array[],
  grid: { height: number; width: number },
  height: number,
  width: number,
): Promise<SheetColumn> {
  const large = tf.tidy(() => {
    const cells = tf.tensor4d(join(maps), [maps.length, grid.height, grid.width, 1]);
    return tf.image.resizeBilinear(cells, [height, width], false, true);
  });
  const values = await large.data<'float32'>();
  large.dispose();
  return { pixels: heatColors(values), height, width, numChannels: 3 };
}

/** From 0 at the coldest to 1 at the hottest; 0 where all are alike. */
function scale(values: Float32Array, coldest: number, hottest: number): Float32Array {
  const range = hottest - coldest;
  return values.map((value) => (range > 0 ? (value - coldest) / range : 0));
}

function join(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.forEach((part, i) => joined.set(part, i * part.length));
  return joined;
}
