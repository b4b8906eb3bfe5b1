import path from 'node:path';

/**
 * A path as its user meant it: relative to where they stand. `pnpm bench` runs in the folder of the root package and
 * leaves the user's own in `INIT_CWD`.
 */
export function resolveUserPath(given: string, environment: NodeJS.ProcessEnv = process.env): string {
  const isPackageScript = environment['npm_lifecycle_event'] === 'bench';
  const base = (isPackageScript ? environment['INIT_CWD'] : undefined) ?? process.cwd();
  return path.resolve(base, given);
}
