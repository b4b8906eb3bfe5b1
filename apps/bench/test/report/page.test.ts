import { beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from '../../src/report/page.ts';
import { compareWithBaselines, summarizeRuns } from '../../src/results/summarize.ts';
import type { Results, Run } from '../../src/results/schema.ts';
import { makeFullResults, readFullPicture } from '../fixtures/full-results.ts';
import { makeResults, makeRun } from '../fixtures/results.ts';

const operation = { operation: 'stepwise', pass: 'forward', grid: '8×8', dim: 192, durationMs: 1.5, gflops: null };
/** The page without its bundled script, whose text is Vega's. */
async function render(results: Results): Promise<string> {
  return withoutScript(await renderReport(results, readFullPicture));
}
const withoutScript = (page: string): string => page.replace(/<script>.*?<\/script>/gs, '');
const sectionIds = (page: string): string[] => [...page.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id ?? '');

function withRuns(runs: Run[], overrides: Partial<Results> = {}): Results {
  const comparisons = compareWithBaselines(runs);
  const numComparisons = comparisons.filter(({ interval }) => interval !== null).length;
  return makeResults({ runs, summaries: summarizeRuns(runs), comparisons, numComparisons, ...overrides });
}

describe('the report of a full run', () => {
  let page: string;
  let body: string;
  beforeAll(async () => {
    page = await renderReport(makeFullResults(), readFullPicture);
    body = withoutScript(page);
  });

  it('has every section, the answer first, and names each in its contents', () => {
    const ids = sectionIds(body);
    expect(ids).toEqual([
      'answer',
      'compare',
      'results',
      'probes',
      'differences',
      'loss',
      'distance',
      'pictures',
      'diagnostics',
      'cost',
      'operators',
      'engine',
      'provenance',
    ]);
    const links = [...body.matchAll(/<a href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links).toEqual(ids);
  });

  it('needs nothing from outside, and forbids it', () => {
    const sources = [...body.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, source]) => source ?? '');
    expect(sources.length).toBeGreaterThan(20);
    for (const source of sources) expect(source).toMatch(/^(data:|#)/);
    expect(body).not.toMatch(/@import|url\((?!#)/);
    expect(body).toContain('content="default-src &#39;none&#39;;');
  });

  it('holds its script once', () => {
    expect(page.match(/<script>/g)).toHaveLength(1);
  });

  it('gives every plot a description, a still drawing and the means to draw it anew', () => {
    const figures = body.match(/<figure class="plot".*?<\/figure>/gs) ?? [];
    expect(figures.length).toBeGreaterThan(60);
    for (const figure of figures) {
      expect(figure).toMatch(/role="img" aria-label="[^"]{40,}"/);
      expect(figure).toMatch(/<svg aria-hidden="true" xmlns/);
      const [, json = ''] = /<script type="application\/json">(.*?)<\/script>/s.exec(figure) ?? [];
      expect(JSON.parse(json)).toHaveProperty('marks');
    }
  });

  it('gives every table a caption and headings, and every picture a text', () => {
    const tables = body.match(/<table.*?<\/table>/gs) ?? [];
    expect(tables.length).toBeGreaterThan(20);
    for (const table of tables) {
      expect(table).toMatch(/<caption>\s*[^\s<]|<caption>\s*<span class="hidden">/);
      expect(table).toContain('<th scope="col">');
      expect(table).toContain('<th scope="row">');
    }
    for (const [picture] of body.matchAll(/<img .*?>/gs)) expect(picture).toMatch(/alt="[^"]+"/);
  });

  it('shows originals once for all methods of a comparison', () => {
    const [reconstructions = ''] = /<h3>Reconstructions<\/h3>.*?<h3>/s.exec(body) ?? [];
    const labels = [...reconstructions.matchAll(/<span>([^<]*)<\/span>/g)].map(([, label]) => label);
    expect(labels.slice(0, 5)).toEqual(['original', 'visible', 'mask-token', 'nearest', 'linear']);
  });

  it('says the answer, the verdicts and how many intervals there are', () => {
    expect(body).toContain('In text nothing beats it beyond the intervals.');
    expect(body).toContain('Does interpolation, under random masks?');
    expect(body).toMatch(/holds \d+ intervals of a difference/);
  });

  it('puts the probes of each data set into a table of their own', () => {
    expect(body).toMatch(/probed on\s+ag-news/);
    expect(body).toMatch(/probed on\s+trec/);
    expect(body).not.toContain('@trec</th>');
  });

  it('lists warnings with the run that they are of', () => {
    expect(body).toMatch(/vision vit-atto block mlp, seed 1<\/strong>:\s+the effective rank/);
  });
});

describe('the report', () => {
  it('stamps synthetic data and a smoke run', async () => {
    const page = await render(makeResults());
    expect(page).toContain('synthetic data (vision, text)');
    expect(page).toContain('smoke run');
    expect(page).not.toContain('one seed: no interval');
  });

  it('escapes what comes from the machine', async () => {
    const page = await render(makeResults());
    expect(page).toContain('An AMD &#60;CPU&#62;');
    expect(page).not.toContain('<CPU>');
  });

  it('tells the command, the data and its origin', async () => {
    const page = await render(makeResults());
    expect(page).toContain('pnpm bench --preset smoke');
    expect(page).toMatch(/<th scope="row">synthetic vision<\/th>/);
    expect(page).toContain('synthetic, made by this program');
  });

  it('shows measurements without the columns that hold nothing', async () => {
    const page = await render(makeResults({ operators: [operation] }));
    expect(page).toContain('duration ms');
    expect(page).not.toContain('>gflops<');
  });

  it('says when there is one seed only, and claims no interval', async () => {
    const page = await render(withRuns(['mask-token', 'linear'].map((method) => makeRun({ method }))));
    expect(page).toContain('one seed: no interval, no conclusion');
    expect(page).toContain('There is no interval to go by');
    expect(page).not.toContain('class="spread">±');
  });

  it('claims no interval of equal seeds, nor that there is one', async () => {
    const runs = [0, 1].flatMap((seed) => [
      makeRun({ method: 'mask-token', seed, metrics: { knn: 0.5 } }),
      makeRun({ seed, metrics: { knn: 0.75 } }),
    ]);
    const page = await render(withRuns(runs));
    expect(page).toContain('There is no interval to go by: the difference is equal in all seeds');
    expect(page).toContain('(equal in all seeds)');
    expect(page).not.toContain('one seed');
  });

  it('holds up with one method alone', async () => {
    const page = await render(withRuns([makeRun({ method: 'mask-token' })], { verdicts: [], answer: [] }));
    expect(sectionIds(page)).toEqual(['results', 'probes', 'loss', 'diagnostics', 'cost', 'provenance']);
  });

  it('holds up without any run', async () => {
    const empty = { runs: [], summaries: [], comparisons: [], numComparisons: 0, data: [], verdicts: [], answer: [] };
    const page = await render(makeResults({ ...empty, operators: [operation] }));
    expect(sectionIds(page)).toEqual(['operators', 'provenance']);
  });
});
