import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { drawPlotFiles } from '../../../src/report/plot-files.ts';
import { allPlots } from '../../../src/report/plots/all-plots.ts';
import { curvePlots } from '../../../src/report/plots/curve-plots.ts';
import { diagnosticsPlots } from '../../../src/report/plots/diagnostics-plots.ts';
import { gainPlots } from '../../../src/report/plots/gain-plots.ts';
import { lossPlots } from '../../../src/report/plots/loss-plots.ts';
import { enginePlots, operatorPlots } from '../../../src/report/plots/measurement-plots.ts';
import { predictabilityPlots } from '../../../src/report/plots/predictability-plots.ts';
import { probePlots } from '../../../src/report/plots/probe-plots.ts';
import { makeFullResults } from '../../fixtures/full-results.ts';
import { makeControl, makeResults, makeRun } from '../../fixtures/results.ts';

const full = makeFullResults();
const textOf = (value: unknown): string => JSON.stringify(value);

/** How far the axis of a plot of differences goes. */
const reachIn = (spec: unknown): string | undefined => /"domainMax":([\d.]+)/.exec(textOf(spec))?.[1];

describe('the plots of a report', () => {
  it('have names and titles of their own, fit for files', () => {
    const plots = allPlots(full);
    expect(new Set(plots.map(({ name }) => name)).size).toBe(plots.length);
    expect(new Set(plots.map(({ title }) => title)).size).toBe(plots.length);
    for (const { name } of plots) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it('have names of their own where those of data sets differ by no letter or figure', () => {
    const runs = ['cifar-10', 'CIFAR_10', '画像', '絵', 'cifar 10'].map((dataset) => makeRun({ dataset }));
    const names = allPlots(makeResults({ runs, comparisons: [] })).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name.startsWith('loss-vision'))).toEqual([
      'loss-vision-cifar-10-vit-atto-block',
      'loss-vision-cifar-10-vit-atto-block-2',
      'loss-vision-vit-atto-block',
      'loss-vision-vit-atto-block-2',
      'loss-vision-cifar-10-vit-atto-block-3',
    ]);
  });

  it('are none where there is nothing to draw', () => {
    expect(allPlots(makeResults({ runs: [], comparisons: [], operators: [], engine: [] }))).toEqual([]);
    expect(allPlots(makeResults({ runs: [makeControl('majority')], comparisons: [] }))).toEqual([]);
  });

  it('are saved as SVG and as PNG of twice the size', async () => {
    const [loss] = lossPlots(full);
    const results = makeResults({ runs: [makeRun()], comparisons: [] });
    const files = new Map<string, string | Uint8Array>();
    for await (const { name, content } of drawPlotFiles(results)) files.set(name, content);
    expect(loss).toBeDefined();
    const svg = String(files.get('loss-vision-synthetic-vision-vit-atto-block.svg'));
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
    const png = files.get('loss-vision-synthetic-vision-vit-atto-block.png');
    const metadata = await sharp(png as Uint8Array).metadata();
    expect([metadata.width, metadata.height]).toEqual([2 * Number(width), 2 * Number(height)]);
  });
});

describe('lossPlots', () => {
  it('draw one plot per comparison, a line per method, with what knowing nothing costs', () => {
    const plots = lossPlots(full);
    expect(plots.map(({ name }) => name)).toEqual([
      'loss-vision-cifar-10-vit-atto-block',
      'loss-vision-cifar-10-convnet-atto-block',
      'loss-vision-cifar-10-vit-atto-random',
      'loss-text-wikitext-2-transformer-nano-span',
      'loss-text-wikitext-2-transformer-nano-random',
    ]);
    expect(plots[3]?.legend.map(({ label }) => label)).toEqual(['mask-token', 'nearest', 'linear', 'mlp']);
    expect(textOf(plots[0]?.buildSpec('page'))).toContain('"datum":1');
    expect(plots[0]?.description).toMatch(/At the right end: mask-token 0\.\d{4}, nearest/);
  });
});

describe('probePlots', () => {
  it('draw one plot per comparison and probe, controls last, without the loss', () => {
    const [group] = probePlots(full);
    expect(group?.plots.map(({ caption }) => caption)).toEqual(['kNN', 'Linear probe', 'Tran-1', 'Fine-tuning']);
    const labels = (textOf(group?.plots[0]?.buildSpec('page')).match(/"sort":(\[[^\]]*\])/) ?? [])[1];
    expect(JSON.parse(labels ?? '')).toEqual([
      'mask-token',
      'nearest',
      'linear',
      'linear-blockwise',
      'norm-linear',
      'mlp',
      'random-init',
      'raw-pixels',
      'majority',
    ]);
  });

  it('have detection and sentences among them', () => {
    const captions = probePlots(full).flatMap(({ plots }) => plots.map(({ caption }) => caption));
    expect(captions).toEqual(expect.arrayContaining(['AP50', 'AP', 'Recall@1', 'MRR']));
  });
});

describe('gainPlots', () => {
  it('put images beside text, metric by metric', () => {
    const groups = gainPlots(full);
    expect(groups.map(({ heading }) => heading)).toEqual([
      'Held-out loss',
      'Masked accuracy',
      'kNN',
      'Linear probe',
      'Tran-1',
      'Fine-tuning',
    ]);
    expect(groups[2]?.plots.map(({ caption }) => caption)).toEqual([
      'Images · cifar-10',
      'Text · ag-news',
      'Text · trec',
    ]);
  });

  it('name methods by no more than it takes to tell them apart', () => {
    const [images, text] = gainPlots(full)[0]?.plots ?? [];
    expect(images?.description).toContain('linear · convnet-atto: ');
    expect(text?.description).toMatch(/; linear: [−+]/);
  });

  it('have one scale for accuracies, and one each for losses', () => {
    const [loss, , knn] = gainPlots(full).map(({ plots }) => plots.map(({ buildSpec }) => reachIn(buildSpec('page'))));
    expect(new Set(knn).size).toBe(1);
    expect(new Set(loss).size).toBe(2);
  });

  it('say so where one seed, or equal ones, give no interval', () => {
    const comparison = { ...full.comparisons.find(({ baseline }) => baseline === 'mask-token')!, interval: null };
    const describePlot = (n: number) => gainPlots({ comparisons: [{ ...comparison, n }] })[0]?.plots[0]?.description;
    expect(describePlot(1)).toContain('(one seed)');
    expect(describePlot(3)).toContain('(equal in all seeds)');
  });
});

describe('predictabilityPlots', () => {
  it('draw the linear map and copying for each method, the encoder as it was drawn among them', () => {
    const [group] = predictabilityPlots(full);
    expect(group?.plots.map(({ name }) => name)[0]).toBe('predictability-vision-cifar-10-vit-atto-block');
    const [plot] = group?.plots ?? [];
    expect(plot?.legend.map(({ label }) => label)).toEqual(['mask-token', 'linear', 'random-init']);
    const spec = textOf(plot?.buildSpec('page'));
    expect(spec).toContain('"linear, copying"');
    expect(spec).toContain('"domainMin":-0.3');
  });
});

describe('curvePlots', () => {
  it('draw each kind of curve for each comparison that has it, unknown ones too', () => {
    const groups = curvePlots({ runs: [...full.runs, makeRun({ curves: { precisionRecall: [{ x: 0, y: 1 }] } })] });
    expect(groups.map(({ heading, plots }) => [heading, plots.length])).toEqual([
      ['Held-out loss by distance', 5],
      ['Masked accuracy by distance', 2],
      ['Precision recall', 1],
    ]);
  });
});

describe('diagnosticsPlots', () => {
  it('draw each scalar with the methods that log it', () => {
    const [group] = diagnosticsPlots(full);
    expect(group?.plots.map(({ caption, legend }) => [caption, legend.length])).toEqual([
      ['Effective rank', 6],
      ['Spectral radius x', 3],
      ['Commutator', 3],
    ]);
  });
});

describe('enginePlots and operatorPlots', () => {
  it('draw what was measured, peers included, and leave out what was not', () => {
    const [vit, convnet] = enginePlots(full);
    expect(vit?.description).toContain('pytorch, 2 threads: 620');
    expect(vit?.description).toContain('wasm, 1 thread');
    expect(convnet?.description).not.toContain('wasm');
    const [operators] = operatorPlots(full);
    expect(operators?.description).toContain('stepwise, forward: 1.1');
    expect(operators?.description).not.toContain('harmonic weights');
  });
});
