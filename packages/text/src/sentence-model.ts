import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError } from '@qb-heat/core';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { readJson, readTokenizerFiles } from './load-tokenizer.ts';
import { chooseModules, choosePooling, normalize, poolTokens } from './sentence-pooling.ts';
import type { Pooling } from './sentence-pooling.ts';
import type { SentenceSequence, SentenceVectors } from './sentences.ts';
import { constructTokenizer } from './tokenizer.ts';

export interface SentenceModelOptions {
  /** The model's file in the folder; the first of the usual names unless given. */
  readonly file?: string;
}

/** A sentence model that was trained elsewhere. */
export interface SentenceModel {
  readonly name: string;
  /** Vectors of sentences, each by itself. Sentences that are too long are cut off. */
  encode(
    sequence: SentenceSequence,
    options?: { readonly batchSize?: number; readonly signal?: AbortSignal | undefined },
  ): Promise<SentenceVectors>;
  /** Frees the model. */
  dispose(): Promise<void>;
}

/** Where exporters put the model, best first. */
const usualFiles = ['onnx/model.onnx', 'model.onnx', 'onnx/model_quantized.onnx', 'model_quantized.onnx'];

/**
 * Loads a sentence model from a folder as the Hugging Face hub has them: an ONNX file, `tokenizer.json` and, where the
 * model's output is of tokens, `modules.json`, which says what makes sentences of them (pooling, and perhaps vectors of
 * length 1), and `1_Pooling/config.json`, which says how they are pooled; by their mean unless it does.
 *
 * Throws an `InputError` when a file is missing or cannot be read, when the model takes or gives something else than
 * models of sentences do, and when its modules do what is not known here, such as a dense layer.
 */
export async function loadSentenceModel(folder: string, { file }: SentenceModelOptions = {}): Promise<SentenceModel> {
  const name = basename(folder);
  const path = findModel(folder, file);
  const files = await readTokenizerFiles(join(folder, 'tokenizer.json'));
  const tokenizer = constructTokenizer(files, name);
  const maxLength = await readMaxLength(folder, files.config);
  // The library is native code: loaded by those who have such a model.
  const { InferenceSession: Session, Tensor: OnnxTensor } = await import('onnxruntime-node');
  let session: InferenceSession;
  try {
    session = await Session.create(path);
  } catch (error) {
    throw new InputError(`sentence model ${path}: cannot be loaded (${(error as Error).message})`);
  }
  requireInputs(path, session);
  const finish = session.outputNames.includes(sentenceOutput) ? asItIs : await readFinish(folder, name);
  const padId = tokenizer.pad_token_id ?? 0;

  async function encodeBatch(sentences: readonly string[]): Promise<Float32Array[]> {
    const rows = sentences.map((sentence) => cutOff(tokenizer.encode(sentence), maxLength));
    const feeds = makeFeeds(rows, padId, session, OnnxTensor);
    const output = chooseOutput(path, session, await session.run(feeds));
    return toVectors(
      output,
      rows.map(({ length }) => length),
      finish,
    );
  }
  return {
    name,
    async encode({ sentences, sources, corpora }, { batchSize = 64, signal } = {}) {
      const vectors: Float32Array[] = [];
      for (let first = 0; first < sentences.length; first += batchSize) {
        signal?.throwIfAborted();
        vectors.push(...(await encodeBatch(sentences.slice(first, first + batchSize))));
      }
      const dim = vectors[0]?.length ?? 0;
      const all = new Float32Array(vectors.length * dim);
      vectors.forEach((vector, index) => all.set(vector, index * dim));
      return { vectors: all, dim, sources, corpora };
    },
    dispose: () => session.release(),
  };
}

function findModel(folder: string, file: string | undefined): string {
  const candidates = (file === undefined ? usualFiles : [file]).map((each) => join(folder, each));
  const path = candidates.find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw new InputError(`sentence model ${folder}: has no ${file ?? usualFiles.join(', ')}; pass its file`);
  }
  return path;
}

/** What is left to do when a model's network has run. */
interface Finish {
  readonly pooling: Pooling;
  readonly isNormalized: boolean;
}

/** The output of networks that make the sentences' vectors themselves, with all that their modules do. */
const sentenceOutput = 'sentence_embedding';
const asItIs: Finish = { pooling: 'mean', isNormalized: false };

async function readFinish(folder: string, name: string): Promise<Finish> {
  const read = (...path: string[]) => readJson(join(folder, ...path), { optional: true });
  const { poolingFolder, isNormalized } = chooseModules(name, await read('modules.json'));
  return { pooling: choosePooling(name, await read(poolingFolder, 'config.json')), isNormalized };
}

/** Tokens of a sentence, at most: the least that any of the configurations allows; 512 where none does. */
async function readMaxLength(folder: string, tokenizerConfig: Readonly<Record<string, unknown>>): Promise<number> {
  const [model, sentences] = (await Promise.all(
    ['config.json', 'sentence_bert_config.json'].map((each) => readJson(join(folder, each), { optional: true })),
  )) as Record<string, unknown>[];
  const limits = [
    tokenizerConfig['model_max_length'],
    model?.['max_position_embeddings'],
    sentences?.['max_seq_length'],
  ].filter((limit) => typeof limit === 'number' && limit >= 2);
  return Math.min(512, ...(limits as number[]));
}

/** The first tokens and the last, which closes a sentence. */
function cutOff(ids: readonly number[], maxLength: number): readonly number[] {
  return ids.length <= maxLength ? ids : [...ids.slice(0, maxLength - 1), ids.at(-1)!];
}

/** What models of sentences take, each int `[batch, length]`: the value at a token's place. */
const inputs: Readonly<Record<string, (id: number | undefined, place: number, padId: number) => number>> = {
  input_ids: (id, _, padId) => id ?? padId,
  attention_mask: (id) => (id === undefined ? 0 : 1),
  token_type_ids: () => 0,
  position_ids: (_, place) => place,
};

function requireInputs(path: string, { inputNames }: InferenceSession): void {
  const unknown = inputNames.filter((name) => !Object.hasOwn(inputs, name));
  if (unknown.length === 0) return;
  throw new InputError(
    `sentence model ${path}: takes ${unknown.join(', ')}, which is none of ${Object.keys(inputs).join(', ')}`,
  );
}

function makeFeeds(
  rows: readonly (readonly number[])[],
  padId: number,
  { inputNames, inputMetadata }: InferenceSession,
  OnnxTensor: typeof Tensor,
): Record<string, Tensor> {
  const length = Math.max(1, ...rows.map((row) => row.length));
  const feeds = inputNames.map((name, index) => {
    const valueAt = inputs[name]!;
    const values = rows.flatMap((row) => Array.from({ length }, (_, place) => valueAt(row[place], place, padId)));
    const metadata = inputMetadata[index];
    const isShort = metadata?.isTensor === true && metadata.type === 'int32';
    const shape = [rows.length, length];
    const tensor = isShort
      ? new OnnxTensor('int32', Int32Array.from(values), shape)
      : new OnnxTensor('int64', BigInt64Array.from(values, BigInt), shape);
    return [name, tensor] as const;
  });
  return Object.fromEntries(feeds);
}

/** The sentences' vectors where the model has them, else the tokens'. */
function chooseOutput(
  path: string,
  { outputNames }: InferenceSession,
  outputs: Readonly<Record<string, Tensor>>,
): Tensor {
  const name = [sentenceOutput, 'last_hidden_state', 'token_embeddings'].find((each) => outputNames.includes(each));
  const output = outputs[name ?? outputNames[0]!]!;
  if (output.type === 'float32' && (output.dims.length === 2 || output.dims.length === 3)) return output;
  throw new InputError(
    `sentence model ${path}: gives ${output.type} [${output.dims.join(', ')}], expected float32 vectors of tokens or sentences`,
  );
}

function toVectors(
  { data, dims }: Tensor,
  lengths: readonly number[],
  { pooling, isNormalized }: Finish,
): Float32Array[] {
  const values = data as Float32Array;
  const size = values.length / lengths.length;
  return lengths.map((length, row) => {
    const own = values.subarray(row * size, (row + 1) * size);
    const vector = dims.length === 2 ? own.slice() : poolTokens(own, length, dims[2]!, pooling);
    return isNormalized ? normalize(vector) : vector;
  });
}
