import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawBar, fitLine } from '../../src/terminal/bar-line.ts';

describe('drawBar', () => {
  it('fills its share of the bar', () => {
    expect(drawBar({ label: 'all', share: 0.25, text: '1/4' }, 80)).toBe(
      `  all               ${'█'.repeat(6)}${'░'.repeat(18)} 1/4`,
    );
  });

  it('narrows the bar where there is little room, and does without where there is less', () => {
    const line = { label: 'all', share: 0.5, text: 'x'.repeat(40) };
    expect(drawBar(line, 70)).toBe(`  all               ████░░░░ ${'x'.repeat(40)}`);
    expect(drawBar(line, 64)).toBe(`  all               ${'x'.repeat(40)}`);
    expect(drawBar(line, 34)).toBe(`  all               ${'x'.repeat(13)}…`);
  });

  it('never is wider than the terminal, whatever it says', () => {
    const anything = fc.record({ label: fc.string(), share: fc.double(), text: fc.string({ maxLength: 200 }) });
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 200 }), (line, columns) => {
        expect(drawBar(line, columns).length).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

describe('fitLine', () => {
  it('cuts only what is too long', () => {
    expect(fitLine('linear', 6)).toBe('linear');
    expect(fitLine('linear', 5)).toBe('line…');
  });
});
