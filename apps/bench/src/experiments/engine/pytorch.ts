import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { StepMeasurement } from './engine-record.ts';
import type { MeasureOptions } from './measure-steps.ts';
import { referenceConvnetStep } from './convnet-step.ts';
import { referenceVitStep } from './vit-step.ts';
import type { WorkloadName } from './workload.ts';

const run = promisify(execFile);
const peersFolder = fileURLToPath(new URL('../../../peers/', import.meta.url));
const TIMEOUT_MS = 10 * 60_000;
const PYTHON = 'python3';

export interface PytorchRequest extends MeasureOptions {
  readonly workload: WorkloadName;
  readonly threads: number;
  /** Through `torch.compile`, which needs a C++ compiler, instead of eagerly. */
  readonly compile: boolean;
}

/** One way to run PyTorch; which is fastest differs by machine. */
interface Setting {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly channelsLast: boolean;
}

/** Why PyTorch can't be measured here, in one line; null if it can. */
export async function findPytorchObstacle(): Promise<string | null> {
  try {
    await run(PYTHON, ['-c', 'import torch'], { timeout: TIMEOUT_MS });
    return null;
  } catch {
    return `\`${PYTHON} -c "import torch"\` fails; install PyTorch for this row`;
  }
}

/** The reference step of the same name in PyTorch, in the fastest of its settings for so many threads. */
export async function measurePytorch(request: PytorchRequest, signal?: AbortSignal): Promise<StepMeasurement> {
  let best: StepMeasurement | undefined;
  for (const setting of settings(request)) {
    const measured = await measureSetting(request, setting, signal);
    if (best === undefined || Math.min(...measured.stepMs) < Math.min(...best.stepMs)) best = measured;
  }
  return best!;
}

function settings({ workload, threads }: PytorchRequest): Setting[] {
  const layouts = workload === 'convnet' ? [false, true] : [false];
  // Products on all threads and the rest on one has been the faster with some libraries.
  const openMpThreads = threads === 1 ? [1] : [threads, 1];
  return layouts.flatMap((channelsLast) =>
    openMpThreads.map((openMp) => ({
      name: `${openMp} OpenMP × ${threads} product threads${channelsLast ? ', channels last' : ''}`,
      environment: {
        OMP_NUM_THREADS: String(openMp),
        MKL_NUM_THREADS: String(threads),
        OPENBLAS_NUM_THREADS: String(threads),
      },
      channelsLast,
    })),
  );
}

async function measureSetting(
  { workload, compile, numWarmupSteps, numSteps }: PytorchRequest,
  { name, environment, channelsLast }: Setting,
  signal: AbortSignal | undefined,
): Promise<StepMeasurement> {
  const size = workload === 'vit' ? referenceVitStep : referenceConvnetStep;
  const args = [
    `${peersFolder}torch_steps.py`,
    `--workload=${workload}`,
    `--size=${JSON.stringify(size)}`,
    `--warmup=${numWarmupSteps}`,
    `--steps=${numSteps}`,
    ...(compile ? ['--compile'] : []),
    ...(channelsLast ? ['--channels-last'] : []),
  ];
  const { stdout } = await run(PYTHON, args, {
    env: { ...process.env, ...environment },
    timeout: TIMEOUT_MS,
    ...(signal && { signal }),
  });
  const measured = JSON.parse(stdout) as Omit<StepMeasurement, 'javascriptMs'>;
  return { ...measured, version: `${measured.version} (${name})`, javascriptMs: null };
}
