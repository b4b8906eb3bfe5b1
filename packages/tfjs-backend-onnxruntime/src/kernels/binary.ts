import * as tf from '@tensorflow/tfjs';
import type { ElementType } from '../graph/element-type.ts';
import type { GraphBuilder, Value } from '../graph/graph-builder.ts';
import type { TensorSpec } from './onnx-kernel.ts';
import { registerOnnxKernel } from './register.ts';

interface BinaryForm {
  emit(graph: GraphBuilder, a: Value, b: Value): Value;
  /** The type of the result; by default that of the first input. */
  readonly dtype?: 'bool' | 'int32' | 'float32';
  /** The type to compute in when the inputs are whole numbers; by default int32. */
  readonly integerType?: ElementType;
  /** The type to compute in otherwise; by default float32. */
  readonly floatType?: ElementType;
}

const operator =
  (opType: string) =>
  (graph: GraphBuilder, a: Value, b: Value): Value =>
    graph.node(opType, [a, b], { shape: broadcast(a, b) });

const comparison =
  (opType: string) =>
  (graph: GraphBuilder, a: Value, b: Value): Value =>
    graph.node(opType, [a, b], { shape: broadcast(a, b), dtype: 'bool' });

/** Kernels of two tensors that broadcast against each other. */
const BINARY_KERNELS: Readonly<Record<string, BinaryForm>> = {
  Add: { emit: operator('Add') },
  Atan2: { emit: emitAtan2, integerType: 'float32' },
  BitwiseAnd: { emit: operator('BitwiseAnd') },
  Equal: { emit: comparison('Equal'), dtype: 'bool' },
  // In double precision, as JavaScript divides; and an integer division by zero would end the process.
  FloorDiv: {
    emit: (graph, a, b) => graph.node('Floor', [operator('Div')(graph, a, b)]),
    dtype: 'int32',
    integerType: 'float64',
    floatType: 'float64',
  },
  Greater: { emit: comparison('Greater'), dtype: 'bool' },
  GreaterEqual: { emit: comparison('GreaterOrEqual'), dtype: 'bool' },
  Less: { emit: comparison('Less'), dtype: 'bool' },
  LessEqual: { emit: comparison('LessOrEqual'), dtype: 'bool' },
  LogicalAnd: { emit: comparison('And'), dtype: 'bool', integerType: 'bool', floatType: 'bool' },
  LogicalOr: { emit: comparison('Or'), dtype: 'bool', integerType: 'bool', floatType: 'bool' },
  Maximum: { emit: operator('Max') },
  Minimum: { emit: operator('Min') },
  Mod: { emit: emitMod, integerType: 'float64' },
  Multiply: { emit: operator('Mul') },
  NotEqual: { emit: (graph, a, b) => graph.node('Not', [comparison('Equal')(graph, a, b)]), dtype: 'bool' },
  Pow: { emit: operator('Pow'), integerType: 'float64' },
  Prelu: { emit: emitPrelu, dtype: 'float32', integerType: 'float32' },
  RealDiv: { emit: operator('Div'), integerType: 'float64' },
  SquaredDifference: {
    emit: (graph, a, b) => {
      const difference = operator('Sub')(graph, a, b);
      return graph.node('Mul', [difference, difference]);
    },
  },
  Sub: { emit: operator('Sub') },
};

const INPUT_NAMES: Readonly<Record<string, readonly string[]>> = { Prelu: ['x', 'alpha'] };

for (const [kernelName, form] of Object.entries(BINARY_KERNELS)) {
  registerOnnxKernel({
    kernelName,
    inputs: INPUT_NAMES[kernelName] ?? ['a', 'b'],
    infer: ([a, b]): TensorSpec => ({
      shape: tf.broadcast_util.assertAndGetBroadcastShape([...a!.shape], [...b!.shape]),
      dtype: form.dtype ?? a!.dtype,
    }),
    emit: (graph, [a, b]) => {
      const hasFloat = a!.dtype === 'float32' || b!.dtype === 'float32';
      const type = hasFloat ? (form.floatType ?? 'float32') : (form.integerType ?? 'int32');
      return form.emit(graph, graph.cast(a!, type), graph.cast(b!, type));
    },
  });
}

function broadcast(a: Value, b: Value): number[] {
  return tf.broadcast_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
}

/** The remainder with the sign of the divisor; ONNX's float form has the sign of the dividend. */
function emitMod(graph: GraphBuilder, a: Value, b: Value): Value {
  const shape = broadcast(a, b);
  const zero = graph.scalar(0, a.dtype);
  const remainder = graph.node('Mod', [a, b], { shape, attributes: { fmod: 1 } });
  const shifted = graph.node('Mod', [graph.node('Add', [remainder, b], { shape }), b], {
    shape,
    attributes: { fmod: 1 },
  });
  const haveSameSign = graph.node(
    'Equal',
    [graph.node('Less', [a, zero], { dtype: 'bool' }), graph.node('Less', [b, zero], { dtype: 'bool' })],
    { shape, dtype: 'bool' },
  );
  return graph.node('Where', [haveSameSign, remainder, shifted], { shape, dtype: a.dtype });
}

/** atan(y / x), moved by half a turn where x is negative; 0 at the origin. */
function emitAtan2(graph: GraphBuilder, y: Value, x: Value): Value {
  const shape = broadcast(y, x);
  const zero = graph.scalar(0, 'float32');
  const where = (condition: Value, yes: Value, no: Value): Value =>
    graph.node('Where', [condition, yes, no], { shape, dtype: 'float32' });
  const compare = (opType: string, value: Value): Value => graph.node(opType, [value, zero], { dtype: 'bool' });

  const principal = graph.node('Atan', [graph.node('Div', [y, x], { shape })]);
  const halfTurn = where(compare('Less', y), graph.scalar(-Math.PI, 'float32'), graph.scalar(Math.PI, 'float32'));
  const angle = where(compare('Less', x), graph.node('Add', [principal, halfTurn]), principal);
  const isOrigin = graph.node('And', [compare('Equal', y), compare('Equal', x)], { shape, dtype: 'bool' });
  return where(isOrigin, where(compare('Less', x), halfTurn, zero), angle);
}

function emitPrelu(graph: GraphBuilder, x: Value, alpha: Value): Value {
  const shape = broadcast(x, alpha);
  const isNegative = graph.node('Less', [x, graph.scalar(0, x.dtype)], { dtype: 'bool' });
  return graph.node('Where', [isNegative, graph.node('Mul', [x, alpha], { shape }), x], { shape, dtype: x.dtype });
}
