import type { GraphBuilder, Value } from '../graph/graph-builder.ts';
import type { TensorSpec } from './onnx-kernel.ts';
import { registerOnnxKernel } from './register.ts';

interface UnaryForm {
  emit(graph: GraphBuilder, x: Value): Value;
  /** The type of the result; by default that of the input. */
  readonly dtype?: 'float32' | 'bool';
  /** Whether int32 and bool inputs can stay what they are; by default they pass through float32. */
  readonly keepsIntegers?: boolean;
}

const operator =
  (opType: string) =>
  (graph: GraphBuilder, x: Value): Value =>
    graph.node(opType, [x]);

const test =
  (opType: string) =>
  (graph: GraphBuilder, x: Value): Value =>
    graph.node(opType, [x], { dtype: 'bool' });

/** Kernels of one tensor that ONNX can say in a node or two. */
const UNARY_KERNELS: Readonly<Record<string, UnaryForm>> = {
  Abs: { emit: operator('Abs'), keepsIntegers: true },
  Acos: { emit: operator('Acos') },
  Acosh: { emit: operator('Acosh') },
  Asin: { emit: operator('Asin') },
  Asinh: { emit: operator('Asinh') },
  Atan: { emit: operator('Atan') },
  Atanh: { emit: operator('Atanh') },
  Ceil: { emit: operator('Ceil') },
  Cos: { emit: operator('Cos') },
  Cosh: { emit: operator('Cosh') },
  Elu: { emit: operator('Elu') },
  Erf: { emit: operator('Erf') },
  Exp: { emit: operator('Exp'), dtype: 'float32' },
  Expm1: { emit: (graph, x) => graph.node('Sub', [graph.node('Exp', [x]), graph.scalar(1, 'float32')]) },
  Floor: { emit: operator('Floor') },
  IsFinite: {
    dtype: 'bool',
    emit: (graph, x) => {
      const isInfinite = graph.node('IsInf', [x], { dtype: 'bool' });
      const isNaN = graph.node('IsNaN', [x], { dtype: 'bool' });
      return graph.node('Not', [graph.node('Or', [isInfinite, isNaN])]);
    },
  },
  IsInf: { dtype: 'bool', emit: test('IsInf') },
  IsNan: { dtype: 'bool', emit: test('IsNaN') },
  Log: { emit: operator('Log') },
  Log1p: { emit: (graph, x) => graph.node('Log', [graph.node('Add', [x, graph.scalar(1, 'float32')])]) },
  Neg: { emit: operator('Neg'), keepsIntegers: true },
  Reciprocal: { emit: operator('Reciprocal') },
  Relu: { emit: operator('Relu') },
  Relu6: {
    emit: (graph, x) => graph.node('Clip', [x, graph.scalar(0, 'float32'), graph.scalar(6, 'float32')]),
  },
  Round: { emit: operator('Round') },
  Rsqrt: { emit: (graph, x) => graph.node('Reciprocal', [graph.node('Sqrt', [x])]) },
  Selu: {
    emit: (graph, x) =>
      graph.node('Selu', [x], {
        attributes: { alpha: { float: 1.6732632423543772 }, gamma: { float: 1.0507009873554805 } },
      }),
  },
  Sigmoid: { emit: operator('Sigmoid') },
  // ONNX's Sign of NaN is NaN, tfjs's is 0.
  Sign: {
    emit: (graph, x) => {
      const zero = graph.scalar(0, 'float32');
      const isPositive = graph.node('Greater', [x, zero], { dtype: 'bool' });
      const isNegative = graph.node('Less', [x, zero], { dtype: 'bool' });
      return graph.node('Sub', [graph.cast(isPositive, 'float32'), graph.cast(isNegative, 'float32')]);
    },
  },
  Sin: { emit: operator('Sin') },
  Sinh: { emit: operator('Sinh') },
  Softplus: { emit: operator('Softplus') },
  Sqrt: { emit: operator('Sqrt') },
  Square: { emit: (graph, x) => graph.node('Mul', [x, x]), keepsIntegers: true },
  Tan: { emit: operator('Tan') },
  Tanh: { emit: operator('Tanh') },
};

for (const [kernelName, form] of Object.entries(UNARY_KERNELS)) {
  registerOnnxKernel({
    kernelName,
    inputs: ['x'],
    infer: ([x]) => ({ shape: x!.shape, dtype: form.dtype ?? x!.dtype }),
    emit: (graph, [x]) => {
      const keeps = form.keepsIntegers === true && x!.dtype === 'int32';
      return form.emit(graph, keeps ? x! : graph.cast(x!, 'float32'));
    },
  });
}

registerOnnxKernel({
  kernelName: 'LogicalNot',
  inputs: ['x'],
  infer: ([x]): TensorSpec => ({ shape: x!.shape, dtype: 'bool' }),
  emit: (graph, [x]) => graph.node('Not', [graph.cast(x!, 'bool')]),
});
