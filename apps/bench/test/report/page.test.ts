import { beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from '../../src/report/page.ts';
import { makeResults, makeRun } from '../fixtures/results.ts';

const png = new Uint8Array([137, 80, 78, 71]);
const readPicture = async (): Promise<Uint8Array> => png;
const rows = ['original', 'visible', 'reconstruction'].map((label) => ({ label, file: `runs/${label}.png` }));
const pictures = [{ kind: 'reconstruction' as const, caption: 'Held-out pictures.', numPictures: 8, rows }];

const operation = { operation: 'stepwise', pass: 'forward', grid: '8×8', dim: 192, durationMs: 1.5, gflops: null };
let page: string;
beforeAll(async () => {
  const results = makeResults({ operators: [operation] });
  results.runs[0] = makeRun({ method: 'mask-token', pictures });
  page = await renderReport(results, readPicture);
});

describe('the report', () => {
  it('needs nothing from outside', () => {
    const sources = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, source]) => source ?? '');
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) expect(source).toMatch(/^data:image\/png;base64,/);
    expect(page).not.toMatch(/<script|@import|url\((?!#)/);
  });

  it('puts the summary first, methods above controls', () => {
    const summary = page.indexOf('id="summary"');
    expect(summary).toBeGreaterThan(0);
    for (const id of ['differences', 'loss', 'pictures', 'operators', 'provenance']) {
      expect(page.indexOf(`id="${id}"`)).toBeGreaterThan(summary);
    }
    expect(page.indexOf('>linear<')).toBeLessThan(page.indexOf('>random-init<'));
  });

  it('stamps synthetic data and a smoke run', () => {
    expect(page).toContain('synthetic data (vision, text)');
    expect(page).toContain('smoke run');
    expect(page).not.toContain('one seed: no interval');
  });

  it('draws one chart per comparison, with a line per run and the dashed reference', () => {
    expect(page.match(/<svg role="img"/g)).toHaveLength(3);
    const [chart] = page.match(/<svg role="img".*?<\/svg>/s) ?? [''];
    expect(chart.match(/stroke="#(2f7fd1|dd7a1f)"[^>]*stroke-width="1.75"/g)).toHaveLength(6);
    expect(chart).toContain('stroke-dasharray="4,4"');
  });

  it('takes the color of the text for what charts write', () => {
    expect(page).toContain('fill="currentColor"');
  });

  it('embeds the pictures that runs name', () => {
    expect(page.match(/<img /g)).toHaveLength(3);
    expect(page).toContain(Buffer.from(png).toString('base64'));
  });

  it('shows measurements without the columns that hold nothing', () => {
    expect(page).toContain('duration ms');
    expect(page).not.toContain('>gflops<');
  });

  it('escapes what comes from the machine', () => {
    expect(page).toContain('An AMD &#60;CPU&#62;');
    expect(page).not.toContain('<CPU>');
  });

  it('tells the command, the data and its origin', () => {
    expect(page).toContain('pnpm bench --preset smoke');
    expect(page).toContain('synthetic vision: 1,000 train, 200 test, 2 classes');
    expect(page).toContain('synthetic, made by this program');
  });

  it('says when there is one seed only, and claims no interval', async () => {
    const runs = ['mask-token', 'linear'].map((method) => makeRun({ method }));
    const { summarizeRuns, compareWithBaselines } = await import('../../src/results/summarize.ts');
    const results = makeResults({ runs, summaries: summarizeRuns(runs), comparisons: compareWithBaselines(runs) });
    const alone = await renderReport(results, readPicture);
    expect(alone).toContain('one seed: no interval, no conclusion');
    expect(alone).not.toContain('class="spread">±');
  });

  it('holds up without any run', async () => {
    const empty = { runs: [], summaries: [], comparisons: [], data: [] };
    const bare = await renderReport(makeResults({ ...empty, operators: [operation] }), readPicture);
    expect(bare).toContain('id="operators"');
    expect(bare).not.toContain('id="summary"');
  });
});
