import type { GraphBuilder, Value } from '../graph/graph-builder.ts';
import type { TensorSpec } from './onnx-kernel.ts';
import { registerOnnxKernel } from './register.ts';

/** Activations that tfjs fuses into matrix products and convolutions. */
type Activation = 'linear' | 'relu' | 'relu6' | 'elu' | 'prelu' | 'leakyrelu' | 'sigmoid';

export interface ActivationAttributes {
  readonly activation?: Activation;
  readonly leakyreluAlpha?: number;
}

/** Applies a fused activation; `alpha` holds PReLU's slopes. */
export function emitActivation(
  graph: GraphBuilder,
  x: Value,
  { activation, leakyreluAlpha }: ActivationAttributes,
  alpha: Value | undefined,
): Value {
  switch (activation ?? 'linear') {
    case 'linear':
      return x;
    case 'relu':
      return graph.node('Relu', [x]);
    case 'relu6':
      return graph.node('Clip', [x, graph.scalar(0, 'float32'), graph.scalar(6, 'float32')]);
    case 'elu':
      return graph.node('Elu', [x]);
    case 'sigmoid':
      return graph.node('Sigmoid', [x]);
    case 'leakyrelu':
      return graph.node('LeakyRelu', [x], { attributes: { alpha: { float: leakyreluAlpha ?? 0.2 } } });
    case 'prelu':
      return graph.node('PRelu', [x, alpha!]);
  }
}

registerOnnxKernel<{ readonly alpha: number }>({
  kernelName: 'LeakyRelu',
  inputs: ['x'],
  infer: ([x]): TensorSpec => ({ shape: x!.shape, dtype: 'float32' }),
  emit: (graph, [x], { alpha }) =>
    emitActivation(graph, graph.cast(x!, 'float32'), { activation: 'leakyrelu', leakyreluAlpha: alpha }, undefined),
});

registerOnnxKernel<{ readonly alpha: number }>({
  kernelName: 'Step',
  inputs: ['x'],
  infer: ([x]): TensorSpec => x!,
  emit: (graph, [x], { alpha }) => {
    const input = graph.cast(x!, 'float32');
    // The sign of relu(x) is 1 or 0, and stays NaN where x is.
    const isPositive = graph.node('Sign', [graph.node('Relu', [input])]);
    if (alpha === 0) return isPositive;
    const scaled = graph.node('Mul', [isPositive, graph.scalar(1 - alpha, 'float32')]);
    return graph.node('Add', [scaled, graph.scalar(alpha, 'float32')]);
  },
});

registerOnnxKernel({
  kernelName: 'EluGrad',
  inputs: ['dy', 'y'],
  infer: ([, y]): TensorSpec => ({ shape: y!.shape, dtype: 'float32' }),
  emit: (graph, [dy, y]) => {
    // dy where y >= 0, else dy (y + 1): one product, since min(y, 0) + 1 is 1 there.
    const slope = graph.node('Add', [graph.node('Min', [y!, graph.scalar(0, 'float32')]), graph.scalar(1, 'float32')]);
    return graph.node('Mul', [dy!, slope]);
  },
});

registerOnnxKernel<{ readonly clipValueMin: number; readonly clipValueMax: number }>({
  kernelName: 'ClipByValue',
  inputs: ['x'],
  key: () => null,
  scalars: ({ clipValueMin, clipValueMax }) => [clipValueMin, clipValueMax],
  infer: ([x]): TensorSpec => x!,
  emit: (graph, [x, minimum, maximum]) => graph.node('Clip', [graph.cast(x!, 'float32'), minimum!, maximum!]),
});
