import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '@qb-heat/training';
import type { Drawing } from '../experiments/cell.ts';
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
      const files = run.pictures.flatMap(({ rows }) => rows.map(({ file }) => file));
      await Promise.all(files.map((file) => readFile(path.join(this.#folder, file))));
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

  /** Stores a run's pictures, before the run itself, with their paths relative to the folder. */
  async savePictures(id: string, drawings: readonly Drawing[]): Promise<Pictures[]> {
    if (drawings.length > 0) await mkdir(path.dirname(this.#fileOf(id)), { recursive: true });
    const saved: Pictures[] = [];
    for (const { rows, ...described } of drawings) {
      const files = rows.map(({ label }, row) => ({ label, file: `runs/${id}-${described.kind}-${row}.png` }));
      for (const [row, { file }] of files.entries()) {
        await writeFileAtomically(path.join(this.#folder, file), rows[row]!.png);
      }
      saved.push({ ...described, rows: files });
    }
    return saved;
  }

  /** Copies a file of another folder to the same place in this one. */
  async copyFile(from: string, relative: string): Promise<void> {
    const to = path.join(this.#folder, relative);
    await mkdir(path.dirname(to), { recursive: true });
    await writeFileAtomically(to, await readFile(from));
  }

  #fileOf(id: string): string {
    return path.join(this.#folder, 'runs', `${id}.json`);
  }
}
