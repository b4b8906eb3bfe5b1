import { expect, it } from 'vitest';
import * as fused from '../../src/fused/index.ts';

interface Report {
  readonly sharedObjects: readonly string[];
}

function hasNativeLibrary(): boolean {
  const { sharedObjects } = process.report.getReport() as unknown as Report;
  return sharedObjects.some((path) => path.includes('onnxruntime_binding'));
}

it('the fused operations load no native library, the backend does', async () => {
  expect(fused.linear).toBeTypeOf('function');
  expect(hasNativeLibrary()).toBe(false);
  await import('../../src/index.ts');
  expect(hasNativeLibrary()).toBe(true);
});
