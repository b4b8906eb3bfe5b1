import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '@qb-heat/training';
import type { PictureRows } from '../experiments/cell.ts';
import { runSchema, type Pictures, type Run } from './schema.ts';

/**
 * Finished runs in a folder, one file each under the hash of all that determines them. A run is written when it is
 * finished and never half: a process that is killed loses only the run that it was at.
 */
export class RunStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The finished run of this id; undefined where there is none, or one that cannot be read. */
  async load(id: string): Promise<Run | undefined> {
    try {
      const run = runSchema.parse(JSON.parse(await readFile(this.#fileOf(id), 'utf8')));
      if (run.pictures !== null) await Promise.all(this.picturePaths(run.pictures).map((file) => readFile(file)));
      return run;
    } catch {
      return undefined;
    }
  }

  /** Stores a finished run. */
  async save(run: Run): Promise<void> {
    const content = `${JSON.stringify(runSchema.parse(run), null, 2)}\n`;
    await mkdir(path.dirname(this.#fileOf(run.id)), { recursive: true });
    await writeFileAtomically(this.#fileOf(run.id), content);
  }

  /** Stores a run's pictures, before the run itself, and returns their paths relative to the folder. */
  async savePictures(id: string, rows: PictureRows): Promise<Pictures> {
    await mkdir(path.dirname(this.#fileOf(id)), { recursive: true });
    const save = async (kind: 'original' | 'visible' | 'reconstruction'): Promise<string> => {
      const relative = `runs/${id}-${kind}.png`;
      await writeFileAtomically(path.join(this.#folder, relative), rows[kind]);
      return relative;
    };
    return {
      numPictures: rows.numPictures,
      original: await save('original'),
      visible: await save('visible'),
      reconstruction: await save('reconstruction'),
    };
  }

  /** Where a run's pictures lie. */
  picturePaths({ original, visible, reconstruction }: Pictures): string[] {
    return [original, visible, reconstruction].map((relative) => path.join(this.#folder, relative));
  }

  #fileOf(id: string): string {
    return path.join(this.#folder, 'runs', `${id}.json`);
  }
}
