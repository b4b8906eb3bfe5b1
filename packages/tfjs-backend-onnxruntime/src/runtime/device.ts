import type { InferenceSession } from 'onnxruntime-node';
import type { GraphTarget } from '../graph/graph-builder.ts';
import type { ExecutionProvider, ResolvedOptions } from '../options.ts';
import { GraphBuilder } from '../graph/graph-builder.ts';
import { encodeModel } from '../graph/model-encoder.ts';
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

/** Tries a provider on a graph of one node; null when it works. */
function whyUnavailable(provider: ExecutionProvider): string | null {
  const graph = new GraphBuilder({ hasRuntimeOperators: false, channelBlock: null });
  graph.output(graph.node('Neg', [graph.input('x', 'float32', [1])]));
  try {
    new NativeSession(encodeModel(graph), { executionProviders: [provider], logSeverityLevel: 4 }).dispose();
    return null;
  } catch (error) {
    return (error as Error).message.split('\n', 1)[0]!;
  }
}
