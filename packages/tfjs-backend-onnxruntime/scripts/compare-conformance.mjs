// Prints how many of tfjs-core's own operator specs pass on this backend, on tfjs's CPU backend and on its wasm one:
//   pnpm --filter @qb-heat/tfjs-backend-onnxruntime conformance
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const runner = fileURLToPath(new URL('run-conformance.mjs', import.meta.url));
console.log('backend       passed  failed  skipped  seconds');
for (const backend of ['onnxruntime', 'cpu', 'wasm']) {
  const { stdout } = spawnSync(process.execPath, [runner, backend], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  const { passed, failed, skipped, durationMs } = JSON.parse(stdout.trimEnd().split('\n').at(-1));
  const cells = [passed, failed, skipped].map((count) => String(count).padStart(8)).join('');
  console.log(`${backend.padEnd(12)}${cells}${(durationMs / 1000).toFixed(1).padStart(9)}`);
}
