import { registerOnnxKernel } from '../../kernels/register.ts';
import { arithmetic, emitScaledProduct } from './emit.ts';

/** logits, labels, each row's share of the mean → loss, log-probabilities. */
export const SOFTMAX_CROSS_ENTROPY = 'FusedSoftmaxCrossEntropy';
/** dy, log-probabilities, labels, shares → dlogits. */
export const SOFTMAX_CROSS_ENTROPY_GRADIENT = 'FusedSoftmaxCrossEntropyGradient';

registerOnnxKernel({
  kernelName: SOFTMAX_CROSS_ENTROPY,
  inputs: ['logits', 'labels', 'share'],
  infer: ([logits]) => [{ shape: [], dtype: 'float32' }, logits!],
  emit: (graph, [logits, labels, share]) => {
    const rows = logits!.shape[0]!;
    const logProbabilities = graph.node('LogSoftmax', [logits!], { attributes: { axis: -1 } });
    const atLabel = graph.node('GatherElements', [logProbabilities, graph.reshape(labels!, [rows, 1])], {
      shape: [rows, 1],
      attributes: { axis: 1 },
    });
    return [emitScaledProduct(graph, graph.reshape(share!, [1, rows]), atLabel, { scale: -1 }), logProbabilities];
  },
});

registerOnnxKernel({
  kernelName: SOFTMAX_CROSS_ENTROPY_GRADIENT,
  inputs: ['dy', 'logProbabilities', 'labels', 'share'],
  infer: ([, logProbabilities]) => logProbabilities!,
  emit: (graph, [dy, logProbabilities, labels, share]) => {
    const { mul } = arithmetic(graph);
    const rows = share!.shape[0]!;
    const scale = graph.reshape(mul(share!, dy!), [rows, 1]);
    const weighted = mul(graph.node('Exp', [logProbabilities!]), scale);
    // One number is taken off in each row; a one-hot matrix would be as large as the logits.
    return graph.node('ScatterElements', [weighted, graph.reshape(labels!, [rows, 1]), graph.node('Neg', [scale])], {
      attributes: { axis: 1, reduction: 'add' },
    });
  },
});
