import { describe, expect, it } from 'vitest';
import { differencePlot, reachOf, type Difference } from '../../../src/report/plots/difference-plot.ts';

const base = { color: 'blue', text: '' } as const;
const differences: Difference[] = [
  { ...base, label: 'above', value: 0.02, interval: { low: 0.01, high: 0.03 } },
  { ...base, label: 'open', value: 0.02, interval: { low: -0.01, high: 0.05 } },
  { ...base, label: 'below', value: -0.02, interval: { low: -0.03, high: -0.01 } },
  { ...base, label: 'one seed', value: 0.3, interval: null },
];
const options = { name: 'gain', title: 'Gain', caption: 'Gain', description: 'Gain.', differences } as const;

interface Spec {
  readonly data: { readonly values: readonly { label: string; stroke: string; fill: string }[] };
  readonly layer: readonly { readonly encoding: { readonly x: { readonly scale: Record<string, unknown> } } }[];
}
const specOf = (better: 'lower' | 'higher', reach?: number): Spec =>
  JSON.parse(
    JSON.stringify(differencePlot({ ...options, better, ...(reach !== undefined && { reach }) }).buildSpec('page')),
  ) as Spec;

const scaleOf = (spec: Spec) => spec.layer[0]?.encoding.x.scale;

describe('differencePlot', () => {
  it('fills a point only where its interval leaves zero out', () => {
    const filled = specOf('higher').data.values.filter(({ fill, stroke }) => fill === stroke);
    expect(filled.map(({ label }) => label)).toEqual(['above', 'below']);
  });

  it('puts zero in the middle, and what is better on the right', () => {
    expect(scaleOf(specOf('higher', 0.5))).toEqual({ domainMin: -0.53, domainMax: 0.53, nice: false, reverse: false });
    expect(scaleOf(specOf('lower', 0.5))).toMatchObject({ reverse: true });
    expect(JSON.stringify(specOf('lower'))).toContain('less is better →');
  });

  it('reaches as far as the farthest end of an interval', () => {
    expect(reachOf(differences.slice(0, 3))).toBe(0.05);
    expect(reachOf(differences)).toBe(0.3);
    expect(reachOf([])).toBe(0);
  });
});
