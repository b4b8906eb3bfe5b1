import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { classActivationMap } from '../../src/attribution/class-activation-map.ts';
import { ImageClassifier } from '../../src/index.ts';
import { drawHeatFigure } from '../../src/pictures/draw-heat-figure.ts';
import { heatColors } from '../../src/pictures/heat-colors.ts';
import { tinyBackbone } from '../detection/scene.ts';
import { tinyImages } from '../models.ts';

test('a row for each image with four pictures, explained for the likeliest class, and no tensors left', async () => {
  const classifier = new ImageClassifier(tinyBackbone(), { numClasses: 3, head: 'linear', isFrozen: true, seed: 1 });
  const images = tinyImages(2);
  const before = tf.memory().numTensors;
  const { png, labels, correlations } = await drawHeatFigure(classifier, images, { numSteps: 2 });
  expect(tf.memory().numTensors).toBe(before);
  expect(labels).toEqual(await classifier.predict(images));
  expect(correlations).toHaveLength(2);
  const { info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  // 8 pixels are enlarged 20 times.
  expect([info.height, info.width]).toEqual([2 * 160 + 2, 4 * 160 + 6]);
});

test('the steady heat and the activation map agree on the border, and another class has other maps', async () => {
  const classifier = new ImageClassifier(tinyBackbone(), { numClasses: 3, head: 'linear', isFrozen: true, seed: 1 });
  const images = tinyImages(1);
  const draw = async (label: number) => {
    const { png } = await drawHeatFigure(classifier, images, { numSteps: 2, labels: Int32Array.of(label) });
    const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    return (column: number, x: number, y: number) => {
      const place = (y * info.width + column * 162 + x) * 3;
      return [...data.subarray(place, place + 3)];
    };
  };
  const [first, other] = [await draw(0), await draw(1)];
  // The third picture is the activation map: hottest where that is, in the middle of a cell of 40 pixels.
  const weight = classifier.parameters.get('classes.weight') as tf.Tensor as tf.Tensor2D;
  const map = await classActivationMap(classifier.featureMap(images), weight, Int32Array.of(0)).data();
  const [coldest, hottest] = [Math.min(...map), Math.max(...map)];
  map.forEach((value, cell) => {
    const color = heatColors(Float32Array.of((value - coldest) / (hottest - coldest)));
    const drawn = first(2, 40 * (cell % 4) + 20, 40 * Math.floor(cell / 4) + 20);
    drawn.forEach((level, i) => expect(Math.abs(level - 255 * color[i]!)).toBeLessThan(12));
  });
  for (const [x, y] of [
    [0, 0],
    [159, 20],
    [100, 159],
  ] as const) {
    expect(first(1, x, y)).toEqual(first(2, x, y));
    expect(other(2, x, y)).not.toEqual(first(2, x, y));
    expect(other(0, x, y)).toEqual(first(0, x, y));
  }
});
