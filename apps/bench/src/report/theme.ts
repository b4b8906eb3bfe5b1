import type { Role } from '../results/schema.ts';

/** A color on light ground and on dark. */
interface Shade {
  readonly light: string;
  readonly dark: string;
}

/** The colors of the page and of its plots: at least 4.5 : 1 against the ground for text, 3 : 1 for lines. */
const shades = {
  background: { light: '#ffffff', dark: '#13161b' },
  surface: { light: '#f6f7f9', dark: '#1b2027' },
  text: { light: '#1a1f26', dark: '#e6e9ee' },
  muted: { light: '#586270', dark: '#9da7b5' },
  rule: { light: '#dde1e7', dark: '#323a45' },
  accent: { light: '#1b68b8', dark: '#74b3f3' },
  better: { light: '#17723f', dark: '#62c995' },
  worse: { light: '#ad3434', dark: '#f09090' },
  stamp: { light: '#fff1d0', dark: '#3a2f12' },
  stampText: { light: '#664500', dark: '#f3d68a' },
  blue: { light: '#1b68b8', dark: '#74b3f3' },
  orange: { light: '#c2601a', dark: '#f0a05e' },
  green: { light: '#23854f', dark: '#62c995' },
  violet: { light: '#6a4bc0', dark: '#ae9cf6' },
  magenta: { light: '#b33d8c', dark: '#ea8ac9' },
  cyan: { light: '#0b7f90', dark: '#53c8d6' },
  olive: { light: '#7d731a', dark: '#cfc05a' },
  red: { light: '#bd3a46', dark: '#f28a90' },
  brown: { light: '#85573f', dark: '#cf9f83' },
  gray: { light: '#69727f', dark: '#97a1ae' },
} as const satisfies Record<string, Shade>;

export type ColorName = keyof typeof shades;

/** Of a name, the color to write into a drawing. */
export type Colors = Readonly<Record<ColorName, string>>;

const names = Object.keys(shades) as ColorName[];

function mapColors(colorOf: (name: ColorName) => string): Colors {
  return Object.fromEntries(names.map((name) => [name, colorOf(name)])) as Record<ColorName, string>;
}

/** Colors that follow the page between light and dark. */
export const pageColors: Colors = mapColors((name) => `var(--${name})`);

/** Colors for files that stand alone, on light ground. */
export const fileColors: Colors = mapColors((name) => shades[name].light);

/** The style sheet that gives the page its colors: by what the reader's system prefers, light on paper. */
export function colorStyle(): string {
  return [
    `:root{color-scheme:light dark;${declareColors('light')}}`,
    `@media screen and (prefers-color-scheme:dark){:root{${declareColors('dark')}}}`,
  ].join('\n');
}

function declareColors(ground: keyof Shade): string {
  return names.map((name) => `--${name}:${shades[name][ground]}`).join(';');
}

/** Methods that a reader meets again and again have a color of their own. */
const methodColors: Readonly<Record<string, ColorName>> = {
  linear: 'blue',
  'mask-token': 'orange',
  'linear-blockwise': 'cyan',
  'norm-linear': 'violet',
  mlp: 'green',
  harmonic: 'magenta',
  interpolate: 'green',
  'least-squares': 'cyan',
  nearest: 'olive',
  bert: 'red',
  'bert-80-10-10': 'brown',
  simmim: 'red',
  autoencoder: 'brown',
  supervised: 'brown',
  zero: 'gray',
  mean: 'gray',
  copy: 'gray',
};

const spareColors = ['green', 'violet', 'cyan', 'magenta', 'brown', 'olive', 'red', 'blue', 'orange'] as const;

/** A color for each of the methods that stand in one plot, distinct as far as there are colors; controls are gray. */
export function colorMethods(
  methods: readonly { readonly method: string; readonly role: Role }[],
): Map<string, ColorName> {
  const colors = new Map<string, ColorName>();
  const taken = new Set(methods.flatMap(({ method }) => methodColors[method] ?? []));
  const spare = spareColors.filter((color) => !taken.has(color));
  for (const { method, role } of methods) {
    if (colors.has(method)) continue;
    colors.set(method, methodColors[method] ?? (role === 'control' ? 'gray' : (spare.shift() ?? 'gray')));
  }
  return colors;
}
