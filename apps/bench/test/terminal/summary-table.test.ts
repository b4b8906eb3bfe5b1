import { describe, expect, it } from 'vitest';
import { renderSummaryTables } from '../../src/terminal/summary-table.ts';
import { makeResults } from '../fixtures/results.ts';

describe('renderSummaryTables', () => {
  it('prints a table per comparison with means, intervals and controls', () => {
    const tables = renderSummaryTables(makeResults());
    expect(tables).toContain('Images: one visible block, a quarter of the area');
    expect(tables).toContain('Text: random tokens masked');
    expect(tables).toMatch(/linear +│ +3 │ 0\.\d{4} ± 0\.\d{4} │ 0\.\d{3} ± 0\.\d{3}/);
    expect(tables).toMatch(/majority +│ +1 │ +– │ +0\.100 │/);
  });
});
