// Trains a small network for many steps and reports what grows:
//   pnpm --filter @qb-heat/tfjs-backend-onnxruntime soak [number of steps]
// Exits with 1 when tensors or sessions grow after warm-up, or resident memory does by more than 5 %.
import '@qb-heat/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs';

const NUM_STEPS = Number(process.argv[2] ?? 10_000);
const NUM_WARM_UP_STEPS = Math.min(1000, NUM_STEPS / 10);
const NUM_REPORTS = 10;
const BATCH_SIZE = 32;
const NUM_CLASSES = 10;
const MAX_GROWTH = 0.05;

await tf.setBackend('onnxruntime');

const weights = {
  filter: tf.variable(tf.randomNormal([3, 3, 8, 16], 0, 0.1, 'float32', 1)),
  depthwise: tf.variable(tf.randomNormal([3, 3, 16, 1], 0, 0.1, 'float32', 2)),
  head: tf.variable(tf.randomNormal([16 * 16, NUM_CLASSES], 0, 0.1, 'float32', 3)),
};
const optimizer = tf.train.adam(1e-3);

/** One step on a batch of its own, with a dropout of its own; the loss is its only read. */
async function trainStep(step) {
  const images = tf.randomNormal([BATCH_SIZE, 8, 8, 8], 0, 1, 'float32', step);
  const labels = tf.randomUniformInt([BATCH_SIZE], 0, NUM_CLASSES, step);
  const loss = optimizer.minimize(() => {
    const features = tf.conv2d(images, weights.filter, 2, 'same').relu();
    const mixed = tf.depthwiseConv2d(features, weights.depthwise, 1, 'same').tanh();
    const dropped = tf.dropout(mixed.reshape([BATCH_SIZE, 16 * 16]), 0.1, undefined, step);
    return tf.losses.softmaxCrossEntropy(tf.oneHot(labels, NUM_CLASSES), dropped.matMul(weights.head));
  }, true);
  const [value] = await loss.data();
  tf.dispose([images, labels, loss]);
  return value;
}

function measure(step, loss) {
  globalThis.gc?.();
  const { numTensors, numSessions, numBytesPooled } = tf.memory();
  const rss = process.memoryUsage().rss;
  const cells = [step, numTensors, numSessions, (numBytesPooled / 2 ** 20).toFixed(1), (rss / 2 ** 20).toFixed(1)];
  console.log([...cells, loss.toFixed(4)].map((cell) => String(cell).padStart(11)).join(''));
  return { numTensors, numSessions, rss };
}

console.log(['step', 'tensors', 'sessions', 'pooled MiB', 'RSS MiB', 'loss'].map((name) => name.padStart(11)).join(''));
let warm;
let last;
for (let step = 1; step <= NUM_STEPS; step++) {
  const loss = await trainStep(step);
  if (step === NUM_WARM_UP_STEPS) warm = measure(step, loss);
  else if (step > NUM_WARM_UP_STEPS && step % (NUM_STEPS / NUM_REPORTS) === 0) last = measure(step, loss);
}

const growth = last.rss / warm.rss - 1;
const grows = last.numTensors > warm.numTensors || last.numSessions > warm.numSessions || growth > MAX_GROWTH;
console.log(
  `RSS ${growth < 0 ? '' : '+'}${(growth * 100).toFixed(1)} % after warm-up: ${grows ? 'it grows' : 'steady'}`,
);
process.exitCode = grows ? 1 : 0;
