import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { EXCLUSIONS } from './exclusions.ts';

interface Conformance {
  readonly passed: number;
  readonly skipped: number;
  readonly failures: readonly { readonly spec: string; readonly message: string }[];
}

/** `tfjs-backend-cpu` 4.22 passes 4,227; two of them are about moving data between backends that are named cpu. */
const NUM_SPECS = 4225;
const MAX_EXCLUSIONS = 20;

describe("tfjs-core's own operator specs", () => {
  it('pass as on the cpu backend, but for the listed exclusions', { timeout: 300_000 }, async () => {
    const runner = fileURLToPath(new URL('../../scripts/run-conformance.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [runner, 'onnxruntime'], { maxBuffer: 2 ** 26 });
    const result = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Conformance;
    expect(result.failures).toEqual([]);
    expect(result.passed).toBe(NUM_SPECS - EXCLUSIONS.length);
  });

  it('are excluded in fewer than twenty cases', () => {
    expect(EXCLUSIONS.length).toBeLessThan(MAX_EXCLUSIONS);
  });
});
