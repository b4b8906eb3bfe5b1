import type { GraphBuilder, Value } from '../../graph/graph-builder.ts';
import { registerOnnxKernel } from '../../kernels/register.ts';
import { arithmetic } from './emit.ts';

/** x → y, u = x / √2, Φ(x). */
export const GELU = 'FusedGelu';
/** dy, u, Φ(x) → dx. */
export const GELU_GRADIENT = 'FusedGeluGradient';

const LOG_INVERSE_ROOT_PI = -Math.log(Math.PI) / 2;

registerOnnxKernel({
  kernelName: GELU,
  inputs: ['x'],
  infer: ([x]) => [x!, x!, x!],
  emit: (graph, [x]) => {
    const { mul, scaled } = arithmetic(graph);
    const u = scaled(x!, Math.SQRT1_2);
    // (1 + erf u) / 2 in one pass over memory: the clamp of HardSigmoid to [0, 1] leaves what comes of [−1, 1] alone.
    const half = { alpha: { float: 0.5 }, beta: { float: 0.5 } };
    const cumulative = graph.node('HardSigmoid', [graph.node('Erf', [u])], { attributes: half });
    return [mul(x!, cumulative), u, cumulative];
  },
});

registerOnnxKernel({
  kernelName: GELU_GRADIENT,
  inputs: ['dy', 'u', 'cumulative'],
  infer: ([dy]) => dy!,
  emit: (graph, [dy, u, cumulative]) => {
    return arithmetic(graph).mul(dy!, emitGeluSlope(graph, u!, cumulative!));
  },
});

/** `Φ(x) + u · exp(−u²) / √π`, whose constant moves into the exponent. */
export function emitGeluSlope(graph: GraphBuilder, u: Value, cumulative: Value): Value {
  const { add, mul } = arithmetic(graph);
  const exponent = graph.node('Sub', [graph.scalar(LOG_INVERSE_ROOT_PI, 'float32'), mul(u, u)], { shape: u.shape });
  return add(cumulative, mul(u, graph.node('Exp', [exponent])));
}
