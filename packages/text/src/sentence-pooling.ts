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

/** What a sentence model does with the features of the tokens, the pooling itself apart. */
interface SentenceModules {
  /** Where the pooling is described. */
  readonly poolingFolder: string;
  /** True where vectors are scaled to length 1 in the end. */
  readonly isNormalized: boolean;
}

/**
 * Reads the `modules.json` of a sentence model, a list of steps with their type and folder; an empty object, of a model
 * without that file, is pooling alone. Throws an `InputError` for a step that is not known here.
 */
export function chooseModules(model: string, modules: object): SentenceModules {
  const steps = (Array.isArray(modules) ? modules : []) as readonly {
    readonly type?: string;
    readonly path?: string;
  }[];
  const kinds = steps.map(({ type }) => String(type).split('.').at(-1)!);
  const unknown = kinds.filter((kind) => !['Transformer', 'Pooling', 'Normalize'].includes(kind));
  if (unknown.length > 0) {
    throw new InputError(
      `sentence model ${model}: its modules.json has ${unknown.join(' and ')}; only Transformer, Pooling and Normalize ` +
        `can be done here, so export it with its sentence_embedding as an output`,
    );
  }
  return {
    poolingFolder: steps[kinds.indexOf('Pooling')]?.path ?? '1_Pooling',
    isNormalized: kinds.includes('Normalize'),
  };
}

/** The vector at length 1; zeros stay. */
export function normalize(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? vector : vector.map((value) => value / length);
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
