import type { Value } from '../../graph/graph-builder.ts';
import { emitColumnSums } from '../../kernels/reduce.ts';
import { registerOnnxKernel } from '../../kernels/register.ts';
import { arithmetic, emitRows } from './emit.ts';
import { emitMlp, emitMlpGradient, hiddenSpecs } from './mlp.ts';
import {
  emitCentered,
  emitFoldedBias,
  emitFoldedWeight,
  emitFoldGradient,
  emitNormalize,
  emitNormalizeGradient,
  normalizedSpecs,
} from './normalize.ts';

/** x, gamma, beta, expand weight and bias, contract weight and bias → y, then n, 1 / deviation and the hidden units' share. */
export const RESIDUAL_MLP = 'FusedResidualMlp';
/** A list: dy, gamma, beta, both weights, then what was saved → dx and the gradients of the six parameters. */
export const RESIDUAL_MLP_GRADIENT = 'FusedResidualMlpGradient';

type Inputs = [Value, Value, Value, Value, Value, Value, Value];

registerOnnxKernel<{ readonly epsilon: number }>({
  kernelName: RESIDUAL_MLP,
  inputs: ['x', 'gamma', 'beta', 'expandWeight', 'expandBias', 'contractWeight', 'contractBias'],
  infer: ([x, , , expandWeight]) => [x!, ...normalizedSpecs(x!), ...hiddenSpecs(x!, expandWeight!)],
  emit: (graph, inputs, { epsilon }) => {
    const [x, gamma, beta, expandWeight, expandBias, contractWeight, contractBias] = inputs as Inputs;
    const { add } = arithmetic(graph);
    const norm = { gamma, beta };
    const [n, inverseDeviation] = emitNormalize(graph, x, epsilon);
    const foldedWeight = emitFoldedWeight(graph, norm, expandWeight);
    const foldedBias = emitFoldedBias(graph, norm, expandWeight, expandBias);
    const { y, hidden } = emitMlp(graph, n, foldedWeight, foldedBias, contractWeight);
    return [add(add(y, emitRows(graph, x)), contractBias), n, inverseDeviation, ...hidden];
  },
});

registerOnnxKernel({
  kernelName: RESIDUAL_MLP_GRADIENT,
  inputs: 'list',
  infer: ([dy, gamma, beta, expandWeight, contractWeight]) => [
    dy!,
    gamma!,
    beta!,
    expandWeight!,
    { shape: [expandWeight!.shape[1]!], dtype: 'float32' },
    contractWeight!,
    gamma!, // the last bias is as long
  ],
  emit: (graph, inputs) => {
    const [dy, gamma, beta, expandWeight, contractWeight, n, inverseDeviation, ...hidden] = inputs as [
      ...Inputs,
      ...Value[],
    ];
    const norm = { gamma, beta };
    const rows = emitRows(graph, dy);
    const centered = emitCentered(graph, emitFoldedWeight(graph, norm, expandWeight));
    const gradient = emitMlpGradient(graph, rows, n, centered, contractWeight, hidden);
    const { dGamma, dBeta, dWeight } = emitFoldGradient(
      graph,
      norm,
      expandWeight,
      gradient.dExpandWeight,
      gradient.dExpandBias,
    );
    return [
      emitNormalizeGradient(graph, gradient.dx, n, inverseDeviation, rows),
      dGamma,
      dBeta,
      dWeight,
      gradient.dExpandBias,
      gradient.dContractWeight,
      emitColumnSums(graph, rows),
    ];
  },
});
