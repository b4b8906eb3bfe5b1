import { emitColumnSums } from '../../kernels/reduce.ts';
import { registerOnnxKernel } from '../../kernels/register.ts';
import { emitRows, emitScaledProduct } from './emit.ts';

/** x, weight and maybe bias → y: one `Gemm` over all rows. */
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
    const rows = emitRows(graph, x!);
    if (bias === undefined) return emitScaledProduct(graph, rows, weight!);
    return graph.node('Gemm', [rows, weight!, bias], { shape: [rows.shape[0]!, weight!.shape[1]!] });
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
  emit: (graph, [x, dy]) => {
    const rows = emitRows(graph, dy!);
    return [emitScaledProduct(graph, emitRows(graph, x!), rows, { transposeA: true }), emitColumnSums(graph, rows)];
  },
});
