import * as tf from '@tensorflow/tfjs';
import type { OnnxruntimeBackend } from '../backend.ts';
import { BACKEND_NAME } from './register.ts';

/**
 * Kernels that compute nothing: their result is the same data under another shape or type. The data is shared and
 * counted, and a graph sees it in the shape that the view has.
 */
const VIEWS: Readonly<
  Record<string, (backend: OnnxruntimeBackend, inputs: tf.NamedTensorInfoMap, attributes: object) => tf.TensorInfo>
> = {
  Identity: (backend, { x }) => backend.view(x!),

  Reshape: (backend, { x }, attributes) => {
    const { shape } = attributes as tf.ReshapeAttrs;
    const size = tf.util.sizeFromShape(x!.shape);
    const inferred = tf.util.inferFromImplicitShape(shape, size);
    const inferredSize = tf.util.sizeFromShape(inferred);
    tf.util.assert(
      size === inferredSize,
      () =>
        `The new shape (${inferred.join()}) has ${inferredSize} elements and the old shape (${x!.shape.join()}) has ${size} ` +
        'elements. The new shape and old shape must have the same number of elements.',
    );
    return backend.view(x!, inferred);
  },

  ExpandDims: (backend, { input }, attributes) => {
    const { dim } = attributes as tf.ExpandDimsAttrs;
    const rank = input!.shape.length;
    tf.util.assert(-(rank + 1) <= dim && dim <= rank, () => `Axis must be in the interval [${-(rank + 1)}, ${rank}]`);
    return backend.view(input!, input!.shape.toSpliced(dim < 0 ? rank + dim + 1 : dim, 0, 1));
  },

  Complex: (backend, { real, imag }) => backend.joinComplex(backend.view(real!), backend.view(imag!)),

  Real: (backend, { input }) => part(backend, input!, 'real'),
  Imag: (backend, { input }) => part(backend, input!, 'imag'),
};

function part(backend: OnnxruntimeBackend, input: tf.TensorInfo, name: 'real' | 'imag'): tf.TensorInfo {
  const { parts } = backend.cell(input.dataId);
  return backend.view({ dataId: parts![name], shape: input.shape, dtype: 'float32' });
}

for (const [kernelName, view] of Object.entries(VIEWS)) {
  tf.registerKernel({
    kernelName,
    backendName: BACKEND_NAME,
    kernelFunc: ({ inputs, attrs, backend }) => view(backend as OnnxruntimeBackend, inputs, attrs ?? {}),
  });
}
