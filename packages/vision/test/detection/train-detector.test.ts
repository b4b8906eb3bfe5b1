import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { detectionProbe } from '../../src/detection/detection-probe.ts';
import { Detector, detect } from '../../src/detection/detector.ts';
import { evaluateDetections } from '../../src/detection/evaluate-detections.ts';
import { createDetector, trainDetector } from '../../src/detection/train-detector.ts';
import type { TrainDetectorOptions } from '../../src/detection/train-detector.ts';
import { makeFolder } from '../data/fixtures.ts';
import { classes, drawSquares, squaresBackbone } from './scene.ts';

const size = { height: 24, width: 32, dim: 16, depth: 1 };

async function train(detector: Detector, pictures: Parameters<typeof trainDetector>[1], options: TrainDetectorOptions) {
  const losses: number[] = [];
  for await (const { loss } of trainDetector(detector, pictures, options)) losses.push(loss);
  return losses;
}

test('a head on a frozen random encoder learns to find squares, and leaves the encoder alone', async () => {
  const pictures = await drawSquares(await makeFolder(), 4);
  const backbone = squaresBackbone();
  const detector = await createDetector(backbone, pictures, { classes, ...size });
  const weights = () => Promise.all([...detector.backbone.parameters.values()].map((variable) => variable.data()));
  const before = await weights();
  const losses = await train(detector, pictures, { numSteps: 50, learningRate: 1e-2 });
  expect(losses.at(-1)).toBeLessThan(0.3 * losses[0]!);
  expect(await weights()).toEqual(before);
  const scores = evaluateDetections(await detect(detector, pictures), pictures, classes);
  expect(scores.ap50).toBeGreaterThan(0.7);
  expect(scores.ap).toBeGreaterThan(0.25);
});

test('crowds are not learned, and a picture without boxes does no harm', async () => {
  const pictures = await drawSquares(await makeFolder(), 2);
  const [first, second] = pictures as [(typeof pictures)[0], (typeof pictures)[0]];
  const empty = { ...second, boxes: new Float32Array(0), labels: new Int32Array(0), isCrowd: new Uint8Array(0) };
  const detector = await createDetector(squaresBackbone(), pictures, { classes, ...size });
  const [loss] = await train(detector, [{ ...first, isCrowd: Uint8Array.of(1, 1) }, empty], { numSteps: 1 });
  // Every cell is as unsure as the prior says: p² log(1 − p) each, over one box at least; inside crowds of their class none.
  const numCells = 2 * 6 * 8 * 2 - 2 * 4;
  expect(loss! / (-(0.01 ** 2) * Math.log(0.99) * numCells)).toBeGreaterThan(0.5);
  expect(loss! / (-(0.01 ** 2) * Math.log(0.99) * numCells)).toBeLessThan(2);
});

test('equal seeds give equal scores to the bit, others other ones', async () => {
  const folder = await makeFolder();
  const [trainPart, testPart] = [await drawSquares(folder, 6), await drawSquares(folder, 2, 1)];
  const data = {
    name: 'squares',
    classes,
    train: trainPart.slice(0, 4),
    val: trainPart.slice(4),
    test: testPart,
    warnings: [],
  };
  const probe = (seed: number) => detectionProbe(squaresBackbone(), data, { ...size, numSteps: 3, batchSize: 3, seed });
  const first = await probe(1);
  expect(await probe(1)).toEqual(first);
  expect((await probe(2)).losses).not.toEqual(first.losses);
  expect(first.detections).toHaveLength(2);
  expect(first.losses).toHaveLength(3);
});

test('maps that do not fit the cache give the same training', async () => {
  const pictures = await drawSquares(await makeFolder(), 4);
  const losses = async (cacheBytes: number) => {
    const detector = await createDetector(squaresBackbone(), pictures, { classes, ...size });
    return train(detector, pictures, { numSteps: 3, batchSize: 2, cacheBytes });
  };
  const [kept, computed] = [await losses(2 ** 30), await losses(0)];
  kept.forEach((loss, i) => expect(computed[i]).toBeCloseTo(loss, 3));
});

test('the features are standardised, so that their scale and offset change nothing', async () => {
  const pictures = await drawSquares(await makeFolder(), 4);
  const backbone = squaresBackbone();
  const detector = await createDetector(backbone, pictures, { classes, ...size });
  // The layer norm that ends the encoder: its scale and shift are those of the features.
  for (const [path, variable] of backbone.parameters) {
    if (path === 'norm.gamma') variable.assign(variable.mul(7));
    if (path === 'norm.beta') variable.assign(variable.add(5));
  }
  const other = await createDetector(backbone, pictures, { classes, ...size });
  const [expected, actual] = await Promise.all([detector, other].map((each) => train(each, pictures, { numSteps: 2 })));
  expected!.forEach((loss, i) => expect(actual![i]).toBeCloseTo(loss, 3));
});

test('a detector disposes all of its tensors, and training and detecting leave none', async () => {
  const pictures = await drawSquares(await makeFolder(), 2);
  const backbone = squaresBackbone();
  const before = tf.memory().numTensors;
  const detector = await createDetector(backbone, pictures, { classes, ...size });
  const made = tf.memory().numTensors;
  await train(detector, pictures, { numSteps: 1 });
  await detect(detector, pictures);
  expect(tf.memory().numTensors).toBe(made);
  detector.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('boxes come back in the pixels of each picture', async () => {
  const pictures = await drawSquares(await makeFolder(), 2);
  const detector = new Detector(squaresBackbone(), { classes, ...size, typicalReach: 1 });
  const doubled = pictures.map((picture) => ({ ...picture, width: 64, height: 48 }));
  const [found, twice] = [
    await detect(detector, pictures, { minScore: 1e-3 }),
    await detect(detector, doubled, { minScore: 1e-3 }),
  ];
  expect(found[0]!.scores.length).toBeGreaterThan(0);
  expect([...twice[0]!.boxes]).toEqual([...found[0]!.boxes].map((value) => 2 * value));
});

test('nothing to learn from, no class, and a score out of range are refused', async () => {
  const pictures = await drawSquares(await makeFolder(), 1);
  const empty = { ...pictures[0]!, boxes: new Float32Array(0), labels: new Int32Array(0) };
  const before = tf.memory().numTensors;
  await expect(createDetector(squaresBackbone(), [empty], { classes, ...size })).rejects.toThrow(
    'expected at least one box',
  );
  expect(() => new Detector(squaresBackbone(), { classes: [], ...size })).toThrow(
    'classes must name at least one class',
  );
  expect(tf.memory().numTensors - before).toBeLessThan(200);
  const detector = new Detector(squaresBackbone(), { classes, ...size });
  await expect(detect(detector, pictures, { minScore: 0 })).rejects.toThrow('minScore must lie between 0 and 1, got 0');
});
