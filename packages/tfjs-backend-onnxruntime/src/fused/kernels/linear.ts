import { registerOnnxKernel } from '../../kernels/register.ts';
import { arithmetic, emitRows, emitScaledProduct } from './emit.ts';
import { emitAffineGradients } from './weight-gradient.ts';

/** x, weight and maybe bias → y: one product over all rows. */
export const LINEAR = 'FusedLinear';
/** dy, weight → dx. */
export const LINEAR_INPUT_GRADIENT = 'FusedLinearInputGradient';
/** x, dy → dweight, dbias. */
export const LINEAR_WEIGHT_GRADIENT = 'FusedLinearWeightGradient';

registerOnnxKernel({
  kernelName: LINEAR,
  inputs: ['x', 'weight', 'bias'],
  infer: ([x, weight]) => ({ shape: [...x!.shape.slice(0, -1), weight!.shape[1]!], dtype: 'float32' }),
  emit: (graph, [x, weight, bias]) => {
    const product = emitScaledProduct(graph, emitRows(graph, x!), weight!);
    return bias === undefined ? product : arithmetic(graph).add(product, bias);
  },
});

registerOnnxKernel({
  kernelName: LINEAR_INPUT_GRADIENT,
  inputs: ['dy', 'weight'],
  infer: ([dy, weight]) => ({ shape: [...dy!.shape.slice(0, -1), weight!.shape[0]!], dtype: 'float32' }),
  emit: (graph, [dy, weight]) => emitScaledProduct(graph, emitRows(graph, dy!), weight!, { transposeB: true }),
});

registerOnnxKernel({
  kernelName: LINEAR_WEIGHT_GRADIENT,
  inputs: ['x', 'dy'],
  infer: ([x, dy]) => [
    { shape: [x!.shape.at(-1)!, dy!.shape.at(-1)!], dtype: 'float32' },
    { shape: [dy!.shape.at(-1)!], dtype: 'float32' },
  ],
  emit: (graph, [x, dy]) => emitAffineGradients(graph, [emitRows(graph, x!)], [emitRows(graph, dy!)]),
});
