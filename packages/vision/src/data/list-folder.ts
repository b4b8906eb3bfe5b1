import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

/** What a folder holds, in the order of the names, without what is hidden. Links are what they lead to. */
export async function listFolder(folder: string): Promise<FolderEntry[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const visible = entries.filter(({ name }) => !name.startsWith('.')).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return Promise.all(
    visible.map(async (entry) => ({
      name: entry.name,
      isFolder: entry.isSymbolicLink() ? await leadsToFolder(path.join(folder, entry.name)) : entry.isDirectory(),
    })),
  );
}

/** A link to nothing counts as a file, which whoever opens it will not find. */
async function leadsToFolder(link: string): Promise<boolean> {
  return stat(link).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
