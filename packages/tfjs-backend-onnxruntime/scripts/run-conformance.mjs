// Runs tfjs-core's own operator specs on one backend; the last line it prints is the result as JSON:
//   node scripts/run-conformance.mjs [onnxruntime|cpu|wasm] [substring of a spec's name]
// Skipped are the specs that tfjs-core itself marks so, those of other platforms, and our exclusions.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const [backend = 'onnxruntime', grep] = process.argv.slice(2);
const require = createRequire(import.meta.url);

const REGISTRATION = {
  onnxruntime: `import '${packageFolder}/src/index.ts';`,
  cpu: `import '@tensorflow/tfjs-backend-cpu';`,
  wasm: `import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
    setWasmPaths(${JSON.stringify(`${path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/dist/`)});`,
};

/** Bundles the specs, the backend and one single copy of tfjs. */
async function bundle() {
  const folder = path.join(packageFolder, 'node_modules/.cache/conformance');
  mkdirSync(folder, { recursive: true });
  const outfile = path.join(folder, `${backend}.mjs`);
  await build({
    stdin: {
      contents: `${REGISTRATION[backend]}
        import '${packageFolder}/test/conformance/environment.ts';
        import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
        import '@tensorflow/tfjs-core/dist/register_all_gradients';
        import '@tensorflow/tfjs-core/dist/tests';`,
      resolveDir: packageFolder,
    },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    ignoreAnnotations: true,
    external: ['onnxruntime-node', 'protobufjs'],
    // tfjs-core asks for it without depending on it.
    alias: { 'jasmine-core': path.resolve(require.resolve('jasmine-core'), '../..') },
    define: { CONFORMANCE_BACKEND: JSON.stringify(backend) },
    banner: {
      js: `import { createRequire as __createRequire } from 'node:module';
        const require = __createRequire(import.meta.url);
        const __filename = import.meta.filename; const __dirname = import.meta.dirname;`,
    },
    logLevel: 'error',
  });
  return outfile;
}

const { default: Jasmine } = await import('jasmine');
const runner = new Jasmine({ projectBaseDir: packageFolder });
runner.exitOnCompletion = false;
runner.randomizeTests(false);
runner.clearReporters();

const totals = { backend, passed: 0, failed: 0, skipped: 0, durationMs: 0, failures: [] };
runner.addReporter({
  specDone({ status, fullName, failedExpectations }) {
    if (status === 'passed') totals.passed += 1;
    else if (status === 'failed') {
      totals.failed += 1;
      totals.failures.push({
        spec: fullName.replace(` ${backend} {}`, ''),
        message: failedExpectations[0]?.message.split('\n').slice(0, 4).join(' ').slice(0, 400),
      });
    } else totals.skipped += 1;
  },
});
if (grep !== undefined) runner.env.configure({ specFilter: (spec) => spec.getFullName().includes(grep) });

const start = performance.now();
await import(pathToFileURL(await bundle()).href);
await runner.execute();
totals.durationMs = Math.round(performance.now() - start);
process.stdout.write(`${JSON.stringify(totals)}\n`);
