import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createProgress } from '../src/terminal/progress.ts';
import { renderSummaryTables } from '../src/terminal/summary-table.ts';
import { makeResults } from './fixtures/results.ts';

function makeStream(isTTY: boolean) {
  const chunks: string[] = [];
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 120, rows: 24 }) as unknown as NodeJS.WriteStream;
  // What cli-progress asks of a terminal.
  Object.assign(stream, {
    cursorTo: () => true,
    moveCursor: () => true,
    clearLine: () => true,
    clearScreenDown: () => true,
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  return { stream, text: () => chunks.join('') };
}

const state = {
  title: 'text span linear, seed 0',
  phase: 'pre-training',
  step: 3,
  numSteps: 10,
  loss: 1.23456,
  rate: { perSecond: 1234.5, unit: 'tokens' },
  runLeftMs: 12_000,
  allLeftMs: 185_000,
};

describe('progress', () => {
  it('shows a bar with loss, rate and time left on a terminal', () => {
    const { stream, text } = makeStream(true);
    const progress = createProgress(stream);
    progress.update(state);
    progress.stop();
    expect(text()).toContain('text span linear, seed 0');
    expect(text()).toContain('loss 1.2346 · 1,235 tokens/s · 12 s left · 3 min 05 s in all');
  });

  it('writes lines only elsewhere, and none for a moment', () => {
    const { stream, text } = makeStream(false);
    const progress = createProgress(stream);
    progress.update(state);
    expect(text()).toBe('');
    progress.line('done');
    progress.stop();
    expect(text()).toBe('done\n');
  });
});

describe('renderSummaryTables', () => {
  it('prints a table per comparison with means, intervals and controls', () => {
    const tables = renderSummaryTables(makeResults());
    expect(tables).toContain('Images: one visible block, a quarter of the area');
    expect(tables).toContain('Text: random tokens masked');
    expect(tables).toMatch(/linear +│ +3 │ 0\.\d{4} ± 0\.\d{4} │ 0\.\d{3} ± 0\.\d{3}/);
    expect(tables).toMatch(/majority +│ +1 │ +– │ +0\.100 │/);
  });
});
