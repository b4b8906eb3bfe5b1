import { InputError } from '@qb-heat/core';
import { boxArea, intersectionArea, intersectionOverUnion, orderByScore } from './boxes.ts';
import type { Detections } from './boxes.ts';
import type { AnnotatedPicture } from './data/detection-dataset.ts';

/** What is marked on a picture. */
export type GroundTruth = Pick<AnnotatedPicture, 'boxes' | 'labels' | 'isCrowd' | 'isDifficult'>;

/** Average precision by COCO's definition, each from 0 to 1. */
export interface DetectionScores {
  /** Mean over the IoU thresholds 0.50, 0.55, …, 0.95 and the classes: COCO's AP@[.50:.95]. */
  readonly ap: number;
  /** At an IoU of 0.50. */
  readonly ap50: number;
  /** At an IoU of 0.75. */
  readonly ap75: number;
  /** Classes that have a box to find, in their order; the means are over these. */
  readonly perClass: readonly ClassScores[];
}

export interface ClassScores {
  readonly name: string;
  readonly ap: number;
  readonly ap50: number;
  readonly ap75: number;
  /** Boxes to find: neither a crowd nor difficult. */
  readonly numBoxes: number;
}

/** Detections of a class and picture that count, the best by score. */
const MAX_DETECTIONS = 100;
/** To the bit those of COCO's evaluation, where a box may have exactly such an IoU, or a recall. */
const iouThresholds = spaced(0.5, 0.95, 10);
const recallThresholds = spaced(0, 1, 101);

/**
 * Average precision of detections by COCO's definition, the numbers that `pycocotools` gives for boxes of all sizes.
 *
 * For each class and IoU threshold, detections take, the best score first and the first of equal ones first, the box of
 * their class that they overlap most and no other has taken, if the overlap reaches the threshold. Precision at a recall
 * is the highest at that recall or a higher one; AP is its mean at the 101 recalls 0, 0.01, …, 1.
 *
 * Finding a crowd (its IoU is the share of the detection that lies in it, and any number may match) or a difficult box
 * counts neither way. Of each class and picture the 100 best detections count. A box without area can't be found.
 *
 * @param detections those of each picture.
 * @param pictures what is to be found, in the same order.
 * @throws InputError if the numbers of pictures differ, a score is no number, or there is nothing to find.
 */
export function evaluateDetections(
  detections: readonly Detections[],
  pictures: readonly GroundTruth[],
  classes: readonly string[],
): DetectionScores {
  if (detections.length !== pictures.length) {
    throw new InputError(
      `evaluateDetections: expected detections of ${pictures.length} pictures, got those of ${detections.length}`,
    );
  }
  if (detections.some(({ scores }) => scores.some(Number.isNaN))) {
    throw new InputError('evaluateDetections: scores must be numbers, got NaN');
  }
  const perClass = classes.flatMap((name, label) => {
    const matches = pictures.map((picture, i) => matchPicture(detections[i]!, picture, label));
    const numBoxes = matches.reduce((sum, match) => sum + match.numBoxes, 0);
    if (numBoxes === 0) return [];
    const scores = matches.flatMap((match) => match.scores);
    const order = orderByScore(scores);
    const precisions = iouThresholds.map((_, threshold) => {
      const outcomes = matches.flatMap((match) => match.outcomes[threshold]!);
      return interpolatedPrecision(
        order.map((i) => outcomes[i]!),
        numBoxes,
      );
    });
    return [{ name, ap: mean(precisions), ap50: precisions[0]!, ap75: precisions[5]!, numBoxes }];
  });
  if (perClass.length === 0) throw new InputError('evaluateDetections: expected at least one box to find, got none');
  const over = (key: 'ap' | 'ap50' | 'ap75') => mean(perClass.map((scores) => scores[key]));
  return { ap: over('ap'), ap50: over('ap50'), ap75: over('ap75'), perClass };
}

type Outcome = 'right' | 'wrong' | 'ignored';

interface PictureMatch {
  readonly numBoxes: number;
  /** Of the detections that count, the best first. */
  readonly scores: readonly number[];
  /** For each IoU threshold, what became of each of them. */
  readonly outcomes: readonly (readonly Outcome[])[];
}

/** Detections of one class on one picture against its boxes. */
function matchPicture(detections: Detections, picture: GroundTruth, label: number): PictureMatch {
  const found = orderByScore(detections.scores)
    .filter((detection) => detections.labels[detection] === label)
    .slice(0, MAX_DETECTIONS);
  const ofClass = [...picture.labels.keys()].filter((box) => picture.labels[box] === label);
  const isIgnored = (box: number) => picture.isCrowd[box] === 1 || picture.isDifficult[box] === 1;
  const toFind = ofClass.filter((box) => !isIgnored(box));
  const ignored = ofClass.filter(isIgnored);
  const overlap = (detection: number, box: number) =>
    picture.isCrowd[box] === 1
      ? shareInside(detections.boxes, detection, picture.boxes, box)
      : intersectionOverUnion(detections.boxes, detection, picture.boxes, box);

  const overlaps = (boxes: readonly number[]) => found.map((detection) => boxes.map((box) => overlap(detection, box)));
  const [toFindOverlaps, ignoredOverlaps] = [overlaps(toFind), overlaps(ignored)];
  const outcomes = iouThresholds.map((threshold) => {
    const isTaken = new Set<number>();
    // A box that is to be found comes before one that is ignored, even if it overlaps less.
    const take = (boxes: readonly number[], ofBoxes: readonly number[]): boolean => {
      const box = bestBox(boxes, ofBoxes, threshold, isTaken);
      if (box === undefined) return false;
      if (picture.isCrowd[box] === 0) isTaken.add(box);
      return true;
    };
    return found.map((_, i): Outcome => {
      if (take(toFind, toFindOverlaps[i]!)) return 'right';
      return take(ignored, ignoredOverlaps[i]!) ? 'ignored' : 'wrong';
    });
  });
  return { numBoxes: toFind.length, scores: found.map((detection) => detections.scores[detection]!), outcomes };
}

/** The box that overlaps most among those not taken, the last of equal ones; undefined if none reaches the threshold. */
function bestBox(
  boxes: readonly number[],
  overlaps: readonly number[],
  threshold: number,
  isTaken: ReadonlySet<number>,
): number | undefined {
  let most = threshold;
  let best: number | undefined;
  boxes.forEach((box, i) => {
    if (isTaken.has(box) || overlaps[i]! < most) return;
    most = overlaps[i]!;
    best = box;
  });
  return best;
}

function shareInside(boxes: Float32Array, i: number, crowds: Float32Array, j: number): number {
  const shared = intersectionArea(boxes, i, crowds, j);
  return shared === 0 ? 0 : shared / boxArea(boxes, i);
}

/** Mean precision at 101 recalls, from what became of all detections of a class, the best first. */
function interpolatedPrecision(outcomes: readonly Outcome[], numBoxes: number): number {
  let numRight = 0;
  let numCounted = 0;
  const recalls: number[] = [];
  const precisions: number[] = [];
  for (const outcome of outcomes) {
    if (outcome === 'right') numRight++;
    if (outcome !== 'ignored') numCounted++;
    recalls.push(numRight / numBoxes);
    precisions.push(numCounted === 0 ? 0 : numRight / numCounted);
  }
  for (let i = precisions.length - 2; i >= 0; i--) precisions[i] = Math.max(precisions[i]!, precisions[i + 1]!);
  let place = 0;
  const atRecalls = recallThresholds.map((threshold) => {
    while (place < recalls.length && recalls[place]! < threshold) place++;
    return precisions[place] ?? 0;
  });
  return mean(atRecalls);
}

/** `count` numbers from `first` to `last`, computed as numpy's linspace does. */
function spaced(first: number, last: number, count: number): number[] {
  const step = (last - first) / (count - 1);
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? last : first + i * step));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
