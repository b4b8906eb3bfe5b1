import type { GraphBuilder, Value } from '../../graph/graph-builder.ts';
import { sizeOf } from '../../graph/element-type.ts';
import { registerOnnxKernel } from '../../kernels/register.ts';
import { arithmetic } from './emit.ts';

/** A list: parameters, as many gradients, moments, rates → parameters, moments. */
export const ADAMW = 'FusedAdamW';
/** A list: tensors of any shapes → the sum of the squares of all their elements. */
export const SUM_OF_SQUARES = 'FusedSumOfSquares';

interface AdamWAttributes {
  readonly numParameters: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

registerOnnxKernel<AdamWAttributes>({
  kernelName: ADAMW,
  inputs: 'list',
  infer: (inputs, { numParameters }) => [
    ...inputs.slice(0, numParameters),
    inputs[2 * numParameters]!,
    inputs[2 * numParameters + 1]!,
  ],
  emit: (graph, inputs, { numParameters, beta1, beta2, epsilon }) => {
    const { add, sub, mul, div, scaled } = arithmetic(graph);
    const parameters = inputs.slice(0, numParameters);
    const [m, v, stepSize, secondCorrection, decay, gradientScale] = inputs.slice(2 * numParameters) as Rates;
    const [p, g] = [emitFlat(graph, parameters), emitFlat(graph, inputs.slice(numParameters, 2 * numParameters))];
    const firstMoment = add(scaled(m, beta1), mul(g, scaled(gradientScale, 1 - beta1)));
    const squareScale = scaled(mul(gradientScale, gradientScale), 1 - beta2);
    const secondMoment = add(scaled(v, beta2), mul(mul(g, g), squareScale));
    // stepSize · m' / (√v' / c + ε) as (stepSize · c) · m' / (√v' + c · ε): the factors are scalars, one pass less.
    const deviation = add(graph.node('Sqrt', [secondMoment]), scaled(secondCorrection, epsilon));
    const change = mul(div(firstMoment, deviation), mul(stepSize, secondCorrection));
    return [...emitPieces(graph, sub(mul(p, decay), change), parameters), firstMoment, secondMoment];
  },
});

type Rates = [Value, Value, Value, Value, Value, Value];

registerOnnxKernel({
  kernelName: SUM_OF_SQUARES,
  inputs: 'list',
  infer: () => ({ shape: [], dtype: 'float32' }),
  emit: (graph, tensors) =>
    graph.node('ReduceSumSquare', [emitFlat(graph, tensors)], { shape: [], attributes: { keepdims: 0 } }),
});

/** All elements end to end. */
function emitFlat(graph: GraphBuilder, tensors: readonly Value[]): Value {
  const flat = tensors.map((tensor) => graph.reshape(tensor, [sizeOf(tensor.shape)]));
  if (flat.length === 1) return flat[0]!;
  const size = flat.reduce((sum, { shape }) => sum + shape[0]!, 0);
  return graph.node('Concat', flat, { shape: [size], attributes: { axis: 0 } });
}

/** The reverse: pieces of the shapes of `tensors`. */
function emitPieces(graph: GraphBuilder, flat: Value, tensors: readonly Value[]): Value[] {
  if (tensors.length === 1) return [graph.reshape(flat, tensors[0]!.shape)];
  const sizes = tensors.map(({ shape }) => sizeOf(shape));
  const outputs = sizes.map((size) => ({ shape: [size], dtype: flat.dtype }));
  const pieces = graph.nodeWithOutputs('Split', [flat, graph.int64s(sizes)], outputs, { attributes: { axis: 0 } });
  return pieces.map((piece, index) => graph.reshape(piece, tensors[index]!.shape));
}
