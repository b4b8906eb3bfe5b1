import type { Value } from '../../graph/graph-builder.ts';
import { emitColumnSums } from '../../kernels/reduce.ts';
import { registerOnnxKernel } from '../../kernels/register.ts';
import { arithmetic, emitRows } from './emit.ts';
import { emitMlp, emitMlpGradient, hiddenSpecs, splitLike } from './mlp.ts';
import {
  emitFolded,
  emitFoldedWeight,
  emitFoldGradient,
  emitNormalize,
  emitNormalizeGradient,
  normalizedSpecs,
} from './normalize.ts';
import { emitWeightGradient } from './weight-gradient.ts';

/** x, gamma, beta, expand weight and bias, contract weight and bias → y, then m, 1 / deviation and `hiddenSpecs`. */
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
    const [m, inverseDeviation] = emitNormalize(graph, x, epsilon);
    const folded = emitFolded(graph, norm, expandWeight, expandBias);
    const { y, hidden } = emitMlp(graph, m, folded, null, contractWeight);
    return [add(add(y, emitRows(graph, x)), contractBias), m, inverseDeviation, ...hidden];
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
    const [dy, gamma, beta, expandWeight, contractWeight, m, inverseDeviation, ...hidden] = inputs as [
      ...Inputs,
      ...Value[],
    ];
    const norm = { gamma, beta };
    const rows = emitRows(graph, dy);
    const folded = emitFoldedWeight(graph, norm, expandWeight);
    const { dx, dHidden, dContractWeight } = emitMlpGradient(graph, rows, folded, contractWeight, hidden);
    const dFolded = emitWeightGradient(graph, splitLike(graph, m, dHidden), dHidden);
    const { dGamma, dBeta, dWeight, dBias } = emitFoldGradient(graph, norm, expandWeight, dFolded);
    const dResidual = emitNormalizeGradient(graph, dx, m, inverseDeviation, rows);
    return [dResidual, dGamma, dBeta, dWeight, dBias, dContractWeight, emitColumnSums(graph, rows)];
  },
});
