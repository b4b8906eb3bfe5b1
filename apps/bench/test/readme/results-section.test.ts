import { describe, expect, it } from 'vitest';
import { renderGains } from '../../src/readme/gains-table.ts';
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
    expect(section.startsWith([...results.answer, ''].join('\n\n'))).toBe(true);
    expect(section).toContain(`\n${explainReading(results)}\n`);
    expect(section).toContain('Measured on cifar-10 (50,000 to train on, 10,000 to test), bccd (292');
  });

  it('puts what is proposed beside the mask token, images above text, in bold what is decided', () => {
    const section = renderResults(makeFullResults(), folder);
    const rows = section.split('\n').filter((line) => /^\| (minus|Images|Text)/.test(line));
    expect(rows[0]).toMatch(/^\| minus mask-token +\| +method \| held-out loss \|/);
    expect(rows.some((row) => row.startsWith('| Images') && row.includes('`linear`'))).toBe(true);
    expect(rows.some((row) => /^\| Text.*probed on/.test(row))).toBe(true);
    const { comparisons } = makeFullResults();
    expect(renderGains({ comparisons: comparisons.map((each) => ({ ...each, interval: null })) })).not.toContain('**');
    expect(renderGains({ comparisons })).toMatch(/\*\*[+−]\d/);
    expect(renderGains({ comparisons: [] })).toBe('');
  });

  it('has a part for each suite, folded', () => {
    const section = renderResults(makeFullResults(), folder);
    expect(section.match(/<summary>[^:]+: means/g)).toHaveLength(4);
    expect(section).toContain('<details>\n<summary>Images: means</summary>');
    expect(section).not.toContain('<details open>');
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
