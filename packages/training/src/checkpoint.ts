import { readFile } from 'node:fs/promises';
import { InputError } from '@qb-heat/core';
import type { Parameters } from '@qb-heat/core';
import { z } from 'zod';
import { writeFileAtomically } from './atomic-write.ts';
import type { Optimizer } from './optimizer.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
import type { StoredTensor } from './safetensors.ts';
import { assignStored, readVariables, requireMatch } from './stored-parameters.ts';

/** What it takes to use a pre-trained encoder. */
export interface EncoderContent {
  readonly encoder: Parameters;
  /** What the encoder was built from; plain JSON. */
  readonly config: unknown;
}

/** What it takes to continue a training run as if it had not stopped. */
export interface TrainingContent {
  readonly model: Parameters;
  readonly optimizer: Optimizer;
  /** Finished steps: the `firstStep` to continue with. */
  readonly numSteps: number;
  /** What the model, its data and its schedule were built from; plain JSON. */
  readonly config: unknown;
}

/** A checkpoint in memory. Its kind says what can be restored from it. */
export type Checkpoint = EncoderCheckpoint | TrainingCheckpoint;

export interface EncoderCheckpoint {
  readonly kind: 'encoder';
  /** Names the file in errors. */
  readonly source: string;
  readonly config: unknown;
  readonly encoder: ReadonlyMap<string, StoredTensor>;
}

export interface TrainingCheckpoint {
  readonly kind: 'training';
  /** Names the file in errors. */
  readonly source: string;
  readonly config: unknown;
  readonly numSteps: number;
  readonly model: ReadonlyMap<string, StoredTensor>;
  readonly optimizer: { readonly numUpdates: number; readonly state: ReadonlyMap<string, StoredTensor> };
}

const formatName = 'qb-heat';
const formatVersion = '1';
const groups = { encoder: 'encoder/', model: 'model/', optimizer: 'optimizer/' };

/** Writes the encoder alone, atomically, as a safetensors file. */
export async function saveEncoder(path: string, { encoder, config }: EncoderContent): Promise<void> {
  const tensors = await readVariables(encoder, groups.encoder);
  await save(path, 'encoder', config, {}, tensors);
}

/** Writes the whole state of a run, atomically, as a safetensors file. Not while a step is under way. */
export async function saveTraining(path: string, content: TrainingContent): Promise<void> {
  const { model, optimizer, numSteps, config } = content;
  const tensors = new Map([
    ...(await readVariables(model, groups.model)),
    ...(await readVariables(optimizer.state, groups.optimizer)),
  ]);
  const counts = { numSteps: String(numSteps), numUpdates: String(optimizer.numUpdates) };
  await save(path, 'training', config, counts, tensors);
}

const metadataSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('encoder'), config: z.string() }),
  z.object({
    kind: z.literal('training'),
    config: z.string(),
    numSteps: z.coerce.number().int().nonnegative(),
    numUpdates: z.coerce.number().int().nonnegative(),
  }),
]);

/**
 * Reads a checkpoint of either kind. Build the model from its `config`, then call `restoreEncoder` or `restoreTraining`.
 *
 * Throws an `InputError` that names the file when it can't be read, is damaged, or is no checkpoint of this library.
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new InputError(`${path}: cannot read the checkpoint: ${(error as Error).message}`);
  }
  const { metadata, tensors } = decodeSafetensors(bytes, path);
  if (metadata['format'] !== formatName) throw new InputError(`${path}: a safetensors file, but no qb-heat checkpoint`);
  if (metadata['formatVersion'] !== formatVersion) {
    throw new InputError(
      `${path}: checkpoint format ${metadata['formatVersion']}, this version of qb-heat reads format ${formatVersion}`,
    );
  }
  const parsed = metadataSchema.safeParse(metadata);
  if (!parsed.success) {
    throw new InputError(`${path}: the checkpoint's metadata is damaged at ${parsed.error.issues[0]?.path.join('.')}`);
  }
  const config = parseConfig(parsed.data.config, path);
  if (parsed.data.kind === 'encoder') {
    return { kind: 'encoder', source: path, config, encoder: withoutPrefix(tensors, groups.encoder) };
  }
  const { numSteps, numUpdates } = parsed.data;
  const optimizer = { numUpdates, state: withoutPrefix(tensors, groups.optimizer) };
  return { kind: 'training', source: path, config, numSteps, model: withoutPrefix(tensors, groups.model), optimizer };
}

/**
 * Assigns the encoder of a checkpoint of either kind to `encoder`.
 *
 * @param pathInModel where the encoder's parameters lie in the model of a training checkpoint.
 * Throws an `InputError` when names or shapes differ; nothing is assigned then.
 */
export function restoreEncoder(checkpoint: Checkpoint, encoder: Parameters, pathInModel = 'encoder.'): void {
  const stored = checkpoint.kind === 'encoder' ? checkpoint.encoder : withoutPrefix(checkpoint.model, pathInModel);
  requireMatch(encoder, stored, `${checkpoint.source}: encoder`);
  assignStored(encoder, stored);
}

/**
 * Assigns model and optimiser state and returns the step to continue with. The losses from there on equal those of a
 * run that never stopped, to the bit on the same backend.
 *
 * Throws an `InputError` for an encoder checkpoint, or when names or shapes differ; nothing is assigned then.
 */
export function restoreTraining(checkpoint: Checkpoint, model: Parameters, optimizer: Optimizer): number {
  const { source } = checkpoint;
  if (checkpoint.kind !== 'training') {
    throw new InputError(`${source}: holds an encoder alone; to continue training, a training checkpoint is needed`);
  }
  requireMatch(model, checkpoint.model, `${source}: model`);
  requireMatch(optimizer.state, checkpoint.optimizer.state, `${source}: optimizer`);
  assignStored(model, checkpoint.model);
  assignStored(optimizer.state, checkpoint.optimizer.state);
  optimizer.numUpdates = checkpoint.optimizer.numUpdates;
  return checkpoint.numSteps;
}

async function save(
  path: string,
  kind: Checkpoint['kind'],
  config: unknown,
  counts: Record<string, string>,
  tensors: ReadonlyMap<string, StoredTensor>,
): Promise<void> {
  const metadata = { format: formatName, formatVersion, kind, config: JSON.stringify(config ?? null), ...counts };
  await writeFileAtomically(path, encodeSafetensors({ metadata, tensors }));
}

function withoutPrefix(tensors: ReadonlyMap<string, StoredTensor>, prefix: string): Map<string, StoredTensor> {
  const group = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(group.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

function parseConfig(json: string, path: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new InputError(`${path}: the checkpoint's config is not JSON`);
  }
}
