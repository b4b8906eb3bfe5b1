import type { GraphBuilder, Value } from '../../graph/graph-builder.ts';
import { sizeOf } from '../../graph/element-type.ts';
import { emitColumnSums } from '../../kernels/reduce.ts';
import { registerOnnxKernel } from '../../kernels/register.ts';
import { arithmetic, emitRows, emitScaledProduct } from './emit.ts';
import { emitGeluSlope } from './gelu.ts';

/** x, expand weight and bias, contract weight and bias → y, then u and Φ of every chunk of rows. */
export const MLP = 'FusedMlp';
/** A list: dy, x, both weights, then u and Φ of every chunk → dx and the gradients of the four parameters. */
export const MLP_GRADIENT = 'FusedMlpGradient';

/**
 * Hidden units that are worked on at once. The element-wise passes between the two products then find them in the
 * processor's cache, where all rows at once would go through memory each time.
 */
const CHUNK_ELEMENTS = 2 ** 20;

registerOnnxKernel({
  kernelName: MLP,
  inputs: ['x', 'expandWeight', 'expandBias', 'contractWeight', 'contractBias'],
  infer: ([x, expandWeight, , contractWeight]) => {
    const hiddenDim = expandWeight!.shape[1]!;
    const chunks = chunkRows(sizeOf(x!.shape.slice(0, -1)), hiddenDim).flatMap((rows) => {
      const hidden = { shape: [rows, hiddenDim], dtype: 'float32' } as const;
      return [hidden, hidden];
    });
    return [{ shape: [...x!.shape.slice(0, -1), contractWeight!.shape[1]!], dtype: 'float32' }, ...chunks];
  },
  emit: (graph, [x, expandWeight, expandBias, contractWeight, contractBias]) => {
    const { mul } = arithmetic(graph);
    const [hiddenDim, outputDim] = contractWeight!.shape as [number, number];
    const rows = emitRows(graph, x!);
    const parts = split(graph, rows, chunkRows(rows.shape[0]!, hiddenDim)).map((chunk) => {
      const numRows = chunk.shape[0]!;
      // The product gives u = hidden / √2 outright, and y = √2 · u · Φ gets its factor in the next product.
      const u = graph.node('Gemm', [chunk, expandWeight!, expandBias!], {
        shape: [numRows, hiddenDim],
        attributes: { alpha: { float: Math.SQRT1_2 }, beta: { float: Math.SQRT1_2 } },
      });
      const half = { alpha: { float: 0.5 }, beta: { float: 0.5 } };
      const cumulative = graph.node('HardSigmoid', [graph.node('Erf', [u])], { attributes: half });
      const y = graph.node('Gemm', [mul(u, cumulative), contractWeight!, contractBias!], {
        shape: [numRows, outputDim],
        attributes: { alpha: { float: Math.SQRT2 } },
      });
      return { y, saved: [u, cumulative] };
    });
    const y = join(
      graph,
      parts.map((part) => part.y),
    );
    return [y, ...parts.flatMap((part) => part.saved)];
  },
});

registerOnnxKernel({
  kernelName: MLP_GRADIENT,
  inputs: 'list',
  infer: ([dy, x, expandWeight, contractWeight]) => [
    x!,
    expandWeight!,
    { shape: [expandWeight!.shape[1]!], dtype: 'float32' },
    contractWeight!,
    { shape: [dy!.shape.at(-1)!], dtype: 'float32' },
  ],
  emit: (graph, [dy, x, expandWeight, contractWeight, ...saved]) => {
    const { mul } = arithmetic(graph);
    const sizes = saved.filter((_, index) => index % 2 === 0).map((u) => u.shape[0]!);
    const dyRows = emitRows(graph, dy!);
    const xChunks = split(graph, emitRows(graph, x!), sizes);
    const dxChunks: Value[] = [];
    let [dExpand, dExpandBias, dContract]: (Value | undefined)[] = [];
    for (const [index, dyChunk] of split(graph, dyRows, sizes).entries()) {
      const [u, cumulative] = [saved[2 * index]!, saved[2 * index + 1]!];
      const dActivation = emitScaledProduct(graph, dyChunk, contractWeight!, { transposeB: true });
      const dHidden = mul(dActivation, emitGeluSlope(graph, u, cumulative));
      dContract = accumulate(graph, mul(u, cumulative), dyChunk, Math.SQRT2, dContract);
      dExpand = accumulate(graph, xChunks[index]!, dHidden, 1, dExpand);
      const sums = emitColumnSums(graph, dHidden);
      dExpandBias = dExpandBias === undefined ? sums : graph.node('Add', [dExpandBias, sums]);
      dxChunks.push(emitScaledProduct(graph, dHidden, expandWeight!, { transposeB: true }));
    }
    return [join(graph, dxChunks), dExpand!, dExpandBias!, dContract!, emitColumnSums(graph, dyRows)];
  },
});

/** `scale · aᵀ · b`, added to what there is. */
function accumulate(graph: GraphBuilder, a: Value, b: Value, scale: number, total: Value | undefined): Value {
  if (total === undefined) return emitScaledProduct(graph, a, b, { transposeA: true, scale });
  return graph.node('Gemm', [a, b, total], {
    shape: total.shape,
    attributes: { transA: 1, alpha: { float: scale } },
  });
}

/** Row counts of the chunks, as even as can be. */
function chunkRows(numRows: number, hiddenDim: number): number[] {
  const numChunks = Math.max(1, Math.min(numRows, Math.round((numRows * hiddenDim) / CHUNK_ELEMENTS)));
  return Array.from(
    { length: numChunks },
    (_, index) => Math.floor(((index + 1) * numRows) / numChunks) - Math.floor((index * numRows) / numChunks),
  );
}

function split(graph: GraphBuilder, rows: Value, sizes: readonly number[]): Value[] {
  if (sizes.length === 1) return [rows];
  const outputs = sizes.map((size) => ({ shape: [size, rows.shape[1]!], dtype: rows.dtype }));
  return graph.nodeWithOutputs('Split', [rows, graph.int64s(sizes)], outputs, { attributes: { axis: 0 } });
}

function join(graph: GraphBuilder, chunks: readonly Value[]): Value {
  if (chunks.length === 1) return chunks[0]!;
  const numRows = chunks.reduce((sum, { shape }) => sum + shape[0]!, 0);
  return graph.node('Concat', chunks, { shape: [numRows, chunks[0]!.shape[1]!], attributes: { axis: 0 } });
}
