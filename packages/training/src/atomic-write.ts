import { open, rename, rm } from 'node:fs/promises';

/**
 * Writes a file whole or not at all: a reader, a crash or a full disk never leaves half of it under `path`. The folder
 * has to exist; an existing file is replaced.
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  // In the same folder, because a rename is atomic only within one file system.
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
