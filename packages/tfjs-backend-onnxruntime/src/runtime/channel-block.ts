import { Tensor } from 'onnxruntime-node';
import { GraphBuilder } from '../graph/graph-builder.ts';
import { encodeModel } from '../graph/model-encoder.ts';
import { BLOCKED_DOMAIN } from '../kernels/blocked-convolution.ts';
import { COPY_STOPPER, NativeSession } from './binding.ts';

const CANDIDATES = [8, 16] as const;
const NUM_CHANNELS = 16;

/**
 * Finds how many channels this machine's ONNX Runtime puts in a group in its blocked picture layout, which depends on
 * the processor's vectors: two pixels of sixteen channels, numbered, come out in an order that tells. Null where there
 * is no such layout.
 */
export function findChannelBlock(): number | null {
  const shape = [1, 1, 2, NUM_CHANNELS];
  const numbers = Float32Array.from({ length: 2 * NUM_CHANNELS }, (_, i) => i);
  const reordered = new Float32Array(2 * NUM_CHANNELS);
  try {
    const graph = new GraphBuilder({ hasRuntimeOperators: true, channelBlock: null });
    const input = graph.input('x', 'float32', shape);
    const value = graph.node('ReorderInput', [input], {
      domain: BLOCKED_DOMAIN,
      shape: [1, NUM_CHANNELS, 1, 2],
      attributes: { channels_last: 1 },
    });
    const output = graph.output(value);
    const model = encodeModel(graph, { sequenceOutput: COPY_STOPPER, extraDomains: [BLOCKED_DOMAIN] });
    const session = new NativeSession(model, {
      graphOptimizationLevel: 'disabled',
      intraOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    session.run(
      { x: new Tensor('float32', numbers, shape) },
      { [output.name]: new Tensor('float32', reordered, [1, NUM_CHANNELS, 1, 2]) },
    );
    session.dispose();
  } catch {
    return null;
  }
  // The second pixel's first channel, number 16, follows the first group of the first pixel.
  return CANDIDATES.find((block) => reordered[block] === NUM_CHANNELS) ?? null;
}
