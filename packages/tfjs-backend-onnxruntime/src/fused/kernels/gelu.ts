import type { GraphBuilder, Value } from '../../graph/graph-builder.ts';
import { registerOnnxKernel } from '../../kernels/register.ts';
import { arithmetic } from './emit.ts';

/** x → y and dy/dx. */
export const GELU = 'FusedGelu';

const LOG_INVERSE_ROOT_PI = -Math.log(Math.PI) / 2;

registerOnnxKernel({
  kernelName: GELU,
  inputs: ['x'],
  infer: ([x]) => [x!, x!],
  emit: (graph, [x]) => emitGelu(graph, x!, arithmetic(graph).scaled(x!, Math.SQRT1_2)),
});

/**
 * `x · Φ` and the slope `Φ + u · exp(−u²) / √π`, whose constant moves into the exponent, for u = x / √2; x may be given
 * at another scale, which the first result then has too. Both come while u is in the cache; nobody computes what isn't
 * asked for.
 */
export function emitGelu(graph: GraphBuilder, x: Value, u: Value): [y: Value, slope: Value] {
  const { add, mul } = arithmetic(graph);
  // (1 + erf u) / 2 in one pass over memory: the clamp of HardSigmoid to [0, 1] leaves what comes of [−1, 1] alone.
  const half = { alpha: { float: 0.5 }, beta: { float: 0.5 } };
  const cumulative = graph.node('HardSigmoid', [graph.node('Erf', [u])], { attributes: half });
  const exponent = graph.node('Sub', [graph.scalar(LOG_INVERSE_ROOT_PI, 'float32'), mul(u, u)], { shape: u.shape });
  return [mul(x, cumulative), add(cumulative, mul(u, graph.node('Exp', [exponent])))];
}
