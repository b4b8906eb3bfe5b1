import os from 'node:os';
import type { Machine } from './schema.ts';

/** The machine that this process runs on. */
export function describeMachine(): Machine {
  const [firstCore] = os.cpus();
  return {
    platform: os.platform(),
    release: os.release(),
    architecture: os.arch(),
    cpu: firstCore?.model.trim() ?? 'unknown',
    numCores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
  };
}
