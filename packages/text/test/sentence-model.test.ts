import { InputError } from '@qb-heat/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadSentenceModel } from '../src/sentence-model.ts';
import type { SentenceModelOptions } from '../src/sentence-model.ts';
import { cutSentences } from '../src/sentences.ts';
import { folderWith } from './data/files.ts';
import { handMadeFiles, handMadeTokens } from './fixtures.ts';
import { onnxFile } from './onnx-file.ts';
import type { OnnxGraph } from './onnx-file.ts';

const dim = 2;
const int64 = 7;
/** A model whose feature of a token is (id, id²). */
const tokenModel: OnnxGraph = {
  nodes: [{ type: 'Gather', inputs: ['table', 'input_ids'], output: 'last_hidden_state' }],
  inputs: [
    { name: 'input_ids', type: int64, shape: ['batch', 'length'] },
    { name: 'attention_mask', type: int64, shape: ['batch', 'length'] },
  ],
  outputs: [{ name: 'last_hidden_state', type: 1, shape: ['batch', 'length', dim] }],
  constants: [
    { name: 'table', shape: [handMadeTokens.length, dim], values: handMadeTokens.flatMap((_, id) => [id, id * id]) },
  ],
};
const json = JSON.stringify(handMadeFiles().json);

async function load(files: Readonly<Record<string, string | Uint8Array>>, options?: SentenceModelOptions) {
  const model = await loadSentenceModel(await folderWith({ 'tokenizer.json': json, ...files }), options);
  onTestFinished(() => model.dispose());
  return model;
}
const ids = (...tokens: string[]): number[] => tokens.map((token) => handMadeTokens.indexOf(token));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const sequence = cutSentences(['The dog barks. A cat.', 'The cat sees a dog.']);

const modules = (...types: string[]): string =>
  JSON.stringify(
    types.map((type, idx) => ({ idx, path: `${idx}_${type}`, type: `sentence_transformers.models.${type}` })),
  );

describe('loadSentenceModel', () => {
  it('gives each sentence the mean of its tokens, whatever it is encoded with', async () => {
    const model = await load({ 'onnx/model.onnx': onnxFile(tokenModel) });
    const expected = [
      ids('the', 'dog', 'bark', '##s', '.'),
      ids('a', 'cat', '.'),
      ids('the', 'cat', 'see', '##s', 'a', 'dog', '.'),
    ];
    for (const batchSize of [1, 64]) {
      const { vectors, dim: size, sources } = await model.encode(sequence, { batchSize });
      expect(size).toBe(dim);
      expect([...sources]).toEqual([0]);
      expected.forEach((tokens, index) => {
        expect(vectors[dim * index]).toBeCloseTo(mean(tokens), 4);
        expect(vectors[dim * index + 1]).toBeCloseTo(mean(tokens.map((id) => id * id)), 3);
      });
    }
  });

  it.each([
    ['pooling_mode_cls_token', 5],
    ['pooling_mode_max_tokens', 14],
  ])('pools by %s when the model says so', async (mode, first) => {
    const config = JSON.stringify({ word_embedding_dimension: dim, pooling_mode_mean_tokens: false, [mode]: true });
    const model = await load({ 'model.onnx': onnxFile(tokenModel), '1_Pooling/config.json': config });
    expect((await model.encode(sequence)).vectors[0]).toBe(first);
  });

  it('scales vectors to length 1 when the modules say so, and finds the pooling where they say', async () => {
    const model = await load({
      'model.onnx': onnxFile(tokenModel),
      'modules.json': modules('Transformer', 'Transformer', 'Pooling', 'Normalize'),
      '2_Pooling/config.json': '{"pooling_mode_cls_token":true}',
    });
    // The first token of all sentences is known: (5, 25), (13, 169), (5, 25).
    const { vectors } = await model.encode(sequence);
    [5, 13, 5].forEach((id, index) => {
      expect(vectors[dim * index]).toBeCloseTo(1 / Math.hypot(1, id), 5);
      expect(vectors[dim * index + 1]).toBeCloseTo(id / Math.hypot(1, id), 5);
    });
  });

  it('takes the vectors of sentences where the model has them, and int32 where it wants it', async () => {
    // The vector of one token, which is all of this sentence, as [batch, dim]; the modules are in the network.
    const model = await load({
      'modules.json': modules('Transformer', 'Pooling', 'Dense', 'Normalize'),
      'model.onnx': onnxFile({
        ...tokenModel,
        inputs: [{ name: 'input_ids', type: 6, shape: ['batch', 'length'] }],
        nodes: [...tokenModel.nodes, { type: 'Flatten', inputs: ['last_hidden_state'], output: 'sentence_embedding' }],
        outputs: [{ name: 'sentence_embedding', type: 1, shape: ['batch', dim] }],
      }),
    });
    const { vectors, dim: size } = await model.encode({ sentences: ['dog'], sources: new Int32Array(0) });
    expect([size, ...vectors]).toEqual([dim, 6, 36]);
  });

  it('cuts a sentence off at the length that the model allows, and keeps its last token', async () => {
    const model = await load({
      'model.onnx': onnxFile(tokenModel),
      'sentence_bert_config.json': '{"max_seq_length":3}',
    });
    const { vectors } = await model.encode({ sentences: ['the dog see a cat .'], sources: new Int32Array(0) });
    expect(vectors[0]).toBeCloseTo(mean(ids('the', 'dog', '.')), 4);
  });

  it('loads another file when told so, and gives nothing for no sentences', async () => {
    const model = await load({ 'small.onnx': onnxFile(tokenModel) }, { file: 'small.onnx' });
    expect(await model.encode({ sentences: [], sources: new Int32Array(0) })).toEqual({
      vectors: new Float32Array(0),
      dim: 0,
      sources: new Int32Array(0),
    });
  });

  it('stops when told so', async () => {
    const model = await load({ 'model.onnx': onnxFile(tokenModel) });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(model.encode(sequence, { signal })).rejects.toThrow('enough');
  });

  const { inputs, outputs } = tokenModel;
  const several = '{"pooling_mode_cls_token":true,"pooling_mode_max_tokens":true}';
  it.each([
    ['a folder without a model', {}, /has no onnx\/model\.onnx, model\.onnx, .*; pass its file/],
    ['a file that is no model', { 'model.onnx': 'nonsense' }, /model\.onnx: cannot be loaded \(/],
    [
      'inputs of another kind',
      { 'model.onnx': onnxFile({ ...tokenModel, inputs: [...inputs, { name: 'pixel_values', type: 1, shape: [1] }] }) },
      /takes pixel_values, which is none of input_ids/,
    ],
    [
      'modules that it cannot do',
      { 'model.onnx': onnxFile(tokenModel), 'modules.json': modules('Transformer', 'Pooling', 'Dense') },
      /its modules\.json has Dense; only Transformer, Pooling and Normalize can be done here/,
    ],
    [
      'modules that are no JSON',
      { 'model.onnx': onnxFile(tokenModel), 'modules.json': '[' },
      /^\S*modules\.json: cannot be read as JSON/,
    ],
    [
      'pooling in several ways',
      { 'model.onnx': onnxFile(tokenModel), '1_Pooling/config.json': several },
      /pools by pooling_mode_cls_token and pooling_mode_max_tokens; expected one of/,
    ],
  ])('refuses %s', async (_, files, message) => {
    const loading = load(files);
    await expect(loading).rejects.toThrow(InputError);
    await expect(loading).rejects.toThrow(message);
  });

  it('refuses outputs that are no vectors', async () => {
    const nodes = [{ type: 'Identity', inputs: ['input_ids'], output: 'ids' }];
    const model = await load({
      'model.onnx': onnxFile({
        nodes,
        inputs: inputs.slice(0, 1),
        outputs: [{ ...outputs[0]!, name: 'ids', type: int64, shape: ['batch', 'length'] }],
        constants: [],
      }),
    });
    await expect(model.encode(sequence)).rejects.toThrow(/gives int64 \[3, 7\], expected float32 vectors of tokens/);
  });
});
