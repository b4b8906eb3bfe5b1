import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import { parse, YAMLParseError } from 'yaml';
import type { z } from 'zod';
import { findProblem } from '../experiments/check-experiments.ts';
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
  if (parsed.success) {
    const problem = findProblem(parsed.data);
    if (problem === undefined) return parsed.data;
    throw new InputError(`--experiments: ${path.basename(given)}: ${problem.field}: ${problem.message}`);
  }
  const { path: at, message } = innermost(parsed.error.issues[0]!);
  const field = at.length === 0 ? '' : `${at.join('.')}: `;
  throw new InputError(`--experiments: ${path.basename(given)}: ${field}${message}`);
}

/** The issue itself, where it is that no alternative fits: of the alternative that came furthest. */
function innermost(issue: z.core.$ZodIssue): Pick<z.core.$ZodIssue, 'path' | 'message'> {
  if (issue.code !== 'invalid_union') return issue;
  const within = issue.errors
    .flatMap(([first]) => (first === undefined ? [] : [innermost(first)]))
    .toSorted((a, b) => b.path.length - a.path.length)[0];
  return within === undefined ? issue : { path: [...issue.path, ...within.path], message: within.message };
}
