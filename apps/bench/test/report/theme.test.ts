import { describe, expect, it } from 'vitest';
import { colorMethods, colorStyle, fileColors, pageColors } from '../../src/report/theme.ts';

const methods = (...names: string[]) => names.map((method) => ({ method, role: 'method' as const }));

describe('colorMethods', () => {
  it('gives known methods the same color in every plot', () => {
    const small = colorMethods(methods('linear', 'mask-token'));
    const large = colorMethods(methods('mask-token', 'something', 'linear'));
    for (const method of ['linear', 'mask-token']) expect(large.get(method)).toBe(small.get(method));
  });

  it('gives unknown methods colors that no other has, controls gray', () => {
    const colors = colorMethods([
      ...methods('linear', 'one', 'two', 'mask-token'),
      { method: 'raw-pixels', role: 'control' },
    ]);
    expect(new Set(['linear', 'one', 'two', 'mask-token'].map((method) => colors.get(method))).size).toBe(4);
    expect(colors.get('raw-pixels')).toBe('gray');
  });
});

describe('colorStyle', () => {
  it('declares every color that the page uses, for light and for dark screens', () => {
    const [light = '', dark = ''] = colorStyle().split('@media');
    for (const value of Object.values(pageColors)) {
      const name = value.replace('var(', '').replace(')', ':');
      expect(light).toContain(name);
      expect(dark).toContain(name);
    }
    expect(light).toContain(`--blue:${fileColors.blue}`);
    expect(dark).toMatch(/^ screen and \(prefers-color-scheme:dark\)/);
  });
});
