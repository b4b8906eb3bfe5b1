import { InputError } from '@qb-heat/core';

/** How a sentence's vector comes of its tokens': their mean, the first one, or the highest value of each channel. */
export type Pooling = 'mean' | 'cls' | 'max';

const modes: Readonly<Record<string, Pooling>> = {
  pooling_mode_mean_tokens: 'mean',
  pooling_mode_cls_token: 'cls',
  pooling_mode_max_tokens: 'max',
};

/**
 * Reads the `1_Pooling/config.json` of a sentence model; an empty one is the mean. Throws an `InputError` when it asks
 * for something else, or for several at once.
 */
export function choosePooling(model: string, config: Readonly<Record<string, unknown>> | object): Pooling {
  const asked = Object.entries(config).filter(([key, value]) => key.startsWith('pooling_mode') && value === true);
  if (asked.length === 0) return 'mean';
  const pooling = asked.length === 1 ? modes[asked[0]![0]] : undefined;
  if (pooling !== undefined) return pooling;
  const names = asked.map(([key]) => key).join(' and ');
  throw new InputError(`sentence model ${model}: pools by ${names}; expected one of ${Object.keys(modes).join(', ')}`);
}

/**
 * One vector of a sentence.
 *
 * @param tokens `[places, dim]`, of which the first `length` places hold the sentence.
 * @returns `[dim]`.
 */
export function poolTokens(tokens: Float32Array, length: number, dim: number, pooling: Pooling): Float32Array {
  if (pooling === 'cls') return tokens.slice(0, dim);
  const pooled = new Float32Array(dim).fill(pooling === 'max' ? -Infinity : 0);
  for (let place = 0; place < length; place++) {
    for (let channel = 0; channel < dim; channel++) {
      const value = tokens[place * dim + channel]!;
      pooled[channel] = pooling === 'max' ? Math.max(pooled[channel]!, value) : pooled[channel]! + value / length;
    }
  }
  return pooled;
}
