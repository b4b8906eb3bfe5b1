/** A smooth function at a point. */
export interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
}

export interface LbfgsOptions {
  /** Ends when no component of the gradient exceeds this. Default 1e-4. */
  readonly tolerance?: number;
  /** Default 200. */
  readonly maxIterations?: number;
}

export interface Minimum extends Evaluation {
  readonly point: Float64Array;
  readonly numEvaluations: number;
}

/** Steps whose curvature is remembered. */
const memory = 10;
/** Share of the decrease promised by the slope that a step has to bring (Armijo). */
const sufficientDecrease = 1e-4;
const maxHalvings = 20;

/**
 * Minimizes a smooth convex function by L-BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.5) with a
 * backtracking line search.
 *
 * It ends at the tolerance, after `maxIterations`, or when no step brings a decrease any more, as happens in the noise
 * of a function that is computed in float32. A value that is not finite is no decrease.
 */
export async function minimizeLbfgs(
  evaluate: (point: Float64Array) => Promise<Evaluation>,
  start: Float64Array,
  { tolerance = 1e-4, maxIterations = 200 }: LbfgsOptions = {},
): Promise<Minimum> {
  let point = start;
  let current = await evaluate(point);
  let numEvaluations = 1;
  const pairs: Pair[] = [];
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    if (current.gradient.every((component) => Math.abs(component) <= tolerance)) break;
    const direction = descentDirection(current.gradient, pairs);
    const slope = dot(direction, current.gradient);
    // Without curvature the length of the first step is unknown; one is a safe start.
    let length = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    let next: { point: Float64Array; evaluation: Evaluation } | undefined;
    for (let halving = 0; halving <= maxHalvings && next === undefined; halving++, length /= 2) {
      const candidate = addScaled(point, direction, length);
      const evaluation = await evaluate(candidate);
      numEvaluations++;
      if (evaluation.value <= current.value + sufficientDecrease * length * slope) {
        next = { point: candidate, evaluation };
      }
    }
    if (next === undefined) break;
    remember(pairs, addScaled(next.point, point, -1), addScaled(next.evaluation.gradient, current.gradient, -1));
    ({ point, evaluation: current } = next);
  }
  return { point, ...current, numEvaluations };
}

/** A step and the change of the gradient over it, with 1 / (their product). */
interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  readonly rho: number;
}

/** Keeps the pair if it has positive curvature, and at most `memory` of them. */
function remember(pairs: Pair[], step: Float64Array, change: Float64Array): void {
  const curvature = dot(step, change);
  if (curvature <= 1e-10 * dot(change, change)) return;
  pairs.push({ step, change, rho: 1 / curvature });
  if (pairs.length > memory) pairs.shift();
}

/** −H · gradient, where H estimates the inverse Hessian from the pairs (the two-loop recursion). */
function descentDirection(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const direction = new Float64Array(gradient.length);
  addTo(direction, gradient, -1);
  const weights = new Map<Pair, number>();
  for (const pair of pairs.toReversed()) {
    const weight = pair.rho * dot(pair.step, direction);
    weights.set(pair, weight);
    addTo(direction, pair.change, -weight);
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = 1 / (last.rho * dot(last.change, last.change));
    addTo(direction, direction, scale - 1);
  }
  for (const pair of pairs) {
    const weight = (weights.get(pair) as number) - pair.rho * dot(pair.change, direction);
    addTo(direction, pair.step, weight);
  }
  return direction;
}

// Loops, because these vectors are long and a callback per element takes ten times as long.

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] as number) * (b[index] as number);
  return sum;
}

/** a ← a + scale · b */
function addTo(a: Float64Array, b: Float64Array, scale: number): void {
  for (let index = 0; index < a.length; index++) {
    a[index] = (a[index] as number) + scale * (b[index] as number);
  }
}

/** a + scale · b */
function addScaled(a: Float64Array, b: Float64Array, scale: number): Float64Array {
  const sum = a.slice();
  addTo(sum, b, scale);
  return sum;
}
