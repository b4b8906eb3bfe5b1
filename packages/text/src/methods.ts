import { InputError } from '@qb-heat/core';
import type { FillSpec } from '@qb-heat/core';
import { BertModel } from './bert-model.ts';
import type { LatentTargetOptions, TextModelOptions } from './config.ts';
import { LatentTextModel } from './latent-text-model.ts';
import { MaskedTextModel } from './masked-text-model.ts';
import type { MaskedTokenModel } from './masked-text-model.ts';
import type { MaskSpec } from './masks.ts';
import type { TokenStatistics } from './token-predictor.ts';
import type { TextTokenizer } from './tokenizer.ts';

/** A fill for masked positions behind the encoder, or `[MASK]` in the encoder, with or without BERT's 80/10/10 rule. */
type Method = { readonly fill: FillSpec } | { readonly bert: { readonly keepSome: boolean } };

const methods = {
  'mask-token': { fill: { name: 'mask-token' } },
  zero: { fill: { name: 'zero' } },
  mean: { fill: { name: 'mean' } },
  nearest: { fill: { name: 'nearest' } },
  // From a visible window alone: one operator for both directions, or A₊ to the right and A₋ to the left.
  linear: { fill: { name: 'linear' } },
  'linear-free': { fill: { name: 'linear', direction: 'free' } },
  'linear-exact': { fill: { name: 'linear', scheme: 'exact' } },
  'linear-exact-free': { fill: { name: 'linear', scheme: 'exact', direction: 'free' } },
  'linear-cayley': { fill: { name: 'linear', scheme: 'cayley' } },
  'linear-cayley-free': { fill: { name: 'linear', scheme: 'cayley', direction: 'free' } },
  'norm-linear': { fill: { name: 'linear', scheme: 'norm-linear' } },
  'norm-linear-free': { fill: { name: 'linear', scheme: 'norm-linear', direction: 'free' } },
  mlp: { fill: { name: 'mlp' } },
  'mlp-free': { fill: { name: 'mlp', direction: 'free' } },
  // Between visible tokens, at any mask.
  interpolate: { fill: { name: 'interpolate' } },
  harmonic: { fill: { name: 'harmonic' } },
  'least-squares': { fill: { name: 'least-squares' } },
  'least-squares-exact': { fill: { name: 'least-squares', scheme: 'exact' } },
  'least-squares-cayley': { fill: { name: 'least-squares', scheme: 'cayley' } },
  // At any mask, and through the encoder.
  bert: { bert: { keepSome: false } },
  'bert-80-10-10': { bert: { keepSome: true } },
} as const satisfies Readonly<Record<string, Method>>;

/** A way to pre-train on text, by the name that experiments know it by. */
export type TextMethod = keyof typeof methods;

/** Every method: the baselines, then what walks from a visible window, then what fills any mask, then BERT. */
export const textMethods = Object.keys(methods) as readonly TextMethod[];

export interface TextMethodOptions extends Omit<TextModelOptions, 'fill' | 'vocabSize'>, TokenStatistics {
  /** Gives the vocabulary's size and `[MASK]`. */
  readonly tokenizer: Pick<TextTokenizer, 'vocabSize' | 'special'>;
}

/**
 * Makes the model of a method. Of two models with the same options only the method differs: encoder and decoder start
 * with equal weights. The caller disposes it.
 *
 * Throws an `InputError` on a name that doesn't exist, and as the models do.
 */
export function createTextModel(method: TextMethod, { tokenizer, ...options }: TextMethodOptions): MaskedTokenModel {
  const recipe = recipeOf(method);
  const sizes = { ...options, vocabSize: tokenizer.vocabSize };
  return 'bert' in recipe
    ? new BertModel({ ...sizes, ...recipe.bert, maskId: tokenizer.special.mask })
    : new MaskedTextModel({ ...sizes, fill: recipe.fill });
}

/**
 * The same with features in the place of tokens as what is predicted, whatever the method. The caller disposes it.
 *
 * Throws an `InputError` on a name that doesn't exist, and as the model does.
 */
export function createLatentTextModel(
  method: TextMethod,
  {
    tokenizer,
    target,
    ...options
  }: Omit<TextMethodOptions, 'tokenCounts' | 'numSampled'> & { readonly target?: LatentTargetOptions },
): LatentTextModel {
  const recipe = recipeOf(method);
  const sizes = { ...options, vocabSize: tokenizer.vocabSize, ...(target && { target }) };
  return 'bert' in recipe
    ? new LatentTextModel({ ...sizes, ...recipe.bert, maskId: tokenizer.special.mask })
    : new LatentTextModel({ ...sizes, fill: recipe.fill });
}

/** Whether a method can take masks of this kind: what walks from a visible window needs one. */
export function takesMask(method: TextMethod, kind: MaskSpec['kind']): boolean {
  const recipe = recipeOf(method);
  const needsWindow = 'fill' in recipe && (recipe.fill.name === 'linear' || recipe.fill.name === 'mlp');
  return kind === 'window' || !needsWindow;
}

function recipeOf(method: TextMethod): Method {
  if (!Object.hasOwn(methods, method)) {
    throw new InputError(`text method: '${method}' does not exist; expected one of ${textMethods.join(', ')}`);
  }
  return methods[method];
}
