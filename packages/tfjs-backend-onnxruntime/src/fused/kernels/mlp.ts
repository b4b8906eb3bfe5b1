import type { GraphBuilder, Value } from '../../graph/graph-builder.ts';
import { sizeOf } from '../../graph/element-type.ts';
import type { TensorSpec } from '../../kernels/onnx-kernel.ts';
import { emitColumnSums } from '../../kernels/reduce.ts';
import { registerOnnxKernel } from '../../kernels/register.ts';
import { arithmetic, emitRows, emitScaledProduct } from './emit.ts';
import { emitGelu } from './gelu.ts';
import { emitAffineGradients, emitWeightGradient } from './weight-gradient.ts';

/** x, expand weight and bias, contract weight and bias → y, then what {@link hiddenSpecs} says. */
export const MLP = 'FusedMlp';
/** A list: dy, x, both weights, then what was saved of the hidden units → dx and the gradients of the four parameters. */
export const MLP_GRADIENT = 'FusedMlpGradient';

/**
 * Hidden units that are worked on at once. The element-wise passes between the two products then find them in the
 * processor's cache, where all rows at once would go through memory each time.
 */
const CHUNK_ELEMENTS = 2 ** 20;

registerOnnxKernel({
  kernelName: MLP,
  inputs: ['x', 'expandWeight', 'expandBias', 'contractWeight', 'contractBias'],
  infer: ([x, expandWeight, , contractWeight]) => [
    { shape: [...x!.shape.slice(0, -1), contractWeight!.shape[1]!], dtype: 'float32' },
    ...hiddenSpecs(x!, expandWeight!),
  ],
  emit: (graph, [x, expandWeight, expandBias, contractWeight, contractBias]) => {
    const { y, hidden } = emitMlp(graph, emitRows(graph, x!), expandWeight!, expandBias!, contractWeight!);
    return [arithmetic(graph).add(y, contractBias!), ...hidden];
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
  emit: (graph, [dy, x, expandWeight, contractWeight, ...hidden]) => {
    const dyRows = emitRows(graph, dy!);
    const { dx, dHidden, dContractWeight } = emitMlpGradient(graph, dyRows, expandWeight!, contractWeight!, hidden);
    const [dExpandWeight, dExpandBias] = emitAffineGradients(
      graph,
      splitLike(graph, emitRows(graph, x!), dHidden),
      dHidden,
    );
    return [dx, dExpandWeight, dExpandBias, dContractWeight, emitColumnSums(graph, dyRows)];
  },
});

/** What the gradient needs of the hidden units, of every chunk of rows: `gelu(h) / √2` and the slope of gelu at h. */
export function hiddenSpecs(x: TensorSpec, expandWeight: TensorSpec): TensorSpec[] {
  const hiddenDim = expandWeight.shape[1]!;
  return chunkRows(sizeOf(x.shape.slice(0, -1)), hiddenDim).flatMap((rows) => {
    const hidden = { shape: [rows, hiddenDim], dtype: 'float32' } as const;
    return [hidden, hidden];
  });
}

/** `gelu(rows · expandWeight + expandBias) · contractWeight`, without the last bias and maybe without the first. */
export function emitMlp(
  graph: GraphBuilder,
  rows: Value,
  expandWeight: Value,
  expandBias: Value | null,
  contractWeight: Value,
): { y: Value; hidden: Value[] } {
  const { add, scaled } = arithmetic(graph);
  const bias = expandBias && scaled(expandBias, Math.SQRT1_2);
  const parts = split(graph, rows, chunkRows(rows.shape[0]!, expandWeight.shape[1]!)).map((chunk) => {
    // The product gives u = h / √2 outright, and what is lost by u · Φ in place of h · Φ comes back in the next product.
    const product = emitScaledProduct(graph, chunk, expandWeight, { scale: Math.SQRT1_2 });
    const u = bias ? add(product, bias) : product;
    const [active, slope] = emitGelu(graph, u, u);
    return { y: emitScaledProduct(graph, active, contractWeight, { scale: Math.SQRT2 }), hidden: [active, slope] };
  });
  const y = join(
    graph,
    parts.map((part) => part.y),
  );
  return { y, hidden: parts.flatMap((part) => part.hidden) };
}

/**
 * @param expandWeight the matrix that dx comes through.
 * @returns the gradient of the hidden units before their GELU by chunks of rows.
 */
export function emitMlpGradient(
  graph: GraphBuilder,
  dyRows: Value,
  expandWeight: Value,
  contractWeight: Value,
  hidden: readonly Value[],
): { dx: Value; dHidden: Value[]; dContractWeight: Value } {
  const { mul } = arithmetic(graph);
  const active = hidden.filter((_, index) => index % 2 === 0);
  const slopes = hidden.filter((_, index) => index % 2 === 1);
  const dyChunks = splitLike(graph, dyRows, active);
  const dHidden = dyChunks.map((dy, index) =>
    mul(emitScaledProduct(graph, dy, contractWeight, { transposeB: true }), slopes[index]!),
  );
  const dx = join(
    graph,
    dHidden.map((chunk) => emitScaledProduct(graph, chunk, expandWeight, { transposeB: true })),
  );
  return { dx, dHidden, dContractWeight: emitWeightGradient(graph, active, dyChunks, Math.SQRT2) };
}

/** Chunks of as many rows as `chunks` have. */
export function splitLike(graph: GraphBuilder, rows: Value, chunks: readonly Value[]): Value[] {
  return split(
    graph,
    rows,
    chunks.map(({ shape }) => shape[0]!),
  );
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
