import { expect, it } from 'vitest';
import { renderPlots } from '../../src/report/figure.ts';
import { lossPlots } from '../../src/report/plots/loss-plots.ts';
import { makeResults } from '../fixtures/results.ts';

it('gives no two clips of still drawings one id, nor one that a drawing of the page’s script takes', async () => {
  const { markup } = await renderPlots(lossPlots(makeResults()));
  const ids = [...markup.matchAll(/ id="([^"]*clip[^"]*)"/g)].map(([, id]) => id ?? '');
  expect(ids.length).toBeGreaterThan(2);
  expect(new Set(ids).size).toBe(ids.length);
  // The script's Vega counts `clip1`, `clip2` and so on.
  expect(ids.filter((id) => /^clip\d/.test(id))).toEqual([]);
  const used = [...markup.matchAll(/"url\(#([^)]*)\)"/g)].map(([, id]) => id ?? '');
  expect(used.length).toBeGreaterThan(2);
  for (const id of used) expect(ids).toContain(id);
});
