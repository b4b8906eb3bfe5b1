/** The baseline that the project's question is about, by the name that its runs have. */
export const maskToken = 'mask-token';

/** The encoder as it was drawn, which every pre-training has to beat, by the name that its runs have. */
export const untrainedControl = 'random-init';
