// Exports an encoder of every kind, loads each in the releases of transformers.js, and compares what their pipelines give
// with what encodeImages and encodeTexts gave, after a build: `node scripts/check-transformers.mjs`. It installs the
// libraries, some 500 MB, from the npm registry into a temporary folder; exits with 1 where features differ.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  createTextEncoder,
  createTokenizer,
  encodeTexts,
  exportTextEncoder,
  generateText,
  trainTokenizer,
} from '@qb-heat/text';
import { chooseBackend } from '@qb-heat/training';
import { ImageBackbone, describeImages, encodeImages, exportImageEncoder, syntheticImages } from '@qb-heat/vision';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';

const libraries = ['@xenova/transformers@2.17.2', '@huggingface/transformers@3', '@huggingface/transformers@4'];
const maxDifference = 1e-4;

const folder = await mkdtemp(path.join(tmpdir(), 'qb-heat-transformers-'));
const models = path.join(folder, 'models');
try {
  await chooseBackend('onnxruntime');
  const cases = [...(await exportImageEncoders()), ...(await exportTextEncoders())];
  await writeFile(path.join(folder, 'cases.json'), JSON.stringify(cases));
  for (const library of libraries) await checkLibrary(library);
} finally {
  await rm(folder, { recursive: true });
}

async function exportImageEncoders() {
  const data = syntheticImages({ numTrain: 60, numTest: 10 });
  const { height, width, numChannels } = data;
  const size = height * width * numChannels;
  const inputs = [];
  for (let image = 0; image < 3; image++) {
    const pixels = data.test.images.subarray(image * size, (image + 1) * size);
    const file = path.join(folder, `${image}.png`);
    await sharp(pixels, { raw: { height, width, channels: numChannels } })
      .png()
      .toFile(file);
    inputs.push(file);
  }
  const split = { images: data.test.images.subarray(0, 3 * size), labels: data.test.labels.subarray(0, 3) };
  const cases = [];
  for (const kind of ['vit', 'convnet', 'mobile-former']) {
    const backbone = new ImageBackbone({
      image: describeImages(data),
      patchSize: 4,
      encoder: { kind, preset: 'atto' },
    });
    unsettle(backbone);
    await exportImageEncoder(path.join(models, kind), backbone);
    const expected = [...(await encodeImages(backbone, split)).data];
    cases.push({ name: kind, task: 'image-feature-extraction', options: { pool: true }, inputs, expected });
  }
  return cases;
}

async function exportTextEncoders() {
  const { train, test } = generateText({ numTrain: 400, numTest: 20 });
  const own = ['', 'नमस्ते दुनिया', 'café naïve 😀 你好世界', 'a [MASK] b', train.texts.slice(0, 50).join(' ')];
  const inputs = [...test.texts.slice(0, 8), ...own];
  const cases = [];
  for (const kind of ['wordpiece', 'bpe']) {
    const files = await trainTokenizer([...train.texts, ...own], { kind, vocabSize: 500 });
    const tokenizer = createTokenizer(files, kind);
    const sizes = { vocabSize: tokenizer.vocabSize, length: 48, dim: 32, depth: 2 };
    const transformer = { ...sizes, kind: 'transformer', numHeads: 2, dropoutRate: 0 };
    const convnet = { ...sizes, kind: 'convnet', kernelSize: 5 };
    for (const config of [
      { ...transformer, positions: 'learned' },
      { ...transformer, positions: 'sin-cos' },
      { ...transformer, positions: 'rotary' },
      { ...convnet, positions: 'none' },
      { ...convnet, positions: 'learned' },
      { ...convnet, positions: 'sin-cos' },
    ]) {
      const encoder = createTextEncoder(config);
      unsettle(encoder);
      const name = `${kind}-${config.kind}-${config.positions}`;
      await exportTextEncoder(path.join(models, name), encoder, tokenizer);
      const expected = [...(await encodeTexts(encoder, tokenizer, inputs)).data];
      cases.push({
        name,
        task: 'feature-extraction',
        options: { pooling: 'mean', normalize: false },
        inputs,
        expected,
      });
    }
  }
  return cases;
}

/** Initial biases and norms are all alike: a model that mixed them up would go unnoticed. */
function unsettle({ parameters }) {
  for (const variable of parameters.values()) {
    variable.assign(tf.add(variable, tf.randomNormal(variable.shape, 0, 0.1, 'float32', variable.size)));
  }
}

async function checkLibrary(library) {
  const project = path.join(folder, library.replaceAll(/\W/g, '-'));
  await mkdir(project);
  const [, name, version] = /^(.+)@(.+)$/.exec(library);
  // As in this workspace's overrides: an older sharp downloads when it is installed.
  const manifest = {
    private: true,
    type: 'module',
    dependencies: { [name]: version },
    overrides: { sharp: '^0.35.5' },
  };
  await writeFile(path.join(project, 'package.json'), JSON.stringify(manifest));
  const run = promisify(execFile);
  const isWindows = process.platform === 'win32';
  await run(isWindows ? 'npm.cmd' : 'npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: project,
    shell: isWindows,
  });
  // Where it lies decides which library it imports.
  await cp(fileURLToPath(new URL('run-transformers.mjs', import.meta.url)), path.join(project, 'run.mjs'));
  const { stdout } = await run(process.execPath, ['run.mjs', name, models, path.join(folder, 'cases.json')], {
    cwd: project,
  });
  const differences = Object.entries(JSON.parse(stdout));
  for (const [model, difference] of differences) {
    const isSame = difference !== null && difference <= maxDifference;
    if (!isSame) process.exitCode = 1;
    console.log(
      `${library}: ${model} ${isSame ? 'agrees' : 'DIFFERS'} within ${difference?.toExponential(1) ?? 'what is no number'}`,
    );
  }
}
