export { concatSplits, imageSize, takeImages } from './data/image-dataset.ts';
export type { ImageDataset, ImageShape, ImageSplit } from './data/image-dataset.ts';
export { measureNormalization } from './data/normalization.ts';
export type { Normalization } from './data/normalization.ts';
export { openImages } from './data/open-images.ts';
export type { OpenImagesOptions } from './data/open-images.ts';
export { chooseStratified, splitStratified } from './data/stratified-split.ts';
export { syntheticImages } from './data/synthetic-images.ts';
export type { SyntheticImagesOptions } from './data/synthetic-images.ts';
