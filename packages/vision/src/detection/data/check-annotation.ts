import type { Annotation } from './annotation.ts';
import type { CountedWarnings } from './counted-warnings.ts';
import type { AnnotatedPicture } from './detection-dataset.ts';

/** A picture file that was found, and its size in pixels. */
export interface FoundPicture {
  readonly file: string;
  readonly width: number;
  readonly height: number;
}

/**
 * The boxes of a picture that can be used: of one of the classes, with an area above 0, and cut to the picture.
 *
 * @param warnings is told of every box that is cut or skipped.
 */
export function checkAnnotation(
  { source, objects }: Annotation,
  picture: FoundPicture,
  classes: readonly string[],
  warnings: CountedWarnings,
): AnnotatedPicture {
  const kept = objects.flatMap((object, index) => {
    const { className, left, top, width, height, isCrowd, isDifficult } = object;
    const describe = () => `${source}: box ${index}, ${left}, ${top}, ${width} × ${height}`;
    const label = className === undefined ? -1 : classes.indexOf(className);
    if (label === -1) {
      warnings.add('box', 'skipped: of an unknown class', `${source}: '${className ?? 'none'}'`);
      return [];
    }
    if (![left, top, width, height].every(Number.isFinite)) {
      warnings.add('box', 'skipped: not four numbers', describe());
      return [];
    }
    if (!(width > 0 && height > 0)) {
      warnings.add('box', 'skipped: without area', describe());
      return [];
    }
    const [x, y] = [Math.max(0, left), Math.max(0, top)];
    // Rounded as they are kept, so that a box of less than a float's precision counts as without area.
    const right = Math.fround(Math.min(picture.width, left + width) - x);
    const bottom = Math.fround(Math.min(picture.height, top + height) - y);
    if (!(right > 0 && bottom > 0)) {
      warnings.add('box', 'skipped: outside the picture', describe());
      return [];
    }
    if (left < 0 || top < 0 || left + width > picture.width || top + height > picture.height) {
      warnings.add('box', 'cut to the picture', describe());
    }
    return [{ box: [x, y, right, bottom], label, isCrowd, isDifficult }];
  });
  return {
    ...picture,
    boxes: Float32Array.from(kept.flatMap(({ box }) => box)),
    labels: Int32Array.from(kept, ({ label }) => label),
    isCrowd: Uint8Array.from(kept, ({ isCrowd }) => Number(isCrowd)),
    isDifficult: Uint8Array.from(kept, ({ isDifficult }) => Number(isDifficult)),
  };
}
