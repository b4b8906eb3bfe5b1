import { expect, test } from 'vitest';
import { evaluateDetections } from '../../src/detection/evaluate-detections.ts';
import type { GroundTruth } from '../../src/detection/evaluate-detections.ts';
import type { Detections } from '../../src/detection/boxes.ts';
import { randomScene } from './random-scene.ts';

type Box = readonly [left: number, top: number, width: number, height: number];

function truth(...objects: { box: Box; label?: number; isCrowd?: boolean; isDifficult?: boolean }[]): GroundTruth {
  return {
    boxes: Float32Array.from(objects.flatMap(({ box }) => box)),
    labels: Int32Array.from(objects, ({ label = 0 }) => label),
    isCrowd: Uint8Array.from(objects, ({ isCrowd = false }) => Number(isCrowd)),
    isDifficult: Uint8Array.from(objects, ({ isDifficult = false }) => Number(isDifficult)),
  };
}

function found(...items: { box: Box; score?: number; label?: number }[]): Detections {
  return {
    boxes: Float32Array.from(items.flatMap(({ box }) => box)),
    labels: Int32Array.from(items, ({ label = 0 }) => label),
    scores: Float32Array.from(items, ({ score = 0.5 }) => score),
  };
}

const here: Box = [10, 10, 20, 20];
const there: Box = [50, 50, 20, 20];
const nowhere: Box = [80, 0, 10, 10];

function evaluate(detections: Detections, picture: GroundTruth, classes = ['cell']) {
  return evaluateDetections([detections], [picture], classes);
}

test('boxes found exactly have AP 1, boxes not found 0', () => {
  const picture = truth({ box: here }, { box: there });
  expect(evaluate(found({ box: there }, { box: here }), picture)).toMatchObject({ ap: 1, ap50: 1, ap75: 1 });
  expect(evaluate(found(), picture)).toMatchObject({ ap: 0, ap50: 0 });
  expect(evaluate(found({ box: nowhere }), picture)).toMatchObject({ ap: 0, ap50: 0 });
});

test('finding one of two, the better one wrong, is half a precision up to half the recall', () => {
  // Precision 1/2 at recall 1/2: 51 of the 101 recalls, 0 … 0.50.
  const scores = evaluate(
    found({ box: nowhere, score: 0.9 }, { box: here, score: 0.8 }),
    truth({ box: here }, { box: there }),
  );
  expect(scores.ap50).toBeCloseTo((51 * 0.5) / 101, 12);
});

test('precision at a recall is the highest at that recall or a higher one', () => {
  // Right, wrong, right: precisions 1, 1/2, 2/3 at recalls 1/2, 1/2, 1. Above 0.5 it is 2/3.
  const scores = evaluate(
    found({ box: here, score: 0.9 }, { box: nowhere, score: 0.8 }, { box: there, score: 0.7 }),
    truth({ box: here }, { box: there }),
  );
  expect(scores.ap50).toBeCloseTo((51 + (50 * 2) / 3) / 101, 12);
});

test('an overlap counts for the thresholds that it reaches, equality included', () => {
  // 20×20 against 20×15 inside it: IoU 0.75, right at 0.50 … 0.75, six of ten thresholds.
  const scores = evaluate(found({ box: [10, 10, 20, 15] }), truth({ box: here }));
  expect(scores).toMatchObject({ ap50: 1, ap75: 1 });
  expect(scores.ap).toBeCloseTo(0.6, 12);
});

test('a second detection of the same box is wrong', () => {
  const doubled = found({ box: here, score: 0.9 }, { box: here, score: 0.8 }, { box: there, score: 0.7 });
  // Precisions 1, 1/2, 2/3 as above.
  expect(evaluate(doubled, truth({ box: here }, { box: there })).ap50).toBeCloseTo((51 + (50 * 2) / 3) / 101, 12);
  // Behind the last right one it costs nothing.
  expect(evaluate(found({ box: here, score: 0.9 }, { box: here, score: 0.8 }), truth({ box: here })).ap50).toBe(1);
});

test('among equal scores the order of the detections decides', () => {
  const picture = truth({ box: here });
  expect(evaluate(found({ box: here }, { box: nowhere }), picture).ap50).toBe(1);
  expect(evaluate(found({ box: nowhere }, { box: here }), picture).ap50).toBe(0.5);
});

test('among equal scores of two pictures the order of the pictures decides', () => {
  const pictures = [truth({ box: here }), truth({ box: here })];
  // Right, wrong: precision 1 up to recall 1/2. Wrong, right: 1/2.
  const firstRight = evaluateDetections([found({ box: here }), found({ box: nowhere })], pictures, ['cell']);
  const firstWrong = evaluateDetections([found({ box: nowhere }), found({ box: here })], pictures, ['cell']);
  expect(firstRight.ap50).toBeCloseTo(51 / 101, 12);
  expect(firstWrong.ap50).toBeCloseTo(51 / 202, 12);
});

test('a detection takes the box that it overlaps most, and the better score chooses first', () => {
  const left: Box = [0, 0, 10, 10];
  const right: Box = [3, 0, 10, 10];
  // Both overlap both; the second fits `right` exactly, but the first has taken it.
  const detections = found({ box: [2, 0, 10, 10], score: 0.9 }, { box: right, score: 0.8 });
  expect(evaluate(detections, truth({ box: left }, { box: right })).ap50).toBe(1);
  // At 0.75 the second finds `right` taken, and `left` (IoU 7/13) too far away.
  expect(evaluate(detections, truth({ box: left }, { box: right })).ap75).toBeCloseTo(51 / 101, 12);
});

test('crowds need not be found, and any number of detections inside one counts neither way', () => {
  const picture = truth({ box: here }, { box: [40, 40, 50, 50], isCrowd: true });
  const inside = [40, 50, 60].map((left) => ({ box: [left, 45, 12, 12] as const, score: 0.9 }));
  expect(evaluate(found(...inside, { box: here }), picture)).toMatchObject({ ap: 1 });
  // IoU with the crowd is over the detection's own area: 8 of 12 columns inside are 2/3, enough at 0.5 but not at 0.75.
  const across = found({ box: [36, 45, 12, 12], score: 0.9 }, { box: here });
  expect(evaluate(across, picture)).toMatchObject({ ap50: 1, ap75: 0.5 });
});

test('a box comes before the crowd around it', () => {
  const picture = truth({ box: [0, 0, 50, 50], isCrowd: true }, { box: here });
  expect(evaluate(found({ box: [10, 10, 20, 16] }), picture).ap50).toBe(1);
});

test('a difficult box counts neither way, but takes one detection alone', () => {
  const picture = truth({ box: here }, { box: there, isDifficult: true });
  expect(evaluate(found({ box: here, score: 0.1 }, { box: there }), picture).ap50).toBe(1);
  expect(evaluate(found({ box: here, score: 0.1 }, { box: there }, { box: there }), picture).ap50).toBe(0.5);
});

test('a box without area is there to be found and never is', () => {
  const point: Box = [5, 5, 0, 0];
  expect(evaluate(found({ box: point }), truth({ box: point })).ap50).toBe(0);
  expect(evaluate(found({ box: here }, { box: point }), truth({ box: here }, { box: point })).ap50).toBeCloseTo(
    51 / 101,
    12,
  );
});

test('the 100 best detections of each class and picture count', () => {
  const many = (numWrong: number) =>
    found(...Array.from({ length: numWrong }, () => ({ box: nowhere, score: 0.9 })), { box: here, score: 0.1 });
  expect(evaluate(many(99), truth({ box: here })).ap50).toBeCloseTo(0.01, 12);
  expect(evaluate(many(100), truth({ box: here })).ap50).toBe(0);
});

test('the mean is over the classes that have a box to find', () => {
  const picture = truth({ box: here, label: 0 }, { box: there, label: 2 }, { box: nowhere, label: 3, isCrowd: true });
  const detections = found({ box: here, label: 0 }, { box: there, label: 1 });
  expect(evaluate(detections, picture, ['a', 'b', 'c', 'd'])).toEqual({
    ap: 0.5,
    ap50: 0.5,
    ap75: 0.5,
    perClass: [
      { name: 'a', ap: 1, ap50: 1, ap75: 1, numBoxes: 1 },
      { name: 'c', ap: 0, ap50: 0, ap75: 0, numBoxes: 1 },
    ],
  });
});

// AP@[.50:.95], AP50 and AP75 by pycocotools 2.0.11 on the same pictures.
test.each([
  [0, {}, 0.17755138482749971, 0.31195557176920025, 0.13398405423297172],
  [1, {}, 0.18094202130835796, 0.26302784124566303, 0.16583372622976583],
  [4, {}, 0.21604159107973434, 0.4330949761642831, 0.11229459195751317],
  [5, {}, 0.2992733037309333, 0.48127812781278123, 0.27961903333190463],
  [
    30,
    { numPictures: 3, numClasses: 1, crowdShare: 0.4 },
    0.16326932693269328,
    0.2948294829482949,
    0.18514851485148515,
  ],
  [31, { numPictures: 3, numClasses: 1, crowdShare: 0.4 }, 0.206493531221254, 0.699009900990099, 0.09123055162659122],
])('scene %i, with ties, duplicates and crowds, has the AP that pycocotools gives', (seed, sizes, ap, ap50, ap75) => {
  const { detections, pictures } = randomScene(seed, sizes);
  const scores = evaluateDetections(detections, pictures, ['a', 'b', 'c']);
  expect(scores.ap).toBeCloseTo(ap, 12);
  expect(scores.ap50).toBeCloseTo(ap50, 12);
  expect(scores.ap75).toBeCloseTo(ap75, 12);
});

test('nothing to find, unequal numbers of pictures and scores that are no numbers are refused', () => {
  expect(() => evaluate(found({ box: here }), truth())).toThrow('expected at least one box to find, got none');
  expect(() => evaluate(found(), truth({ box: here, isCrowd: true }))).toThrow('got none');
  expect(() => evaluateDetections([], [truth()], ['cell'])).toThrow(
    'expected detections of 1 pictures, got those of 0',
  );
  expect(() => evaluate(found({ box: here, score: NaN }), truth({ box: here }))).toThrow('got NaN');
});
