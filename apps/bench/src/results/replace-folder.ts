import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

interface NamedFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}

/**
 * Puts files in place of a folder's: they are written beside it first, so that it never holds some of each, or half a file.
 * Without any file there is no folder.
 */
export async function replaceFolder(folder: string, files: AsyncIterable<NamedFile>): Promise<void> {
  const [fresh, former] = [`${folder}.new`, `${folder}.old`];
  // What a process that was killed left behind.
  await rm(fresh, { recursive: true, force: true });
  let isEmpty = true;
  for await (const { name, content } of files) {
    if (isEmpty) await mkdir(fresh, { recursive: true });
    isEmpty = false;
    await writeFile(path.join(fresh, name), content);
  }
  await rm(former, { recursive: true, force: true });
  await rename(folder, former).catch(ignoreMissing);
  if (!isEmpty) await rename(fresh, folder);
  await rm(former, { recursive: true, force: true });
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
