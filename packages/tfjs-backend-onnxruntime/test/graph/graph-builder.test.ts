import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/graph-builder.ts';

function createGraph(): GraphBuilder {
  return new GraphBuilder({ hasRuntimeOperators: false, channelBlock: null });
}

describe('GraphBuilder', () => {
  it('writes equal constants once, and tells types and shapes apart', () => {
    const graph = createGraph();
    expect(graph.int64s([1, 2])).toBe(graph.int64s([1, 2]));
    expect(graph.int64s([1, 2])).not.toBe(graph.constant([1, 2], 'int64', [2, 1]));
    expect(graph.scalar(0, 'float32')).not.toBe(graph.scalar(0, 'int32'));
    expect(graph.constants.size).toBe(4);
  });

  it('keeps NaN and minus zero as they are', () => {
    const graph = createGraph();
    expect(graph.scalar(-0, 'float32')).not.toBe(graph.scalar(0, 'float32'));
    expect(graph.scalar(NaN, 'float32')).toBe(graph.scalar(NaN, 'float32'));
  });

  it('reshapes a value to the same shape once, and to its own not at all', () => {
    const graph = createGraph();
    const x = graph.input('x', 'float32', [2, 3]);
    expect(graph.reshape(x, [2, 3])).toBe(x);
    expect(graph.reshape(x, [6])).toBe(graph.reshape(x, [6]));
    expect(graph.nodes).toHaveLength(1);
  });

  it('returns an input, a constant or the same value twice through nodes of their own', () => {
    const graph = createGraph();
    const x = graph.input('x', 'float32', [2]);
    const y = graph.node('Neg', [x]);
    const outputs = [x, y, y, graph.scalar(1, 'float32')].map((value) => graph.output(value).name);
    expect(new Set(outputs).size).toBe(4);
    expect(outputs[1]).toBe(y.name);
    expect(graph.nodes.map(({ opType }) => opType)).toEqual(['Neg', 'Identity', 'Identity', 'Identity']);
  });

  it('does not transpose where nothing moves', () => {
    const graph = createGraph();
    const x = graph.input('x', 'float32', [2, 3]);
    expect(graph.transpose(x, [0, 1])).toBe(x);
    expect(graph.transpose(x, [1, 0]).shape).toEqual([3, 2]);
  });
});
