import { backendNames } from '@qb-heat/training';
import { presetNames } from '../experiments/presets/index.ts';
import type { OptionDefinitions } from './option-definition.ts';

export const experimentNames = ['operators', 'vision', 'detection', 'text', 'sentences', 'engine'] as const;
export const backendChoices = ['auto', ...backendNames] as const;

/** The options of `pnpm bench`, from which `--help` is rendered too. */
export const benchArguments = {
  preset: {
    type: 'string',
    valueHint: presetNames.join('|'),
    description:
      'how much to run: smoke ends within a minute, quick (the default) within six on two cores; standard takes four to five hours and real data, full a day and a GPU',
  },
  experiments: {
    type: 'string',
    valueHint: 'file',
    description: 'experiments of your own, a YAML or JSON file, in place of a preset',
  },
  only: {
    type: 'string',
    valueHint: experimentNames.join(','),
    description:
      'experiments, separated by commas; the operators of a preset are measured in full when alone, engine only when named; without it, all but engine',
  },
  images: {
    type: 'string',
    isRepeatable: true,
    valueHint: 'path',
    description:
      'CIFAR-10 binary files, IDX files, or a folder of pictures by class; given several times, each is compared by itself; without it, embedded synthetic ones',
  },
  detection: {
    type: 'string',
    valueHint: 'path',
    description:
      'pictures with boxes, Pascal VOC XML or COCO JSON, to train a detection head on the frozen encoders with; without it, no detection',
  },
  text: {
    type: 'string',
    isRepeatable: true,
    valueHint: 'path',
    description:
      'CSV, TSV or plain text, also .gz, or a folder of them, to pre-train on; given several times, on all together; without it, an embedded synthetic corpus',
  },
  'probe-text': {
    type: 'string',
    isRepeatable: true,
    valueHint: 'path',
    description:
      'labelled texts to probe the encoders on; may be given several times; without it, those of --text that have labels',
  },
  'text-column': {
    type: 'string',
    isRepeatable: true,
    valueHint: '[set=]name|number',
    description:
      'column that holds the text, where its layout does not tell; of one set of texts, by its name, or of all',
  },
  'label-column': {
    type: 'string',
    isRepeatable: true,
    valueHint: '[set=]name|number',
    description: "column that holds the class, where its layout does not tell; 'none' for no classes",
  },
  encoding: {
    type: 'string',
    isRepeatable: true,
    valueHint: '[set=]name',
    description: 'character encoding of the texts, such as latin1, or trec=latin1 for one set; without it, utf-8',
  },
  tokenizer: {
    type: 'string',
    valueHint: 'path|name',
    description:
      'a tokenizer.json, a folder with one, or a name on the Hugging Face hub; without it, one is trained on the text',
  },
  fills: {
    type: 'string',
    valueHint: 'name,…',
    description: 'methods to compare with the baselines, such as linear, linear-blockwise, mlp, interpolate, bert',
  },
  encoders: {
    type: 'string',
    valueHint: 'name,…',
    description: 'encoders by kind and size, such as vit-atto, convnet-pico, transformer-tiny',
  },
  seeds: {
    type: 'string',
    valueHint: 'n',
    description: 'runs per method, each with its own seed; without it, the preset decides',
  },
  shard: {
    type: 'string',
    valueHint: 'i/n',
    description: 'run the i-th of n parts of the runs; pnpm bench merge puts them together',
  },
  backend: {
    type: 'string',
    valueHint: backendChoices.join('|'),
    description:
      'where tensors are computed; auto takes the first that works of tensorflow with CUDA, onnxruntime on a GPU, onnxruntime, tensorflow, wasm, cpu',
    default: 'auto',
  },
  threads: {
    type: 'string',
    valueHint: 'n',
    description: 'CPU threads to compute with, on no GPU by onnxruntime; without it, all',
  },
  out: {
    type: 'string',
    valueHint: 'folder',
    description: 'where the results and the report go; runs finished there before are taken over',
    default: 'qb-heat-results',
  },
  export: {
    type: 'boolean',
    description:
      'also write each pre-trained encoder as a folder that transformers.js loads, below encoders in --out; a finished run whose encoder is not there runs again',
  },
  fresh: { type: 'boolean', description: 'run again what is already finished in --out' },
  json: {
    type: 'boolean',
    description: 'one JSON record a line on standard output, everything else on standard error',
  },
  tensorboard: {
    type: 'string',
    valueHint: 'folder',
    description: 'also write each finished run as TensorBoard event files below it',
  },
  debug: { type: 'boolean', description: 'show the stack trace of an error' },
} as const satisfies OptionDefinitions;

/** The options of `pnpm bench merge`. */
export const mergeArguments = {
  out: benchArguments.out,
  incomplete: { type: 'boolean', description: 'put together what is there, even if runs are missing' },
  debug: benchArguments.debug,
} as const satisfies OptionDefinitions;
