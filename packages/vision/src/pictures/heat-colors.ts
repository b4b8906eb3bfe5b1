/** Colors of a glowing body from cold to hot: black, violet, red, orange, pale yellow. */
const stops = [
  [0, 0, 0.02],
  [0.34, 0.06, 0.43],
  [0.74, 0.21, 0.33],
  [0.98, 0.55, 0.04],
  [0.99, 1, 0.64],
] as const;

/**
 * Values as colors, those between two stops mixed of both.
 *
 * @param values from 0 (cold) to 1 (hot); those beyond are taken for the nearest.
 * @returns red, green, blue from 0 to 1, `[numValues, 3]`.
 */
export function heatColors(values: Float32Array): Float32Array {
  const colors = new Float32Array(values.length * 3);
  values.forEach((value, i) => {
    const place = Math.min(1, Math.max(0, value)) * (stops.length - 1);
    const below = Math.min(stops.length - 2, Math.floor(place));
    for (let color = 0; color < 3; color++) {
      const [from, to] = [stops[below]![color]!, stops[below + 1]![color]!];
      colors[3 * i + color] = from + (place - below) * (to - from);
    }
  });
  return colors;
}
