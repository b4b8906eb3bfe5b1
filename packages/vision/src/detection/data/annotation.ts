/** A picture and its boxes as a file of annotations has them, before anything is checked. */
export interface Annotation {
  /** Where it was read, for messages. */
  readonly source: string;
  /** Where the picture may lie, likeliest first. */
  readonly pictureFiles: readonly string[];
  /** In pixels, as the annotations give it; undefined where they don't. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly objects: readonly AnnotatedObject[];
}

export interface AnnotatedObject {
  /** Undefined where it refers to a class that the file doesn't define. */
  readonly className: string | undefined;
  /** In pixels; anything that the file holds, NaN included. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly isCrowd: boolean;
  readonly isDifficult: boolean;
}

/** The parts of a set. */
export type Part = 'train' | 'val' | 'test';

/** What a layout of files holds, before pictures are looked at. */
export interface AnnotationParts {
  readonly train: readonly Annotation[];
  readonly val: readonly Annotation[] | undefined;
  /** Undefined where the files name no such part. */
  readonly test: readonly Annotation[] | undefined;
  /** The order of classes where the files define one; otherwise they are sorted by name. */
  readonly classOrder: readonly string[] | undefined;
  readonly warnings: readonly string[];
}

/** The part that a folder or file of this name holds: `valid`, `instances_train2017.json`, … */
export function partOfName(name: string): Part | undefined {
  const [match] = /train|val|test/.exec(name.toLowerCase()) ?? [];
  return match as Part | undefined;
}
