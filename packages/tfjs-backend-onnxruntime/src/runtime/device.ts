import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type InferenceSession, listSupportedBackends } from 'onnxruntime-node';
import { GraphBuilder, type GraphTarget } from '../graph/graph-builder.ts';
import { encodeModel } from '../graph/model-encoder.ts';
import type { ExecutionProvider, ResolvedOptions } from '../options.ts';
import { NativeSession } from './binding.ts';
import { findChannelBlock } from './channel-block.ts';

type Providers = NonNullable<InferenceSession.SessionOptions['executionProviders']>;

/** Where graphs run, and what they may be made of there. */
export interface Device {
  /** The provider that was asked for and could be had. */
  readonly provider: ExecutionProvider;
  /** What a session is created with; `cpu` takes the operators that the provider lacks. */
  readonly providers: Providers;
  readonly target: GraphTarget;
}

/** The first of the wanted execution providers that works on this machine; says so when it isn't the first. */
export function chooseDevice({ executionProviders, log }: ResolvedOptions): Device {
  for (const provider of executionProviders) {
    if (provider === 'cpu') break;
    const reason = whyUnavailable(provider);
    if (reason === null) {
      return {
        provider,
        providers: [provider, 'cpu'],
        target: { hasRuntimeOperators: true, channelBlock: null },
      };
    }
    log(`onnxruntime: execution provider ${provider} is not available (${reason}); trying the next one`);
  }
  return {
    provider: 'cpu',
    providers: ['cpu'],
    target: { hasRuntimeOperators: true, channelBlock: findChannelBlock() },
  };
}

/** Asks for a provider with a graph of one node; null when it works. */
function whyUnavailable(provider: ExecutionProvider): string | null {
  const missing = whatIsMissing(provider);
  if (missing !== null) return missing;
  const graph = new GraphBuilder({ hasRuntimeOperators: false, channelBlock: null });
  graph.output(graph.node('Neg', [graph.input('x', 'float32', [1])]));
  try {
    new NativeSession(encodeModel(graph), { executionProviders: [provider], logSeverityLevel: 4 }).dispose();
    return null;
  } catch (error) {
    // What ONNX Runtime says after the place in its sources.
    return (error as Error).message.split('\n', 1)[0]!.split(' was false. ').at(-1)!;
  }
}

/** What can be known without asking, since the native libraries complain on their own when they are asked in vain. */
function whatIsMissing(provider: ExecutionProvider): string | null {
  if (!listSupportedBackends().some(({ name }) => name === provider)) {
    return 'not part of onnxruntime-node on this platform';
  }
  if (provider === 'cuda' && !isCudaInstalled()) return "onnxruntime-node's CUDA libraries are not installed";
  if (provider === 'webgpu' && process.platform === 'linux' && !LINUX_GPUS.some((device) => existsSync(device))) {
    return 'no GPU';
  }
  return null;
}

const LINUX_GPUS = ['/dev/dri', '/dev/nvidia0', '/dev/dxg'];

function isCudaInstalled(): boolean {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  const folder = path.resolve(path.dirname(entry), '../bin/napi-v6', process.platform, process.arch);
  const prefix = process.platform === 'win32' ? '' : 'lib';
  const suffix = process.platform === 'win32' ? 'dll' : 'so';
  return existsSync(path.join(folder, `${prefix}onnxruntime_providers_cuda.${suffix}`));
}
