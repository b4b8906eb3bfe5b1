import { fillNames } from '@qb-heat/core';
import { backendNames } from '@qb-heat/training';
import type { ArgsDef } from 'citty';

export const presetNames = ['smoke', 'quick'] as const;
export const experimentNames = ['operators', 'vision', 'text', 'engine'] as const;
export const backendChoices = ['auto', ...backendNames] as const;

/** The options of `pnpm bench`, from which citty also renders `--help`. */
export const benchArguments = {
  preset: {
    type: 'string',
    valueHint: presetNames.join('|'),
    description: 'how much to run: smoke ends within a minute, quick within six on two cores',
    default: 'quick',
  },
  only: {
    type: 'string',
    valueHint: experimentNames.join(','),
    description: 'experiments, separated by commas; operators are measured in full when alone, engine only when named',
    default: 'operators,vision,text',
  },
  images: {
    type: 'string',
    valueHint: 'path',
    description:
      'CIFAR-10 binary files, IDX files, or a folder of pictures by class; without it, embedded synthetic ones',
  },
  text: {
    type: 'string',
    valueHint: 'path',
    description: 'CSV, TSV or plain text, also .gz, or a folder of them; without it, an embedded synthetic corpus',
  },
  'text-column': {
    type: 'string',
    valueHint: 'name|number',
    description: 'column of --text that holds the text, where its layout does not tell',
  },
  'label-column': {
    type: 'string',
    valueHint: 'name|number',
    description: 'column of --text that holds the class, where its layout does not tell',
  },
  encoding: {
    type: 'string',
    valueHint: 'name',
    description: 'character encoding of --text, such as latin1; without it, utf-8',
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
    description: `what to compare with mask-token, of ${fillNames.filter((name) => name !== 'mask-token').join(', ')}; without it, linear, and interpolate for random masks`,
  },
  backend: {
    type: 'string',
    valueHint: backendChoices.join('|'),
    description: 'where tensors are computed; auto takes the fastest that loads',
    default: 'auto',
  },
  threads: { type: 'string', valueHint: 'n', description: 'threads of the backend; without it, its own choice' },
  seeds: {
    type: 'string',
    valueHint: 'n',
    description: 'runs per method, each with its own seed; without it, the preset decides',
  },
  out: {
    type: 'string',
    valueHint: 'folder',
    description: 'where results.json and report.html go; runs finished there before are taken over',
    default: 'qb-heat-results',
  },
  fresh: { type: 'boolean', description: 'run again what is already finished in --out' },
  debug: { type: 'boolean', description: 'show the stack trace of an error' },
} as const satisfies ArgsDef;
