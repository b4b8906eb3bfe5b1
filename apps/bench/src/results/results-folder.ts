import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '@qb-heat/training';
import { renderReport } from '../report/page.ts';
import { drawPlotFiles } from '../report/plot-files.ts';
import { replaceFolder } from './replace-folder.ts';
import { RunStore } from './run-store.ts';
import { resultsSchema, type Machine, type Results } from './schema.ts';
import { renderCsv, renderMarkdown } from './tables.ts';

/** The folder of a run's output. Nothing is made before the first result is there to be written. */
export class ResultsFolder {
  readonly path: string;
  readonly store: RunStore;
  /** Where exported encoders go, a folder each. */
  readonly encoders: string;

  constructor(folder: string) {
    this.path = folder;
    this.store = new RunStore(folder);
    this.encoders = path.join(folder, 'encoders');
  }

  /** The machine that the results here were made on; null where there are none, or none that can be read. */
  async readMachine(): Promise<Machine | null> {
    try {
      return resultsSchema.parse(JSON.parse(await readFile(path.join(this.path, 'results.json'), 'utf8'))).machine;
    } catch {
      return null;
    }
  }

  /** Writes `results.json`, whole or not at all. */
  async writeResults(results: Results): Promise<void> {
    await this.#write('results.json', `${JSON.stringify(resultsSchema.parse(results), null, 2)}\n`);
  }

  /** Writes `results.csv` and `results.md`, the tables for other programs and for papers. */
  async writeTables(results: Results): Promise<void> {
    await this.#write('results.csv', renderCsv(results));
    await this.#write('results.md', renderMarkdown(results));
  }

  /** Writes `report.html`, and its plots for themselves, as SVG and PNG, as all of `plots`; returns the report's path. */
  async writeReport(results: Results): Promise<string> {
    const readPicture = (relative: string): Promise<Uint8Array> => readFile(path.join(this.path, relative));
    const report = await this.#write('report.html', await renderReport(results, readPicture));
    await replaceFolder(path.join(this.path, 'plots'), drawPlotFiles(results));
    return report;
  }

  async #write(name: string, content: string | Uint8Array): Promise<string> {
    const file = path.join(this.path, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFileAtomically(file, content);
    return file;
  }
}
