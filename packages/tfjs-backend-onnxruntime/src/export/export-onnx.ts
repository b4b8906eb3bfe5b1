import * as tf from '@tensorflow/tfjs';
import type { OnnxruntimeBackend } from '../backend.ts';
import { encodeModel } from '../graph/model-encoder.ts';
import { BACKEND_NAME } from '../kernels/register.ts';
import { type BatchTrace, type DynamicGraph, mergeTraces } from './dynamic-batch.ts';
import { layOutExternalData } from './external-data.ts';
import { type ExportableFunction, type NamedTensors, traceFunction } from './trace.ts';

export interface ExportOptions {
  /**
   * The axis of every input that counts the examples: it gets the name `batch` in place of a length, and the model
   * takes any. null fixes all lengths to those of the example inputs. Default: 0.
   */
  readonly batchAxis?: number | null;
  /**
   * Puts weights of 1 KiB and more into a second file of this name, which has to lie beside the model. Default: all
   * weights inside the model.
   */
  readonly externalDataName?: string;
  /** The producer that the model names. */
  readonly producerName?: string;
}

export interface ExportedModel {
  /** The serialised ONNX model, opset 21. */
  readonly model: Uint8Array;
  /** The content of the file that `externalDataName` names, or null without that option. */
  readonly externalData: Uint8Array | null;
}

/** Primes, which no other length of a model is likely to be, nor a multiple of. */
const TRACED_BATCH_SIZES = [1009, 1013, 1019] as const;

/**
 * Writes a forward function as an ONNX model of standard operators.
 *
 * The function is traced and not run: it gets tensors that have no values, so it may read the values of weights but
 * not of anything that depends on its inputs. It returns one tensor, named `output` in the model, or several by name.
 * Whatever else it uses becomes a weight of the model; tfjs variables keep their names. The backend `onnxruntime` must
 * be the current one.
 *
 * @param fn called with tensors of the names, types and (the batch axis apart) shapes of `exampleInputs`
 * @param exampleInputs float32, int32 or bool tensors; their values don't matter. They stay the caller's.
 * @throws an Error for a function that can't be traced, or that treats another batch size differently
 */
export function exportOnnx(
  fn: ExportableFunction,
  exampleInputs: NamedTensors,
  options: ExportOptions = {},
): ExportedModel {
  if (tf.getBackend() !== BACKEND_NAME) {
    throw new Error(
      `exportOnnx: the backend must be ${BACKEND_NAME}, got ${tf.getBackend()}; call tf.setBackend first`,
    );
  }
  const backend = tf.backend() as OnnxruntimeBackend;
  const batchAxis = options.batchAxis === undefined ? 0 : options.batchAxis;
  const { graph, axisName }: DynamicGraph =
    batchAxis === null
      ? { graph: traceFunction(backend, fn, exampleInputs), axisName: () => null }
      : traceBatches(backend, fn, exampleInputs, batchAxis);
  const producer = options.producerName === undefined ? {} : { producerName: options.producerName };
  if (options.externalDataName === undefined) {
    return { model: encodeModel(graph, { ...producer, axisName }), externalData: null };
  }
  const { bytes, locationOf } = layOutExternalData(graph, options.externalDataName);
  return { model: encodeModel(graph, { ...producer, axisName, externalLocation: locationOf }), externalData: bytes };
}

function traceBatches(
  backend: OnnxruntimeBackend,
  fn: ExportableFunction,
  exampleInputs: NamedTensors,
  batchAxis: number,
): DynamicGraph {
  const [firstInput] = Object.keys(exampleInputs);
  if (firstInput === undefined) throw new Error('exportOnnx: at least one input is needed');
  const traces = TRACED_BATCH_SIZES.map((batchSize): BatchTrace => {
    const inputs = Object.fromEntries(
      Object.entries(exampleInputs).map(([name, { shape, dtype }]) => {
        if (shape.length <= batchAxis) {
          throw new Error(`exportOnnx: ${name} has no axis ${batchAxis}, its shape is [${shape.join(', ')}]`);
        }
        return [name, { shape: shape.with(batchAxis, batchSize), dtype }];
      }),
    );
    return { batchSize, graph: traceFunction(backend, fn, inputs) };
  });
  return mergeTraces(traces as [BatchTrace, BatchTrace, BatchTrace], { input: firstInput, axis: batchAxis });
}
