import { registerOnnxKernel } from '../../kernels/register.ts';
import { arithmetic } from './emit.ts';

/** parameters, moments, gradient, rates → parameters, moments. */
export const ADAMW = 'FusedAdamW';

interface AdamWAttributes {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

registerOnnxKernel<AdamWAttributes>({
  kernelName: ADAMW,
  inputs: ['parameters', 'firstMoment', 'secondMoment', 'gradient', 'stepSize', 'secondCorrection', 'decay'],
  infer: ([parameters]) => [parameters!, parameters!, parameters!],
  emit: (graph, inputs, { beta1, beta2, epsilon }) => {
    const [p, m, v, g, stepSize, secondCorrection, decay] = inputs;
    const { add, sub, mul, div, scaled } = arithmetic(graph);
    const firstMoment = add(scaled(m!, beta1), scaled(g!, 1 - beta1));
    const secondMoment = add(scaled(v!, beta2), scaled(mul(g!, g!), 1 - beta2));
    // stepSize · m' / (√v' / c + ε) as (stepSize · c) · m' / (√v' + c · ε): the factors are scalars, one pass less.
    const deviation = add(graph.node('Sqrt', [secondMoment]), scaled(secondCorrection!, epsilon));
    const change = mul(div(firstMoment, deviation), mul(stepSize!, secondCorrection!));
    return [sub(mul(p!, decay!), change), firstMoment, secondMoment];
  },
});
