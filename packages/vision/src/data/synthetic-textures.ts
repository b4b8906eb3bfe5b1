import type { Random } from '@qb-heat/training';

export const textureNames = ['plain', 'striped', 'dotted'] as const;

export type TextureName = (typeof textureNames)[number];

/** A texture over the plane, 0 … 1, with one repeat a unit of length. */
const patterns: Readonly<Record<TextureName, (x: number, y: number) => number>> = {
  plain: () => 0.8,
  striped: (x) => soften(Math.sin(2 * Math.PI * x)),
  dotted: (x, y) => soften(Math.cos(2 * Math.PI * x) + Math.cos(2 * Math.PI * y) - 0.6),
};

/**
 * A texture of random turn, phase and scale.
 *
 * @returns 0 … 1, `[size, size]`.
 */
export function drawTexture(name: TextureName, size: number, random: Random): Float64Array {
  const repeat = size * (0.17 + 0.06 * random.uniform());
  const angle = 2 * Math.PI * random.uniform();
  const cosine = Math.cos(angle) / repeat;
  const sine = Math.sin(angle) / repeat;
  const phaseX = random.uniform();
  const phaseY = random.uniform();
  const pattern = patterns[name];
  const values = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const x = column * cosine + row * sine + phaseX;
      const y = row * cosine - column * sine + phaseY;
      values[row * size + column] = pattern(x, y);
    }
  }
  return values;
}

function soften(value: number): number {
  return 0.5 + 0.5 * Math.tanh(4 * value);
}
