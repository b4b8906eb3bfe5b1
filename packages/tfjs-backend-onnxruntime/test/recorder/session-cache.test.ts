import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/graph-builder.ts';
import { encodeModel } from '../../src/graph/model-encoder.ts';
import { type Plan, SessionCache } from '../../src/recorder/session-cache.ts';
import type { Structure } from '../../src/recorder/structure.ts';
import { COPY_STOPPER, NativeSession } from '../../src/runtime/binding.ts';

function createPlan(code: Int32Array, workspaceBytes = 0): Plan {
  const graph = new GraphBuilder({ hasRuntimeOperators: false, channelBlock: null });
  const { name } = graph.output(graph.node('Neg', [graph.input('x', 'float32', [1])]));
  const session = new NativeSession(encodeModel(graph, { sequenceOutput: COPY_STOPPER }), {});
  return { code, session, feeds: [], outputNames: [name], workspaceBytes };
}

function createStructure(hash: number, ...code: number[]): Structure {
  return { kernels: [], leaves: [], results: [], hash, code: Int32Array.from(code) };
}

describe('SessionCache', () => {
  it('tells graphs apart that happen to have the same hash', () => {
    const cache = new SessionCache(4, 100);
    const structure = createStructure(7, 1, 2, 3);
    cache.add(7, createPlan(structure.code));
    expect(cache.find(createStructure(7, 1, 2, 3))).not.toBeNull();
    expect(cache.find(createStructure(7, 1, 2, 4))).toBeNull();
    expect(cache.find(createStructure(7, 1, 2))).toBeNull();
    cache.clear();
    expect(cache.size).toBe(0);
  });

  it('drops the plan that was used longest ago', () => {
    const cache = new SessionCache(2, 100);
    for (const hash of [1, 2]) cache.add(hash, createPlan(Int32Array.of(hash)));
    cache.find(createStructure(1, 1));
    cache.add(3, createPlan(Int32Array.of(3)));
    expect(cache.find(createStructure(1, 1))).not.toBeNull();
    expect(cache.find(createStructure(2, 2))).toBeNull();
    expect(cache.size).toBe(2);
    cache.clear();
  });

  it('drops plans until the others leave room for the memory of a new one', () => {
    const cache = new SessionCache(9, 100);
    for (const hash of [1, 2, 3]) cache.add(hash, createPlan(Int32Array.of(hash), 30));
    cache.add(4, createPlan(Int32Array.of(4), 50));
    expect([1, 2, 3, 4].map((hash) => cache.find(createStructure(hash, hash)) !== null)).toEqual([
      false,
      false,
      true,
      true,
    ]);
    cache.clear();
  });

  it('keeps a plan that is larger than the bound while it is the newest', () => {
    const cache = new SessionCache(9, 100);
    cache.add(1, createPlan(Int32Array.of(1), 30));
    cache.add(2, createPlan(Int32Array.of(2), 300));
    expect(cache.size).toBe(1);
    expect(cache.find(createStructure(2, 2))).not.toBeNull();
    cache.add(3, createPlan(Int32Array.of(3), 30));
    expect(cache.find(createStructure(2, 2))).toBeNull();
    expect(cache.size).toBe(1);
    cache.clear();
  });
});
