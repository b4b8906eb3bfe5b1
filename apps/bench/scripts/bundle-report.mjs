// Bundles what the report's page runs in a browser, Vega included, and its style: `renderReport` puts both into the page.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const resolve = (relative) => fileURLToPath(new URL(relative, import.meta.url));

await build({
  entryPoints: [resolve('../src/report/browser/page.ts'), resolve('../src/report/browser/page.css')],
  outdir: resolve('../dist/report/browser'),
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  // Minified, the packages lose the notices that their licence asks to keep.
  banner: { js: '/*! Vega and its packages: (c) University of Washington Interactive Data Lab, BSD-3-Clause */' },
});
