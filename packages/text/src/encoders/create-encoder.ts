import { createRandom } from '@qb-heat/training';
import type { Random } from '@qb-heat/training';
import { ConvNetTextEncoder } from './convnet.ts';
import type { TextEncoder, TextEncoderConfig } from './text-encoder.ts';
import { TransformerTextEncoder } from './transformer.ts';

/**
 * An encoder by itself, to restore a checkpoint into: its weights are random until then.
 *
 * @param config as `TextEncoder.config` was when the checkpoint was written.
 * @param random draws the initial weights. The caller disposes the encoder.
 */
export function createTextEncoder(config: TextEncoderConfig, random: Random = createRandom(0)): TextEncoder {
  return config.kind === 'convnet'
    ? new ConvNetTextEncoder(config, random)
    : new TransformerTextEncoder(config, random);
}

/** An encoder with the same weights in variables of its own. The caller disposes it. */
export function copyTextEncoder(encoder: TextEncoder): TextEncoder {
  const copy = createTextEncoder(encoder.config);
  for (const [path, variable] of encoder.parameters) copy.parameters.get(path)!.assign(variable);
  return copy;
}
