import type { Masking } from '../results/schema.ts';
import type { EncoderDescription, Experiments, Method, OptimizationSettings } from './description.ts';
import { methodName } from './list-cells.ts';
import { methodNames, methodSuits } from './suits.ts';

/** A field that says what cannot be, by its path, and why. */
interface Problem {
  readonly field: string;
  readonly message: string;
}

/** What fields of experiments say against each other, which their schema cannot tell; undefined where all is well. */
export function findProblem(experiments: Experiments): Problem | undefined {
  const { vision, text, detection, sentences, operators } = experiments;
  if ([vision, text, detection, sentences, operators].every((part) => part === undefined)) {
    return { field: 'name', message: 'nothing to run follows it: expected vision, text or operators' };
  }
  return (
    (vision && findInSuite('vision', vision)) ??
    (text && findInSuite('text', text)) ??
    (detection && findInDetection(detection, vision)) ??
    (sentences && findInSentences(sentences, text))
  );
}

interface ComparedSuite {
  readonly optimization: OptimizationSettings;
  readonly encoders: Readonly<Record<string, EncoderDescription>>;
  readonly comparisons: Readonly<
    Partial<Record<Masking, { baselines: Method[]; methods: Method[]; encoders?: string[] | undefined } | undefined>>
  >;
}

function findInSuite(
  suite: 'vision' | 'text',
  { encoders, comparisons, optimization }: ComparedSuite,
): Problem | undefined {
  const listed = Object.entries(comparisons).filter(([, comparison]) => comparison !== undefined);
  if (Object.keys(encoders).length === 0) return { field: `${suite}.encoders`, message: 'expected at least one' };
  if (listed.length === 0) return { field: `${suite}.comparisons`, message: 'expected at least one' };
  for (const [label, { optimization: own }] of Object.entries(encoders)) {
    const { warmupSteps, numSteps } = { ...optimization, ...own };
    if (warmupSteps! < numSteps!) continue;
    const message = `the warm-up of '${label}' must be shorter than its run, got ${warmupSteps} of ${numSteps} steps`;
    return { field: `${suite}.optimization`, message };
  }
  for (const [masking, comparison] of listed) {
    const field = `${suite}.comparisons.${masking}`;
    const methods = [...comparison!.baselines, ...comparison!.methods];
    const twice = methods.map(methodName).find((name, place, names) => names.indexOf(name) !== place);
    if (twice !== undefined) return { field, message: `'${twice}' is named twice among its baselines and methods` };
    const unfit = methods.find((method) => !methodSuits(suite, masking as Masking, method));
    if (unfit !== undefined) {
      return { field, message: `'${methodName(unfit)}' cannot fill its masks: it needs what is visible in one piece` };
    }
    const unknown = comparison!.encoders?.find((label) => encoders[label] === undefined);
    if (unknown !== undefined) return unknownEncoder(`${field}.encoders`, unknown, suite, encoders);
  }
  return undefined;
}

function findInDetection(
  { encoder, baselines, methods, height, width }: NonNullable<Experiments['detection']>,
  vision: Experiments['vision'],
): Problem | undefined {
  if (vision === undefined) return { field: 'detection', message: 'needs vision, whose encoder it takes' };
  if (vision.encoders[encoder] === undefined) {
    return unknownEncoder('detection.encoder', encoder, 'vision', vision.encoders);
  }
  if (vision.comparisons.block === undefined) {
    return { field: 'detection', message: 'needs vision.comparisons.block, by whose masks its encoders are trained' };
  }
  const unknown = [...baselines, ...methods].find((name) => !methodNames.vision.includes(name));
  if (unknown !== undefined) return unknownMethod('detection.methods', unknown, methodNames.vision);
  const { patchSize } = vision.model;
  if (height % patchSize === 0 && width % patchSize === 0) return undefined;
  return { field: 'detection', message: `${height}×${width} is not a whole number of patches of ${patchSize}` };
}

function findInSentences(
  { encoder, pretraining: { masking, method } }: NonNullable<Experiments['sentences']>,
  text: Experiments['text'],
): Problem | undefined {
  if (text === undefined) return { field: 'sentences', message: 'needs text, whose encoder it takes' };
  if (text.encoders[encoder] === undefined) {
    return unknownEncoder('sentences.encoder', encoder, 'text', text.encoders);
  }
  const field = 'sentences.pretraining';
  if (text.comparisons[masking] === undefined) return { field, message: `text.comparisons has no '${masking}'` };
  if (!methodNames.text.includes(method)) return unknownMethod(field, method, methodNames.text);
  if (methodSuits('text', masking, method)) return undefined;
  return { field, message: `'${method}' cannot fill the masks of '${masking}'` };
}

function unknownEncoder(field: string, label: string, suite: string, encoders: object): Problem {
  return { field, message: `'${label}' is no label of ${suite}.encoders: ${Object.keys(encoders).join(', ')}` };
}

function unknownMethod(field: string, name: string, known: readonly string[]): Problem {
  return { field, message: `unknown method '${name}', expected one of ${known.join(', ')}` };
}
