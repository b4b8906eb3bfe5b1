import { describe, expect, it } from 'vitest';
import { renderSummaryTables } from '../../src/terminal/summary-table.ts';
import { makeFullResults } from '../fixtures/full-results.ts';
import { makeResults } from '../fixtures/results.ts';

describe('renderSummaryTables', () => {
  it('prints a table per comparison with means, intervals and controls', () => {
    const tables = renderSummaryTables(makeResults());
    expect(tables).toContain('Images: one visible block · synthetic vision · vit-atto\n');
    expect(tables).toContain('Text: random tokens masked');
    expect(tables).toMatch(/linear +│ +3 │ 0\.\d{4} ± 0\.\d{4} │ 0\.\d{3} ± 0\.\d{3}/);
    expect(tables).toMatch(/majority +│ +1 │ +– │ +0\.100 │/);
  });

  it('puts the probes of each data set into a table of their own, without lines between the rows', () => {
    const tables = renderSummaryTables(makeFullResults()).split('\n\n');
    const trec = tables.find((table) => table.startsWith('Text: random tokens masked') && table.includes('on trec'));
    expect(trec).toContain('probed on trec\n');
    expect(trec).toMatch(/method +│ seeds │ +kNN │ +linear probe │ +tran-1 │ +fine-tuning │/);
    expect(trec?.match(/├/g)).toHaveLength(1);
    expect(
      Math.max(
        ...tables
          .join('\n')
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThan(130);
  });
});
