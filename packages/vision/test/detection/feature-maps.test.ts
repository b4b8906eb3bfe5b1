import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { openFeatureMaps } from '../../src/detection/feature-maps.ts';
import { tinyBackbone } from './scene.ts';

const pixels = Uint8Array.from({ length: 5 * 192 }, (_, i) => (i * 7919) % 256);

test('maps that are kept and maps that are computed when asked for are the same', async () => {
  const backbone = tinyBackbone();
  const mapBytes = 5 * 16 * 16 * 4;
  const kept = await openFeatureMaps(backbone, pixels, { batchSize: 2, cacheBytes: mapBytes });
  const computed = await openFeatureMaps(backbone, pixels, { batchSize: 2, cacheBytes: mapBytes - 1 });
  const before = tf.memory().numTensors;
  const [first, second] = [kept.take([4, 0, 4]), computed.take([4, 0, 4])];
  expect(first.shape).toEqual([3, 4, 4, 16]);
  const expected = await second.data();
  (await first.data()).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  tf.dispose([first, second]);
  expect(tf.memory().numTensors).toBe(before);
});
