import { readFile } from 'node:fs/promises';

/** What goes into the page beside its content: `pnpm build` makes both from `browser/`. */
export interface PageAssets {
  readonly script: string;
  readonly style: string;
}

/** Reads them where the build has put them, for the sources too. */
export async function readPageAssets(): Promise<PageAssets> {
  const read = (name: string): Promise<string> =>
    readFile(new URL(`../../dist/report/browser/${name}`, import.meta.url), 'utf8');
  return { script: await read('page.js'), style: await read('page.css') };
}
