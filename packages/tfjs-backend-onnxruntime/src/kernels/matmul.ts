import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../graph/element-type.ts';
import type { GraphBuilder, Value } from '../graph/graph-builder.ts';
import { type ActivationAttributes, emitActivation } from './activation.ts';
import type { TensorSpec } from './onnx-kernel.ts';
import { registerOnnxKernel } from './register.ts';

interface ProductAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

registerOnnxKernel<ProductAttributes>({
  kernelName: 'BatchMatMul',
  inputs: ['a', 'b'],
  infer: ([a, b], attributes): TensorSpec => ({ shape: productShape(a!, b!, attributes), dtype: a!.dtype }),
  emit: (graph, [a, b], { transposeA, transposeB }) => emitProduct(graph, a!, b!, transposeA, transposeB),
});

registerOnnxKernel<ProductAttributes & ActivationAttributes>({
  kernelName: '_FusedMatMul',
  inputs: ['a', 'b', 'bias', 'preluActivationWeights'],
  infer: ([a, b], attributes): TensorSpec => ({ shape: productShape(a!, b!, attributes), dtype: 'float32' }),
  emit: (graph, [a, b, bias, alpha], attributes) => {
    let result = emitProduct(graph, a!, b!, attributes.transposeA, attributes.transposeB);
    if (bias !== undefined) result = graph.node('Add', [result, bias]);
    return emitActivation(graph, result, attributes, alpha);
  },
});

interface EinsumAttributes {
  readonly equation: string;
}

registerOnnxKernel<EinsumAttributes>({
  kernelName: 'Einsum',
  inputs: 'list',
  // ONNX wants the letters a to z alone, each once per term.
  supports: (_, { equation }) =>
    /^[a-z,]*->[a-z]*$/.test(equation.replaceAll(/\s/g, '')) && !/([a-z])[a-z]*\1/.test(equation.replaceAll(/\s/g, '')),
  infer: (inputs, { equation }): TensorSpec => {
    const { allDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, inputs.length);
    tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, inputs as unknown as tf.Tensor[]);
    const lengths = new Map<string, number>();
    const [terms, result] = equation.replaceAll(/\s/g, '').split('->') as [string, string];
    terms.split(',').forEach((term, i) => {
      for (const [axis, letter] of term.split('').entries()) lengths.set(letter, inputs[i]!.shape[axis]!);
    });
    return { shape: result.split('').map((letter) => lengths.get(letter)!), dtype: inputs[0]!.dtype };
  },
  emit: (graph, inputs, { equation }, [output]) =>
    graph.node('Einsum', inputs, { shape: output!.shape, attributes: { equation: equation.replaceAll(/\s/g, '') } }),
});

/**
 * The matrix product over the last two axes, either factor transposed, batch axes broadcast. No transposed copy is
 * made for float32 where ONNX Runtime's own product may be used.
 */
export function emitProduct(graph: GraphBuilder, a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
  const shape = productShape(a, b, { transposeA, transposeB });
  if (a.dtype !== 'float32' || !graph.target.hasRuntimeOperators) {
    const factors = [transposeA ? transposeLast(graph, a) : a, transposeB ? transposeLast(graph, b) : b];
    return graph.node('MatMul', factors, { shape });
  }
  if (transposeA && !transposeB && a.shape.length === 2 && b.shape.length === 2 && a.shape[1]! <= b.shape[1]!) {
    // Turned round beforehand it is read once, where the product would turn it again for every block of columns.
    return graph.node('MatMul', [transposeLast(graph, a), b], { shape });
  }
  // One large product in place of a batch of small ones, where the second factor is shared.
  const isShared = sizeOf(b.shape.slice(0, -2)) === 1;
  const [left, right] =
    isShared && !transposeA
      ? [
          graph.reshape(a, [-1, a.shape.at(-1)!].with(0, sizeOf(a.shape.slice(0, -1)))),
          graph.reshape(b, b.shape.slice(-2)),
        ]
      : [a, b];
  const flags = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
  const isPlain = !transposeA && !transposeB;
  const product = graph.node(isPlain ? 'MatMul' : 'FusedMatMul', [left, right], {
    shape: productShape(left, right, { transposeA, transposeB }),
    ...(isPlain ? {} : { domain: 'com.microsoft', attributes: flags }),
  });
  return graph.reshape(product, shape);
}

function transposeLast(graph: GraphBuilder, value: Value): Value {
  const rank = value.shape.length;
  return graph.transpose(
    value,
    value.shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis)),
  );
}

function productShape(
  a: TensorSpec | Value,
  b: TensorSpec | Value,
  { transposeA, transposeB }: ProductAttributes,
): number[] {
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw new Error(`Error in matMul: both tensors need two axes or more, got ${a.shape.join()} and ${b.shape.join()}`);
  }
  const [rows, innerA] = lastTwo(a.shape, transposeA);
  const [innerB, columns] = lastTwo(b.shape, transposeB);
  if (innerA !== innerB) {
    throw new Error(
      `Error in matMul: inner shapes (${innerA}) and (${innerB}) of Tensors with shapes ${a.shape.join()} and ` +
        `${b.shape.join()} and transposeA=${transposeA} and transposeB=${transposeB} must match.`,
    );
  }
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return [...batch, rows, columns];
}

function lastTwo(shape: readonly number[], isTransposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return isTransposed ? [columns, rows] : [rows, columns];
}
