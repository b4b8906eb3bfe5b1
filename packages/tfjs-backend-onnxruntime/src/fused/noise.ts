/**
 * Independent yes/no draws, each yes with probability `probability`, that (seed, step) determine.
 *
 * A counter-based generator: draw i is a 32-bit mix (the multiply and shift rounds of MurmurHash3's
 * finaliser) of the seed, the step and i, cut into two 16-bit draws, so a probability is honoured to 2⁻¹⁶.
 *
 * @returns one byte per draw, 1 for yes: the values of a `bool` tensor.
 */
export function bernoulli(length: number, probability: number, seed: number, step: number): Uint8Array {
  const draws = new Uint8Array(length);
  const threshold = Math.round(probability * 0x1_0000);
  const key = mix(mix(seed | 0) ^ Math.imul(step, 0x9e37_79b9));
  for (let index = 0; index < length; index += 2) {
    const bits = mix((key + Math.imul(index, 0x85eb_ca6b)) | 0);
    draws[index] = (bits & 0xffff) < threshold ? 1 : 0;
    draws[index + 1] = bits >>> 16 < threshold ? 1 : 0; // past the end of an odd length this is ignored
  }
  return draws;
}

function mix(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return bits ^ (bits >>> 16);
}
