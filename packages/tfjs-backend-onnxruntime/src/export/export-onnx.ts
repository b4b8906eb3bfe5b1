import * as tf from '@tensorflow/tfjs';
import type { OnnxruntimeBackend } from '../backend.ts';
import type { ElementType } from '../graph/element-type.ts';
import { encodeModel, OPSET } from '../graph/model-encoder.ts';
import { BACKEND_NAME } from '../kernels/register.ts';
import { mergeTraces } from './dynamic-axes.ts';
import { layOutExternalData } from './external-data.ts';
import { lowerOpset, type Opset, OPSETS } from './lower-opset.ts';
import { samplePoints, type VaryingAxis } from './multilinear.ts';
import { type ExportableFunction, type NamedTensors, type TracedInput, traceFunction } from './trace.ts';

export interface ExportOptions {
  /**
   * Axes of the inputs whose length the model leaves open, by the name that they get: `{ batch: 0, sequence: 1 }` makes
   * of inputs `[2, 8, …]` a model that takes `[batch, sequence, …]`. Every input has to have all of them. `{}` fixes all
   * lengths to those of the example inputs. Default: `{ batch: 0 }`.
   */
  readonly dynamicAxes?: Readonly<Record<string, number>>;
  /**
   * Types of the model's inputs, where they are not those of the example inputs, to which the model then casts them:
   * `{ input_ids: 'int64' }`.
   */
  readonly inputTypes?: Readonly<Record<string, ElementType>>;
  /** The version of ONNX's operator set, 17 to 21. Runtimes read those of their time and older. Default: 21. */
  readonly opset?: Opset;
  /**
   * Puts weights of 1 KiB and more into a second file of this name, which has to lie beside the model. Default: all
   * weights inside the model.
   */
  readonly externalDataName?: string;
  /** The producer that the model names. */
  readonly producerName?: string;
}

export interface ExportedModel {
  /** The serialised ONNX model. */
  readonly model: Uint8Array;
  /** The content of the file that `externalDataName` names, or null without that option. */
  readonly externalData: Uint8Array | null;
}

/**
 * For each axis its three lengths: primes, which no other length of a model is likely to be, nor a multiple of; and far
 * apart, so that a length that is divided and rounded does not look like a fixed one.
 */
const TRACED_LENGTHS: readonly VaryingAxis['lengths'][] = [
  [1009, 1511, 2003],
  [1013, 1523, 2011],
  [1019, 1531, 2017],
];

/**
 * Writes a forward function as an ONNX model of standard operators.
 *
 * The function is traced and not run: it gets tensors that have no values, so it may read the values of weights but
 * not of anything that depends on its inputs. It returns one tensor, named `output` in the model, or several by name.
 * Whatever else it uses becomes a weight of the model; tfjs variables keep their names. The backend `onnxruntime` must
 * be the current one.
 *
 * With dynamic axes it is traced at several lengths of them, 2ⁿ + 1 for n axes, and what differs between these traces is
 * computed from the shape of the first input.
 *
 * @param fn called with tensors of the names, types and (the dynamic axes apart) shapes of `exampleInputs`
 * @param exampleInputs float32, int32 or bool tensors; their values don't matter. They stay the caller's.
 * @throws an Error for a function that can't be traced, that treats other lengths of the dynamic axes differently, or
 * that needs an operator which the opset lacks
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
  const { opset = OPSET, externalDataName, producerName } = options;
  if (!OPSETS.includes(opset)) {
    throw new Error(`exportOnnx: opset must be one of ${OPSETS.join(', ')}, got ${String(opset)}`);
  }
  const axes = parseDynamicAxes(options.dynamicAxes ?? { batch: 0 }, exampleInputs);
  const inputs = describeInputs(exampleInputs, options.inputTypes ?? {});
  const backend = tf.backend() as OnnxruntimeBackend;
  const traces = samplePoints(axes).map((point) => traceFunction(backend, fn, resizeInputs(inputs, axes, point)));
  const { graph, axisName } = mergeTraces(traces, axes);
  lowerOpset(graph, opset);

  const encoding = { opset, axisName, ...(producerName !== undefined && { producerName }) };
  if (externalDataName === undefined) return { model: encodeModel(graph, encoding), externalData: null };
  const { bytes, locationOf } = layOutExternalData(graph, externalDataName);
  return { model: encodeModel(graph, { ...encoding, externalLocation: locationOf }), externalData: bytes };
}

function parseDynamicAxes(named: Readonly<Record<string, number>>, exampleInputs: NamedTensors): VaryingAxis[] {
  const entries = Object.entries(named);
  const inputs = Object.entries(exampleInputs);
  if (entries.length > 0 && inputs.length === 0) throw new Error('exportOnnx: at least one input is needed');
  if (entries.length > TRACED_LENGTHS.length) {
    throw new Error(`exportOnnx: dynamicAxes may name ${TRACED_LENGTHS.length} axes at most, got ${entries.length}`);
  }
  return entries.map(([name, axis], i) => {
    if (!/^[A-Za-z]\w*$/.test(name)) {
      throw new Error(`exportOnnx: a name in dynamicAxes must be letters, digits and underscores, got '${name}'`);
    }
    if (!Number.isInteger(axis) || axis < 0 || entries.findIndex(([, other]) => other === axis) !== i) {
      throw new Error(`exportOnnx: dynamicAxes must give each name an axis of its own from 0 on, got ${name}: ${axis}`);
    }
    for (const [inputName, { shape }] of inputs) {
      if (shape.length > axis) continue;
      throw new Error(`exportOnnx: ${inputName} has no axis ${axis} to be ${name}, its shape is [${shape.join(', ')}]`);
    }
    return { name, axis, lengths: TRACED_LENGTHS[i]! };
  });
}

function describeInputs(
  exampleInputs: NamedTensors,
  inputTypes: Readonly<Record<string, ElementType>>,
): Record<string, TracedInput> {
  const unknown = Object.keys(inputTypes).find((name) => !Object.hasOwn(exampleInputs, name));
  if (unknown !== undefined) {
    const names = Object.keys(exampleInputs).join(', ');
    throw new Error(`exportOnnx: inputTypes names ${unknown}, which is no input; those are ${names}`);
  }
  const inputs = Object.entries(exampleInputs).map(([name, { shape, dtype }]) => {
    return [name, { shape, dtype, onnxType: inputTypes[name] }] as const;
  });
  return Object.fromEntries(inputs);
}

/** The inputs with the dynamic axes at the lengths of a point. */
function resizeInputs(
  inputs: Readonly<Record<string, TracedInput>>,
  axes: readonly VaryingAxis[],
  point: readonly number[],
): Record<string, TracedInput> {
  const resized = Object.entries(inputs).map(([name, input]) => {
    const shape = axes.reduce((lengths, { axis }, i) => lengths.with(axis, point[i]!), [...input.shape]);
    return [name, { ...input, shape }] as const;
  });
  return Object.fromEntries(resized);
}
