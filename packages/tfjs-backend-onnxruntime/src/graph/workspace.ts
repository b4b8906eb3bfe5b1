import type { GraphBuilder } from './graph-builder.ts';

/**
 * Bytes that a graph's own values take at a time, at most, where each is freed after its last use: what a session holds
 * between runs, to within a small factor. Inputs, constants and results lie elsewhere; a reshaped value is the value.
 */
export function measureWorkspace({ nodes, outputs, produced }: GraphBuilder): number {
  const roots = new Map<string, string>();
  const rootOf = (name: string): string => roots.get(name) ?? name;
  const lastUses = new Map<string, number>();
  for (const [place, { opType, inputs, outputs: results }] of nodes.entries()) {
    if (opType === 'Reshape') roots.set(results[0]!, rootOf(inputs[0]!));
    for (const name of [...inputs, ...results]) lastUses.set(rootOf(name), place);
  }
  const own = new Map([...produced].filter(([name]) => !roots.has(name)));
  for (const { name } of outputs) own.delete(rootOf(name));

  const freed = new Map<number, number>();
  for (const [name, bytes] of own) {
    const place = lastUses.get(name);
    if (place !== undefined) freed.set(place, (freed.get(place) ?? 0) + bytes);
  }
  let [held, most] = [0, 0];
  for (const [place, { outputs: results }] of nodes.entries()) {
    for (const name of results) held += own.get(name) ?? 0;
    most = Math.max(most, held);
    held -= freed.get(place) ?? 0;
  }
  return most;
}
