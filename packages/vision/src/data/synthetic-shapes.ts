import type { Random } from '@qb-heat/training';

export const shapeNames = ['disc', 'ring', 'triangle', 'cross'] as const;

export type ShapeName = (typeof shapeNames)[number];

/** Signed distance from a shape's edge, negative inside; the shapes are of about equal area, within radius 1. */
const signedDistances: Readonly<Record<ShapeName, (x: number, y: number) => number>> = {
  disc: (x, y) => Math.hypot(x, y) - 0.8,
  ring: (x, y) => Math.abs(Math.hypot(x, y) - 0.7) - 0.26,
  triangle: (x, y) => Math.max(Math.abs(x) * 0.866 + y * 0.5, -y) - 0.56,
  cross: (x, y) =>
    Math.min(Math.max(Math.abs(x) - 0.3, Math.abs(y) - 0.95), Math.max(Math.abs(x) - 0.95, Math.abs(y) - 0.3)),
};

/**
 * How much of each pixel a shape covers, at a random place, size and turn, with a soft edge of one pixel.
 *
 * @returns 0 … 1, `[size, size]`.
 */
export function drawShape(name: ShapeName, size: number, random: Random): Float64Array {
  const radius = size * (0.3 + 0.12 * random.uniform());
  const reach = size - 2 * radius;
  const centreX = radius + reach * random.uniform();
  const centreY = radius + reach * random.uniform();
  const angle = 2 * Math.PI * random.uniform();
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  const distance = signedDistances[name];
  const coverage = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const x = (column + 0.5 - centreX) / radius;
      const y = (row + 0.5 - centreY) / radius;
      const pixelsOutside = radius * distance(x * cosine + y * sine, y * cosine - x * sine);
      coverage[row * size + column] = Math.min(1, Math.max(0, 0.5 - pixelsOutside));
    }
  }
  return coverage;
}
