import type { ElementType } from '../graph/element-type.ts';
import type { GraphBuilder, Value } from '../graph/graph-builder.ts';
import type { TensorSpec } from './onnx-kernel.ts';
import { registerOnnxKernel } from './register.ts';

interface UnaryForm {
  emit(graph: GraphBuilder, x: Value): Value;
  /** The type of the result; by default that of the input. */
  readonly dtype?: 'float32' | 'bool';
  /** The type to compute in when the input is whole numbers; by default float32. */
  readonly integerType?: ElementType;
  /** The type to compute in otherwise; by default float32. */
  readonly floatType?: ElementType;
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
  Abs: { emit: operator('Abs'), integerType: 'int32' },
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
  Exp: { emit: operator('Exp'), dtype: 'float32', integerType: 'float64' },
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
  Neg: { emit: operator('Neg'), integerType: 'int32' },
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
  Square: { emit: (graph, x) => graph.node('Mul', [x, x]), integerType: 'int32' },
  // The tangent of a large number is all rounding; double precision gives what JavaScript gives.
  Tan: {
    emit: (graph, x) => graph.node('Div', [graph.node('Sin', [x]), graph.node('Cos', [x])]),
    integerType: 'float64',
    floatType: 'float64',
  },
  Tanh: { emit: operator('Tanh') },
};

for (const [kernelName, form] of Object.entries(UNARY_KERNELS)) {
  registerOnnxKernel({
    kernelName,
    inputs: ['x'],
    infer: ([x]) => ({ shape: x!.shape, dtype: form.dtype ?? x!.dtype }),
    emit: (graph, [x]) => {
      const type = x!.dtype === 'float32' ? form.floatType : form.integerType;
      return form.emit(graph, graph.cast(x!, type ?? 'float32'));
    },
  });
}

registerOnnxKernel({
  kernelName: 'LogicalNot',
  inputs: ['x'],
  infer: ([x]): TensorSpec => ({ shape: x!.shape, dtype: 'bool' }),
  emit: (graph, [x]) => graph.node('Not', [graph.cast(x!, 'bool')]),
});
