import { InputError } from '@qb-heat/core';
import type { MaskedImageModelOptions } from './config.ts';
import { MaskedImageModel } from './masked-image-model.ts';

/** What a method fixes of a model. Its mask is where it was proposed, and can be given another. */
type MethodOptions = Pick<MaskedImageModelOptions, 'mask' | 'fill' | 'fillAt' | 'lossOn'>;

const block = { kind: 'block' } as const;

/**
 * Ways to pre-train by name, as options of `MaskedImageModel`. Those from `linear` to `mask-token` differ in the fill
 * alone.
 */
export const imageMethods = {
  /** QB-Heat (arXiv 2211.13228): linear maps from a visible block, cell by cell. */
  linear: { mask: block, fill: 'linear' },
  /** The same in jumps of a whole block, as in the paper's figure. */
  'linear-blockwise': { mask: block, fill: { name: 'linear', mode: 'blockwise' } },
  /** Both routes to a diagonal cell, averaged. */
  'linear-both-routes': { mask: block, fill: { name: 'linear', route: 'mean' } },
  /** An operator for each of the four directions. */
  'linear-free': { mask: block, fill: { name: 'linear', direction: 'free' } },
  /** z_x = A z solved: exp(ΔA) in the place of I + ΔA. */
  'linear-exact': { mask: block, fill: { name: 'linear', scheme: 'exact' } },
  /** (I − ΔA/2)⁻¹ (I + ΔA/2). */
  'linear-cayley': { mask: block, fill: { name: 'linear', scheme: 'cayley' } },
  /** z + ΔA norm(z), as FINOLA steps (arXiv 2305.16319). */
  'norm-linear': { mask: block, fill: { name: 'linear', scheme: 'norm-linear' } },
  /** A non-linear step with as many parameters. */
  mlp: { mask: block, fill: 'mlp' },
  /** The steady state of the heat equation between scattered patches, which no published work has tried. */
  harmonic: { mask: { kind: 'random' }, fill: 'harmonic' },
  nearest: { mask: block, fill: 'nearest' },
  mean: { mask: block, fill: 'mean' },
  zero: { mask: block, fill: 'zero' },
  /** QB-Heat's rival with all else equal: MAE's learned vector for everything outside the block. */
  'mask-token': { mask: block, fill: 'mask-token' },
  /** Masked autoencoder (arXiv 2111.06377): 75 % of the patches at random, the mask token in the decoder. */
  mae: { mask: { kind: 'random', ratio: 0.75 }, fill: 'mask-token' },
  /** SimMIM (arXiv 2111.09886): 60 % at random, the mask token in the encoder, which sees the whole grid. */
  simmim: { mask: { kind: 'random', ratio: 0.6 }, fill: 'mask-token', fillAt: 'patches' },
  /** The whole image in, the whole image out. */
  autoencoder: { mask: { kind: 'none' }, fill: 'zero', lossOn: 'all' },
} as const satisfies Record<string, MethodOptions>;

export type ImageMethod = keyof typeof imageMethods;

/** What can be set of a model whose method is named. */
export type ImageModelOptions = Omit<MaskedImageModelOptions, 'fill' | 'fillAt'>;

/**
 * The model of a named method.
 *
 * @param options everything else of it; `mask` and `lossOn` take the place of the method's own.
 * @throws InputError on an unknown method or option, or a mask that the method or the encoder can't take. The caller
 * disposes the model.
 */
export function createImageModel(method: ImageMethod, options: ImageModelOptions): MaskedImageModel {
  const fixed: MethodOptions | undefined = imageMethods[method];
  if (fixed === undefined) {
    const names = Object.keys(imageMethods).join(', ');
    throw new InputError(`createImageModel: method must be one of ${names}, got '${method as string}'`);
  }
  return new MaskedImageModel({ ...fixed, ...options });
}
