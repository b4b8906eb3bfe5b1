import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InputError } from '@qb-heat/core';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCheckpoint, restoreEncoder, restoreTraining, saveEncoder, saveTraining } from '../src/checkpoint.ts';
import { pretrain } from '../src/pretrain.ts';
import { encodeSafetensors } from '../src/safetensors.ts';
import { warmupCosine } from '../src/schedule.ts';
import { createTinyRun, tinyBatches } from './tiny-model.ts';

const config = { preset: 'tiny', dims: [4, 16] };
const numSteps = 8;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qb-heat-checkpoint-'));
  file = path.join(folder, 'run.safetensors');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

type TinyRun = ReturnType<typeof createTinyRun>;

/** The losses of the steps from `firstStep` on, until step `lastStep`. */
async function train({ model, optimizer }: TinyRun, firstStep = 0, lastStep = numSteps - 1): Promise<number[]> {
  const schedule = warmupCosine({ peak: 0.02, numSteps, warmupSteps: 2 });
  const losses: number[] = [];
  for await (const record of pretrain(model, { batches: tinyBatches(1), optimizer, schedule, numSteps, firstStep })) {
    losses.push(record.loss);
    if (record.step === lastStep) break;
  }
  return losses;
}

function encoderOf({ model }: TinyRun): Map<string, tf.Variable> {
  const entries = [...model.parameters].filter(([name]) => name.startsWith('encoder.'));
  return new Map(entries.map(([name, variable]) => [name.slice('encoder.'.length), variable]));
}

function valuesOf(parameters: ReadonlyMap<string, tf.Variable>): Record<string, unknown> {
  return Object.fromEntries([...parameters].map(([name, variable]) => [name, variable.dataSync().slice()]));
}

/** Saves a run of three steps. */
async function saveThreeSteps(): Promise<TinyRun> {
  const run = createTinyRun(1);
  await train(run, 0, 2);
  await saveTraining(file, { model: run.model.parameters, optimizer: run.optimizer, numSteps: 3, config });
  return run;
}

describe('a training checkpoint', () => {
  it('continues a run with the same losses, to the bit, as if it had not stopped', async () => {
    const whole = createTinyRun(1);
    const expected = await train(whole);
    whole.dispose();
    (await saveThreeSteps()).dispose();

    // Another seed: nothing may survive of what the new run starts with.
    const continued = createTinyRun(2);
    const checkpoint = await readCheckpoint(file);
    const firstStep = restoreTraining(checkpoint, continued.model.parameters, continued.optimizer);
    expect(firstStep).toBe(3);
    expect(checkpoint.config).toEqual(config);
    expect(await train(continued, firstStep)).toEqual(expected.slice(3));
    continued.dispose();
  });

  it('gives its encoder', async () => {
    const run = await saveThreeSteps();
    const other = createTinyRun(2);
    restoreEncoder(await readCheckpoint(file), encoderOf(other));
    expect(valuesOf(encoderOf(other))).toEqual(valuesOf(encoderOf(run)));
    run.dispose();
    other.dispose();
  });

  it('replaces an older one and leaves no temporary file', async () => {
    (await saveThreeSteps()).dispose();
    (await saveThreeSteps()).dispose();
    expect(await readdir(folder)).toEqual(['run.safetensors']);
  });

  it('leaves no tensor behind, saved or restored', async () => {
    const run = createTinyRun(1);
    const before = tf.memory().numTensors;
    await saveTraining(file, { model: run.model.parameters, optimizer: run.optimizer, numSteps: 0, config });
    restoreTraining(await readCheckpoint(file), run.model.parameters, run.optimizer);
    expect(tf.memory().numTensors).toBe(before);
    run.dispose();
  });

  it('is not written when the folder is missing', async () => {
    const run = createTinyRun(1);
    const content = { model: run.model.parameters, optimizer: run.optimizer, numSteps: 0, config };
    await expect(saveTraining(path.join(folder, 'missing', 'run.safetensors'), content)).rejects.toThrow('ENOENT');
    expect(await readdir(folder)).toEqual([]);
    run.dispose();
  });
});

describe('an encoder checkpoint', () => {
  it('restores the encoder and its config', async () => {
    const [run, other] = [createTinyRun(1), createTinyRun(2)];
    await saveEncoder(file, { encoder: encoderOf(run), config });
    const checkpoint = await readCheckpoint(file);
    restoreEncoder(checkpoint, encoderOf(other));
    expect(checkpoint).toMatchObject({ kind: 'encoder', config });
    expect(valuesOf(encoderOf(other))).toEqual(valuesOf(encoderOf(run)));
    run.dispose();
    other.dispose();
  });

  it('cannot continue a run', async () => {
    const run = createTinyRun(1);
    await saveEncoder(file, { encoder: encoderOf(run), config });
    const checkpoint = await readCheckpoint(file);
    expect(() => restoreTraining(checkpoint, run.model.parameters, run.optimizer)).toThrow(
      new InputError(`${file}: holds an encoder alone; to continue training, a training checkpoint is needed`),
    );
    run.dispose();
  });
});

describe('what does not fit', () => {
  it('is refused by name, and nothing is assigned', async () => {
    (await saveThreeSteps()).dispose();
    const run = createTinyRun(2);
    const before = valuesOf(run.model.parameters);
    const checkpoint = await readCheckpoint(file);
    const renamed = new Map([...run.model.parameters].map(([name, variable]) => [name.replace('de', 'DE'), variable]));
    expect(() => restoreTraining(checkpoint, renamed, run.optimizer)).toThrow(
      `${file}: model does not fit: 4 of 4 parameters missing (such as encoDEr.weight), ` +
        '4 unexpected (such as encoder.weight); was it saved from another configuration?',
    );
    expect(valuesOf(run.model.parameters)).toEqual(before);
    run.dispose();
  });

  it('is refused by shape', async () => {
    const run = createTinyRun(1);
    const narrow = tf.variable(tf.zeros([4, 8]));
    await saveEncoder(file, { encoder: new Map([...encoderOf(run), ['weight', narrow]]), config });
    const checkpoint = await readCheckpoint(file);
    expect(() => restoreEncoder(checkpoint, encoderOf(run))).toThrow(
      `${file}: encoder does not fit: weight must be float32 [4, 16], got float32 [4, 8]`,
    );
    narrow.dispose();
    run.dispose();
  });
});

function encode(metadata: Record<string, string>): Uint8Array {
  return encodeSafetensors({ metadata, tensors: new Map() });
}

describe('readCheckpoint', () => {
  const valid = {
    format: 'qb-heat',
    formatVersion: '1',
    kind: 'training',
    config: '{}',
    numSteps: '1',
    numUpdates: '1',
  };

  it('accepts the metadata that the cases below damage', async () => {
    await writeFile(file, encode(valid));
    await expect(readCheckpoint(file)).resolves.toMatchObject({ kind: 'training', numSteps: 1 });
  });

  it.each([
    ['a file that is no safetensors file', Buffer.from('PK'), 'not a valid safetensors file'],
    ["another program's safetensors file", encode({ format: 'pt' }), 'a safetensors file, but no qb-heat checkpoint'],
    ['a later format', encode({ ...valid, formatVersion: '2' }), 'checkpoint format 2, this version of qb-heat reads'],
    ['an unknown kind', encode({ ...valid, kind: 'decoder' }), 'metadata is damaged at kind'],
    ['a negative step', encode({ ...valid, numSteps: '-1' }), 'metadata is damaged at numSteps'],
    ['a config that is not JSON', encode({ ...valid, config: '{' }), 'config is not JSON'],
  ])('refuses %s', async (_, bytes, problem) => {
    await writeFile(file, bytes);
    const reading = readCheckpoint(file);
    await expect(reading).rejects.toThrow(InputError);
    await expect(reading).rejects.toThrow(`${file}: `);
    await expect(reading).rejects.toThrow(problem);
  });

  it('refuses a file that is missing or a folder', async () => {
    await expect(readCheckpoint(file)).rejects.toThrow(/cannot read the checkpoint: ENOENT/);
    await expect(readCheckpoint(folder)).rejects.toThrow(InputError);
  });
});
