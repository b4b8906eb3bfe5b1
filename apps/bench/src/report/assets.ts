import { readFile } from 'node:fs/promises';

/** What goes into the page beside its content: `pnpm build` makes both from `browser/`. */
export interface PageAssets {
  readonly script: string;
  readonly style: string;
}

/** Reads them where the build has put them, for the sources too. */
export async function readPageAssets(): Promise<PageAssets> {
  return { script: await readBundled('page.js'), style: await readBundled('page.css') };
}

function readBundled(name: string): Promise<string> {
  return readFile(new URL(`../../dist/report/browser/${name}`, import.meta.url), 'utf8');
}
