import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '@qb-heat/training';
import { renderReport } from '../report/page.ts';
import { RunStore } from './run-store.ts';
import { resultsSchema, type Results } from './schema.ts';

/** The folder of a run's output. Nothing is made before the first result is there to be written. */
export class ResultsFolder {
  readonly path: string;
  readonly store: RunStore;

  constructor(folder: string) {
    this.path = folder;
    this.store = new RunStore(folder);
  }

  /** Writes `results.json`, whole or not at all. */
  async writeResults(results: Results): Promise<void> {
    await this.#write('results.json', `${JSON.stringify(resultsSchema.parse(results), null, 2)}\n`);
  }

  /** Writes `report.html` and returns its path. */
  async writeReport(results: Results): Promise<string> {
    const readPicture = (relative: string): Promise<Uint8Array> => readFile(path.join(this.path, relative));
    return this.#write('report.html', await renderReport(results, readPicture));
  }

  async #write(name: string, content: string): Promise<string> {
    await mkdir(this.path, { recursive: true });
    const file = path.join(this.path, name);
    await writeFileAtomically(file, content);
    return file;
  }
}
