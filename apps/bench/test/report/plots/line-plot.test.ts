import { describe, expect, it } from 'vitest';
import { compilePlot, drawSvg } from '../../../src/report/plots/draw.ts';
import { linePlot, type LinePlotOptions } from '../../../src/report/plots/line-plot.ts';
import { averageCurves } from '../../../src/report/plots/series.ts';

const curve = (level: number) => Array.from({ length: 1000 }, (_, step) => ({ x: step, y: level + 1 / (step + 1) }));
const options: LinePlotOptions = {
  name: 'loss',
  title: 'Loss, alone',
  caption: 'Loss',
  description: 'Loss by step.',
  xTitle: 'step',
  yTitle: 'loss',
  digits: 2,
  series: [
    { label: 'linear', color: 'blue', dash: [], points: averageCurves([curve(0.5), curve(0.7)]) },
    { label: 'norm.linear [x]', color: 'violet', dash: [6, 3], points: averageCurves([curve(0.6)]) },
  ],
};
const specOf = (changes: Partial<LinePlotOptions> = {}, medium: 'page' | 'still' | 'file' = 'page') =>
  JSON.parse(JSON.stringify(linePlot({ ...options, ...changes }).buildSpec(medium))) as {
    layer: { mark: { type: string }; encoding: Record<string, unknown>; data: { values: Record<string, string>[] } }[];
    datasets: { points: { series: string; x: number }[] };
  };

describe('linePlot', () => {
  it('thins long series to what a column can show', () => {
    const { points } = specOf().datasets;
    expect(points.filter(({ series }) => series === 'linear')).toHaveLength(100);
    expect(points.at(-1)?.x).toBe(999);
  });

  it('draws a band behind the lines only where there are several seeds', () => {
    const marks = (spec: ReturnType<typeof specOf>) => spec.layer.map(({ mark }) => mark.type);
    expect(marks(specOf())).toEqual(['area', 'line', 'rule']);
    expect(marks(specOf({ series: options.series.slice(1) }))).toEqual(['line', 'rule']);
  });

  it('answers to the pointer in the page alone, with the range of the seeds', () => {
    const pointer = specOf().layer.at(-1);
    expect(pointer?.data.values[0]).toEqual({ x: 9, series0: '0.89 (0.79 to 0.99)', series1: '0.89' });
    expect(specOf({}, 'still').layer.map(({ mark }) => mark.type)).toEqual(['area', 'line']);
  });

  it('leaves out of the legend, not of the plot, what its dashes explain', () => {
    const [first, second] = options.series;
    const series = [first!, { ...second!, isInLegend: false }];
    const plot = linePlot({ ...options, series });
    expect(plot.legend.map(({ label }) => label)).toEqual(['linear']);
    expect(JSON.stringify(plot.buildSpec('file'))).toContain('"values":["linear"]');
  });

  it('marks a reference and cuts lines off at a limit', () => {
    const spec = specOf({ reference: { y: 1, label: 'the mean' }, yLimits: { high: 1.1 } });
    expect(spec.layer[0]?.encoding).toMatchObject({ y: { datum: 1 } });
    expect(spec.layer[1]?.mark).toMatchObject({ type: 'text', text: 'the mean' });
    expect(spec.layer[2]?.encoding).toMatchObject({ y: { scale: { domainMax: 1.1 } } });
  });

  it('takes the colors of the page in the page, and its own in a file', async () => {
    const plot = linePlot(options);
    const page = await drawSvg(compilePlot(plot, 'still'));
    expect(page).toContain('stroke="var(--blue)"');
    const file = await drawSvg(compilePlot(plot, 'file'));
    expect(file).not.toContain('var(--');
    expect(file).toContain('Loss, alone');
    expect(file).toContain('norm.linear [x]');
  });

  it('draws a single point, and a line without one', async () => {
    const single = linePlot({
      ...options,
      series: [{ ...options.series[0]!, points: averageCurves([[{ x: 0, y: 1 }]]) }],
    });
    expect(await drawSvg(compilePlot(single, 'still'))).toContain('<svg');
    const none = linePlot({ ...options, series: [{ ...options.series[0]!, points: [] }] });
    expect(await drawSvg(compilePlot(none, 'still'))).toContain('<svg');
  });
});
