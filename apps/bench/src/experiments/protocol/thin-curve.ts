/**
 * A loss curve of at most `maxPoints` points, each the mean over as many consecutive steps as need be, placed at the last
 * of them.
 *
 * @param losses one per step, from step 0.
 */
export function thinCurve(losses: readonly number[], maxPoints: number): { step: number; loss: number }[] {
  const stepsPerPoint = Math.max(1, Math.ceil(losses.length / maxPoints));
  return Array.from({ length: Math.ceil(losses.length / stepsPerPoint) }, (_, point) => {
    const bin = losses.slice(point * stepsPerPoint, (point + 1) * stepsPerPoint);
    const loss = bin.reduce((sum, value) => sum + value, 0) / bin.length;
    return { step: point * stepsPerPoint + bin.length - 1, loss };
  });
}
