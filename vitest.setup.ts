import * as tf from '@tensorflow/tfjs';
import * as fc from 'fast-check';

// Silences tfjs's notice about Node. Its flag IS_TEST would do so too, but also takes what a hand-written gradient keeps
// for its backward pass for a leak, and throws.
tf.env().set('PROD', true);

/** Tests run on tfjs's reference backend, or on the one that this variable names, as `pnpm bench --backend` does. */
const backend = process.env['QB_HEAT_TEST_BACKEND'] ?? 'cpu';
if (backend === 'cpu') {
  await tf.setBackend('cpu');
} else {
  const { chooseBackend } = await import('./packages/training/src/backend/choose.ts');
  await chooseBackend(backend);
}

// Property tests draw the same cases in every run, so that what passes here passes everywhere; this variable draws others.
fc.configureGlobal({ seed: Number(process.env['QB_HEAT_PROPERTY_SEED'] ?? 1) });
