import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Where Chromium is: as the variable `QB_HEAT_CHROMIUM` says, or on the path; undefined where there is none. */
export function findChromium(): string | undefined {
  const given = process.env['QB_HEAT_CHROMIUM'];
  if (given !== undefined && given !== '') return given;
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  return folders.flatMap((folder) => names.map((name) => path.join(folder, name))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
