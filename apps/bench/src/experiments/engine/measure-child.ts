import { InputError } from '@qb-heat/core';
import { chooseBackend } from '@qb-heat/training';
import type { BackendName } from '@qb-heat/training';
import type { StepMeasurement } from './engine-record.ts';
import { createWorkload, measureSteps } from './measure-steps.ts';
import type { MeasureOptions } from './measure-steps.ts';
import type { WorkloadName } from './workload.ts';

/** What the parent asks for, as JSON in the first argument. */
export interface ChildRequest extends MeasureOptions {
  readonly workload: WorkloadName;
  readonly backend: BackendName;
  readonly threads: number;
}

/** What this process sends back, once. */
export type ChildReply = { readonly measured: StepMeasurement } | { readonly unavailable: string };

// A process of its own for each engine and thread count: tfjs has one engine per process, and peak memory is per process.
const request = JSON.parse(process.argv[2] ?? '') as ChildRequest;
process.send?.(await answer(request));
process.disconnect?.();

async function answer({ workload, backend, threads, ...options }: ChildRequest): Promise<ChildReply> {
  try {
    const { version } = await chooseBackend(backend, { threads });
    return { measured: await measureSteps(createWorkload(workload), version, options) };
  } catch (error) {
    if (error instanceof InputError) return { unavailable: error.message };
    throw error;
  }
}
