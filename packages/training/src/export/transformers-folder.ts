import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import { writeFileAtomically } from '../atomic-write.ts';

/** What transformers.js loads as a model. */
export interface TransformersModel {
  /** The ONNX model. */
  readonly model: Uint8Array;
  /** What `config.json` tells beside the kind of model. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What the encoder was built from, plain JSON; kept in `config.json` under `qb_heat`. */
  readonly encoder: object;
  /** Further JSON files by name, such as `preprocessor_config.json`. */
  readonly files: Readonly<Record<string, unknown>>;
}

/**
 * Transformers.js knows no model of this library. Any kind that it doesn't know it takes for an encoder in one file, which
 * is right; `custom` it does not ask to have reported. `PreTrainedModel` is its base class, and `fp32` the file without a
 * suffix, which in browsers it would not look for.
 */
const kind = {
  model_type: 'custom',
  architectures: ['PreTrainedModel'],
  'transformers.js_config': { dtype: 'fp32' },
};

const encoderKey = 'qb_heat';

/**
 * Writes the folder of a model in Hugging Face's layout: `config.json`, `onnx/model.onnx` and the other files. It is there
 * whole or not at all; an earlier export in its place is replaced.
 *
 * Throws an `InputError` where `folder` is something else than such an export, or holds more than one; nothing is written
 * then.
 */
export async function writeTransformersFolder(folder: string, content: TransformersModel): Promise<void> {
  const { model, config, encoder, files } = content;
  const contents: Record<string, Uint8Array | string> = { [path.join('onnx', 'model.onnx')]: model };
  for (const [name, value] of Object.entries({
    'config.json': { ...kind, ...config, [encoderKey]: encoder },
    ...files,
  })) {
    contents[name] = `${JSON.stringify(value, null, 2)}\n`;
  }
  const target = path.resolve(folder);
  const exists = await checkReplaceable(target, folder, Object.keys(contents));

  // Beside the folder, because a rename is atomic only within one file system.
  const temporary = `${target}.${process.pid}.tmp`;
  const replaced = `${target}.${process.pid}.old`;
  try {
    await mkdir(path.join(temporary, 'onnx'), { recursive: true });
    for (const [name, value] of Object.entries(contents)) await writeFileAtomically(path.join(temporary, name), value);
    // A folder can't be renamed over another.
    if (exists) await rename(target, replaced);
    try {
      await rename(temporary, target);
    } catch (error) {
      if (exists) await rename(replaced, target);
      throw error;
    }
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  if (exists) await rm(replaced, { recursive: true });
}

/** Whether there is a folder to replace. Throws where it holds anything that would be lost. */
async function checkReplaceable(target: string, folder: string, written: readonly string[]): Promise<boolean> {
  const information = await stat(target).catch(() => undefined);
  if (information === undefined) return false;
  if (!information.isDirectory()) throw new InputError(`${folder}: is a file; name a folder to export to`);
  const entries = await readdir(target, { recursive: true, withFileTypes: true });
  const found = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(target, path.join(entry.parentPath, entry.name)));
  if (found.length === 0) return true;
  if (!(await isExport(target))) {
    throw new InputError(`${folder}: exists and is no export of an encoder; name another folder, or remove it`);
  }
  const other = found.find((name) => !written.includes(name));
  if (other !== undefined) {
    throw new InputError(
      `${folder}: replacing this export would lose ${other}, which an export does not write; name another folder, or move it away`,
    );
  }
  return true;
}

async function isExport(folder: string): Promise<boolean> {
  try {
    const config: unknown = JSON.parse(await readFile(path.join(folder, 'config.json'), 'utf8'));
    return typeof config === 'object' && config !== null && encoderKey in config;
  } catch {
    return false;
  }
}
