/** The baseline that the project's question is about, by the name that its runs have. */
export const maskToken = 'mask-token';

/**
 * What the project proposes, in the order in which it is asked about: a learned linear map outwards, what it is between
 * visible places without anything learned, and with.
 */
export const proposals = ['linear', 'interpolate', 'harmonic', 'least-squares'];

/** The encoder as it was drawn, which every pre-training has to beat, by the name that its runs have. */
export const untrainedControl = 'random-init';
