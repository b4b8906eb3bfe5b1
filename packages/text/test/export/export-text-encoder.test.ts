import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@qb-heat/core';
import { PreTrainedTokenizer } from '@xenova/transformers/src/tokenizers.js';
import * as tf from '@tensorflow/tfjs';
import * as ortNode from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createTextEncoder,
  createTokenizer,
  encodeTexts,
  exportTextEncoder,
  loadSentenceModel,
} from '../../src/index.ts';
import type { TextEncoder, TextEncoderConfig, TextTokenizer } from '../../src/index.ts';
import { folderWith } from '../data/files.ts';
import { handMadeFiles, handMadeTokenizer, handMadeTokens } from '../fixtures.ts';

const length = 10;
const sizes = { vocabSize: handMadeTokenizer.vocabSize, length, dim: 8, depth: 2 };
const transformer = { ...sizes, kind: 'transformer', numHeads: 2, dropoutRate: 0.1 } as const;
const convnet = { ...sizes, kind: 'convnet', kernelSize: 3 } as const;
const configs: TextEncoderConfig[] = [
  { ...transformer, positions: 'learned' },
  { ...transformer, positions: 'sin-cos' },
  { ...transformer, positions: 'rotary' },
  { ...convnet, positions: 'none' },
  { ...convnet, positions: 'learned' },
  { ...convnet, positions: 'sin-cos' },
];

/** One word, none, as many tokens as a row has, one more, and far too many. */
const texts = ['dog', '', 'the dog barks', 'a cat sees the dog .', 'a cat sees the dog running', 'the cat '.repeat(30)];

beforeAll(() => {
  ortWeb.env.wasm.numThreads = 1;
});

/** An encoder of which no two weights are alike: initial biases and norms are. */
function createEncoder(config: TextEncoderConfig): TextEncoder {
  const encoder = createTextEncoder(config);
  for (const variable of encoder.parameters.values()) {
    variable.assign(tf.add(variable, tf.randomNormal(variable.shape, 0, 0.3, 'float32', variable.size)));
  }
  return encoder;
}

async function exportNew(config: TextEncoderConfig, tokenizer: TextTokenizer = handMadeTokenizer) {
  const folder = join(await folderWith({}), 'encoder');
  const encoder = createEncoder(config);
  await exportTextEncoder(folder, encoder, tokenizer);
  return { encoder, folder };
}

const readJson = async (folder: string, name: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(folder, name), 'utf8')) as Record<string, unknown>;

/** What the pipeline `feature-extraction` does: the library's tokenizer on all texts at once, the model, the mean. */
async function runPipeline(folder: string, some: readonly string[], ort: typeof ortNode): Promise<Float32Array[]> {
  const [json, config] = await Promise.all(
    ['tokenizer.json', 'tokenizer_config.json'].map((name) => readJson(folder, name)),
  );
  const tokenizer = new PreTrainedTokenizer(json!, config!);
  const { input_ids: ids, attention_mask: mask } = tokenizer([...some], {
    padding: true,
    truncation: true,
    return_tensor: false,
  }) as unknown as Record<string, number[][]>;
  const shape = [some.length, ids![0]!.length];
  const feed = (rows: number[][]) => new ort.Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), shape);
  const session = await ort.InferenceSession.create(await readFile(join(folder, 'onnx', 'model.onnx')), {
    executionProviders: [ort === ortNode ? 'cpu' : 'wasm'],
  });
  const results = await session.run({ input_ids: feed(ids!), attention_mask: feed(mask!) });
  const { data, dims } = results['last_hidden_state']!;
  await session.release();
  expect(dims).toEqual([...shape, sizes.dim]);
  const features = data as Float32Array;
  return mask!.map((row, text) => {
    const mean = new Float32Array(sizes.dim);
    row.forEach((isToken, place) => {
      for (let i = 0; i < sizes.dim; i++) mean[i]! += isToken * features[(text * row.length + place) * sizes.dim + i]!;
    });
    return mean.map((sum) => sum / row.filter(Boolean).length);
  });
}

async function expectSameFeatures(
  { encoder, folder }: Awaited<ReturnType<typeof exportNew>>,
  tokenizer: TextTokenizer,
  some: readonly string[],
  ort = ortNode,
): Promise<void> {
  const { data } = await encodeTexts(encoder, tokenizer, some);
  const means = await runPipeline(folder, some, ort);
  means.forEach((mean, text) => {
    mean.forEach((value, i) => {
      expect(value, some[text]).toBeCloseTo(data[text * sizes.dim + i]!, 4);
    });
  });
}

describe('exportTextEncoder', () => {
  it.each(configs)('gives the features that encodeTexts gives: $kind, positions $positions', async (config) => {
    const exported = await exportNew(config);
    await expectSameFeatures(exported, handMadeTokenizer, texts);
    await expectSameFeatures(exported, handMadeTokenizer, texts.slice(0, 1));
  });

  it('tries it with texts that are cut off and texts that are not', async () => {
    const { numTokens, numTruncated } = await encodeTexts(createEncoder(configs[0]!), handMadeTokenizer, texts);
    expect([...numTokens]).toEqual([3, 2, 6, 9, 10, 10]);
    expect(numTruncated).toBe(1);
  });

  it.each([configs[2]!, configs[3]!])('gives them in onnxruntime-web: $kind', async (config) => {
    await expectSameFeatures(await exportNew(config), handMadeTokenizer, texts, ortWeb as unknown as typeof ortNode);
  });

  it.each([
    ['start and end', ['[CLS]', '[SEP]']],
    ['start', ['[CLS]']],
    ['end', ['[SEP]']],
  ])('encloses texts as encodeTexts does, also without %s', async (_, missing) => {
    const tokenizer = createTokenizer(
      handMadeFiles(handMadeTokens.filter((token) => !missing.includes(token))),
      'bare',
    );
    const config = { ...configs[0]!, vocabSize: tokenizer.vocabSize };
    const some = texts.filter((text) => text !== '');
    await expectSameFeatures(await exportNew(config, tokenizer), tokenizer, some);
  });

  it('encloses texts so whatever the tokenizer would add by itself', async () => {
    const { json, config } = handMadeFiles();
    const post_processor = { type: 'BertProcessing', sep: ['.', 14], cls: ['.', 14] };
    const tokenizer = createTokenizer({ json: { ...json, post_processor }, config }, 'dotted');
    await expectSameFeatures(await exportNew(configs[0]!, tokenizer), tokenizer, texts);
  });

  it('writes tokenizer and configuration', async () => {
    const { encoder, folder } = await exportNew(configs[0]!);
    expect(await readJson(folder, 'tokenizer_config.json')).toEqual({
      tokenizer_class: 'PreTrainedTokenizerFast',
      pad_token: '[PAD]',
      mask_token: '[MASK]',
      unk_token: '[UNK]',
      cls_token: '[CLS]',
      sep_token: '[SEP]',
      model_max_length: length,
      padding_side: 'right',
      truncation_side: 'right',
    });
    expect(await readJson(folder, 'tokenizer.json')).toMatchObject({
      model: handMadeFiles().json.model,
      truncation: null,
      padding: null,
      post_processor: {
        type: 'TemplateProcessing',
        single: [
          { SpecialToken: { id: '[CLS]', type_id: 0 } },
          { Sequence: { id: 'A', type_id: 0 } },
          { SpecialToken: { id: '[SEP]', type_id: 0 } },
        ],
        special_tokens: { '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] } },
      },
    });
    const config = await readJson(folder, 'config.json');
    expect(config).toMatchObject({ hidden_size: 8, max_position_embeddings: length, vocab_size: 15 });
    expect(config['qb_heat']).toEqual(encoder.config);
  });

  it('is a sentence model too', async () => {
    const { encoder, folder } = await exportNew(configs[2]!);
    const model = await loadSentenceModel(folder);
    const { vectors } = await model.encode({ sentences: texts, sources: new Int32Array() });
    const { data } = await encodeTexts(encoder, handMadeTokenizer, texts);
    vectors.forEach((value, i) => expect(value).toBeCloseTo(data[i]!, 4));
    await model.dispose();
  });

  it('refuses a tokenizer of another vocabulary', async () => {
    const exporting = exportNew({ ...configs[0]!, vocabSize: 20 });
    await expect(exporting).rejects.toThrow(InputError);
    await expect(exporting).rejects.toThrow("tokenizer hand-made must have the encoder's 20 entries, got 15");
  });

  it('leaves no tensor behind', async () => {
    const { encoder, folder } = await exportNew(configs[0]!);
    const before = tf.memory().numTensors;
    await exportTextEncoder(folder, encoder, handMadeTokenizer);
    expect(tf.memory().numTensors).toBe(before);
  });
});
