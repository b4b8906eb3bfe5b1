import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import { parse, YAMLParseError } from 'yaml';
import type { DataPath } from '../experiments/data-sources.ts';
import { experimentsSchema, type Experiments } from '../experiments/description.ts';

/**
 * Reads experiments from a YAML or JSON file.
 *
 * @throws InputError that names the file and the field, or the line that is no YAML.
 */
export async function readExperiments({ path: file, given }: DataPath): Promise<Experiments> {
  if (!/\.(ya?ml|json)$/i.test(file)) {
    throw new InputError(`--experiments: ${given}: expected a .yaml, .yml or .json file`);
  }
  let content: unknown;
  try {
    // JSON is YAML.
    content = parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (error instanceof YAMLParseError) {
      const [problem] = error.message.split('\n');
      throw new InputError(`--experiments: ${given}: ${problem}`, { cause: error });
    }
    throw new InputError(`--experiments: ${given} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  const parsed = experimentsSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [problem] = parsed.error.issues;
  const field = problem!.path.join('.');
  throw new InputError(
    `--experiments: ${path.basename(given)}: ${field === '' ? '' : `${field}: `}${problem!.message}`,
  );
}
