import { describe, expect, it } from 'vitest';
import { explainReading } from '../../src/readme/reading-guide.ts';
import { renderResults, shownPlots } from '../../src/readme/results-section.ts';
import { makeFullResults } from '../fixtures/full-results.ts';
import { makeResults } from '../fixtures/results.ts';

const folder = 'docs/results/standard';

function renderWithTarget(target: string): string {
  const configuration = { preset: 'standard', experiments: { vision: { model: { target } } } };
  return renderResults({ ...makeFullResults(), configuration }, folder);
}

describe('renderResults', () => {
  it('gives answer, provenance, tables and differences of stored results', () => {
    const results = makeResults({ answer: ['Images: better.', 'Text: open.', 'Both rest on little.'] });
    const section = renderResults(results, folder);
    expect(section).toMatch(/^Images: better\.\n\nText: open\.\n/);
    expect(section).toContain(
      'Measured on synthetic vision (synthetic, 1,000 to train on, 200 to test), ' +
        'synthetic text (synthetic, 1,000 to train on, 200 to test), on An AMD <CPU>',
    );
    expect(section).toContain('- synthetic data (vision, text)');
    expect(section).toContain(`\n${results.command}\n`);
    expect(section).toMatch(/\| linear +\| +3 \|/);
    expect(section).toContain('minus mask-token**');
  });

  it('says how to read it below the answer, and how much of the data was taken', () => {
    const results = makeFullResults();
    const section = renderResults(results, folder);
    expect(section.startsWith([...results.answer, explainReading(results), ''].join('\n\n'))).toBe(true);
    expect(section).toContain('Measured on cifar-10 (50,000 to train on, 10,000 to test), bccd (292');
  });

  it('has a part for each suite, the first of them open', () => {
    const section = renderResults(makeFullResults(), folder);
    expect(section.match(/<summary>[^:]+: means/g)).toHaveLength(4);
    expect(section.match(/<details open>/g)).toHaveLength(1);
    expect(section).toContain('<details open>\n<summary>Images: means</summary>');
  });

  it('shows the sheet of pictures and the gains in the non-linear probe, of images and of text', () => {
    const results = makeFullResults();
    const section = renderResults(results, folder);
    expect(section).toContain(`](${folder}/reconstructions.png)`);
    expect(shownPlots(results).map(({ name }) => name)).toEqual(['gain-vision-tran1', 'gain-text-tran1-ag-news']);
    for (const { name } of shownPlots(results)) expect(section).toContain(`](${folder}/${name}.svg)`);
  });

  it('says what of a reconstruction is given where patches are normalized, and only there', () => {
    expect(renderWithTarget('normalized-patches')).toContain('its color and brightness are not predicted');
    expect(renderWithTarget('pixels')).not.toContain('not predicted');
  });
});
