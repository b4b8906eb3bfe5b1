import { describe, expect, it } from 'vitest';
import { barPlot, type Bar } from '../../../src/report/plots/bar-plot.ts';
import { compilePlot, drawSvg } from '../../../src/report/plots/draw.ts';

const bars: Bar[] = [
  {
    label: 'linear',
    color: 'blue',
    value: 0.5,
    interval: { low: 0.4, high: 0.6 },
    dots: [0.48, 0.52],
    short: '0.500',
    text: '0.500 ± 0.100',
  },
  { label: 'majority', color: 'gray', value: 0.1, interval: null, dots: [], short: '0.100', text: '0.100' },
];
const texts = { name: 'knn', title: 'kNN, alone', caption: 'kNN', description: 'kNN.', xTitle: 'kNN' };
const draw = (given: readonly Bar[], x?: number): Promise<string> =>
  drawSvg(compilePlot(barPlot({ ...texts, bars: given, reference: x === undefined ? x : { x, label: 'it' } }), 'file'));

describe('barPlot', () => {
  it('draws each bar from zero in its place, its interval where it has one, and its seeds', async () => {
    const svg = await draw(bars);
    expect(svg.match(/fill="#1b68b8" opacity="0.35"/g)).toHaveLength(1);
    expect(svg.match(/fill="#69727f" opacity="0.35"/g)).toHaveLength(1);
    expect(svg.match(/fill="#1b68b8"[^>]* opacity="0.9"/g)).toHaveLength(2);
    expect(svg.match(/stroke="#1a1f26" stroke-width="1.5"/g)).toHaveLength(1);
    expect(svg.indexOf('>linear<')).toBeLessThan(svg.indexOf('>majority<'));
    expect(svg).toContain('>0.500<');
  });

  it('has a row of one height for each bar, and one axis from zero', () => {
    const spec = JSON.parse(JSON.stringify(barPlot({ ...texts, bars }).buildSpec('page'))) as { height: number };
    expect(spec.height).toBe(44);
    expect(JSON.stringify(spec)).toContain('"domainMin":0');
  });

  it('marks a reference with a dashed line', async () => {
    expect(await draw(bars, 0.3)).toContain('stroke-dasharray="4,4"');
    expect(await draw(bars)).not.toContain('stroke-dasharray');
  });

  it('draws bars of zero and no bars at all', async () => {
    expect(await draw([{ ...bars[1]!, value: 0 }])).toContain('<svg');
    expect(await draw([])).toContain('<svg');
  });
});
