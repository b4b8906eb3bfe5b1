/** A picture file and what is marked on it. */
export interface AnnotatedPicture {
  readonly file: string;
  /** Of the picture in pixels, as it is stored: an orientation tag is not applied, as annotations don't either. */
  readonly width: number;
  readonly height: number;
  /** `[numBoxes, 4]`: left, top, width, height in pixels, COCO's order; inside the picture and of an area above 0. */
  readonly boxes: Float32Array;
  /** Class of each box, from 0, `[numBoxes]`. */
  readonly labels: Int32Array;
  /** 1 where a box holds a crowd (COCO's iscrowd), `[numBoxes]`: not trained on, and finding it counts neither way. */
  readonly isCrowd: Uint8Array;
  /** 1 where an object is marked as difficult (VOC), `[numBoxes]`: finding it counts neither way. */
  readonly isDifficult: Uint8Array;
}

/** Pictures with boxes, in parts. The pictures stay on disk. */
export interface DetectionDataset {
  readonly name: string;
  /** Those with a box in the training part. */
  readonly classes: readonly string[];
  readonly train: readonly AnnotatedPicture[];
  /** To tune on; empty where the files name no such part. */
  readonly val: readonly AnnotatedPicture[];
  readonly test: readonly AnnotatedPicture[];
  /** What the reader skipped, cut or assumed, one sentence each; empty when there was nothing to tell. */
  readonly warnings: readonly string[];
}
