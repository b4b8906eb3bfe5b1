import { InputError } from '@qb-heat/core';
import { textConvNetPresets, textPresets } from '@qb-heat/text';
import { convNetPresets, mobileFormerPresets, vitPresets } from '@qb-heat/vision';
import { closestMatch } from 'leven';
import type { Masking } from '../results/schema.ts';
import type { EncoderDescription, Experiments, Method } from './description.ts';
import { methodName } from './list-cells.ts';
import { allOperators } from './measurement-tasks.ts';
import { methodNames, methodSuits } from './suits.ts';

/** What is asked for of the experiments; null leaves all as it is. */
export interface Narrowing {
  /** Experiments by name. */
  readonly only: readonly string[] | null;
  /** What to compare with the baselines, in every comparison whose masks it can fill. */
  readonly fills: readonly string[] | null;
  /** Labels; they narrow the suites that they name an encoder of. */
  readonly encoders: readonly string[] | null;
  readonly seeds: number | null;
}

const comparedSuites = ['vision', 'text'] as const;
type SuiteWithEncoders = (typeof comparedSuites)[number];

/** Encoders that need no description: kind and size. */
const knownEncoders: Readonly<Record<SuiteWithEncoders, Readonly<Record<string, EncoderDescription>>>> = {
  vision: Object.fromEntries(
    Object.entries({ vit: vitPresets, convnet: convNetPresets, 'mobile-former': mobileFormerPresets }).flatMap(
      ([kind, presets]) => Object.keys(presets).map((preset) => [`${kind}-${preset}`, { options: { kind, preset } }]),
    ),
  ),
  text: Object.fromEntries(
    Object.entries({ transformer: textPresets, 'text-convnet': textConvNetPresets }).flatMap(([kind, presets]) =>
      Object.entries(presets).map(([preset, { encoder }]) => [
        `${kind}-${preset}`,
        { options: { kind: 'transformer', ...encoder } },
      ]),
    ),
  ),
};

/**
 * The part of the experiments that is asked for.
 *
 * @throws InputError on a name that nothing has, and where nothing is left.
 */
export function narrowExperiments(experiments: Experiments, narrowing: Narrowing): Experiments {
  const { only, fills, encoders, seeds } = narrowing;
  const { vision, detection, text, sentences, operators, ...rest } = experiments;
  const isWanted = (name: string): boolean => only === null || only.includes(name);
  const compared = comparedSuites.filter((suite) => experiments[suite] !== undefined && isWanted(suite));
  const knownFills = compared.flatMap((suite) => [...methodNames[suite], ...ownMethods(experiments[suite])]);
  const labels = compared.flatMap((suite) => Object.keys({ ...experiments[suite]?.encoders, ...knownEncoders[suite] }));
  checkNames('fills', fills, knownFills);
  checkNames('encoders', encoders, labels);
  const kept: Experiments = { ...rest, ...(seeds !== null && { seeds }) };
  const measured = only?.includes('operators') === true ? (operators ?? allOperators) : operators;
  if (measured !== undefined && isWanted('operators')) kept.operators = measured;
  if (vision !== undefined && isWanted('vision')) kept.vision = narrowSuite('vision', vision, fills, encoders);
  if (detection !== undefined && isWanted('detection')) kept.detection = detection;
  if (sentences !== undefined && isWanted('sentences')) kept.sentences = sentences;
  if (text !== undefined && isWanted('text')) kept.text = narrowSuite('text', text, fills, encoders);
  const missing = only?.find((name) => isSuite(name) && experiments[name] === undefined);
  if (missing !== undefined) throw new InputError(`--only: ${experiments.name} has no ${missing} experiment`);
  const left = [kept.vision, kept.text].flatMap((suite) => Object.values(suite?.comparisons ?? {}));
  if (fills !== null && left.every((comparison) => comparison === undefined)) {
    throw new InputError(`--fills: none of ${fills.join(', ')} can fill the masks of the experiments`);
  }
  return kept;
}

interface Comparison {
  baselines: Method[];
  methods: Method[];
  encoders?: string[] | undefined;
}

interface SuiteExperiment {
  encoders: Record<string, EncoderDescription>;
  comparisons: Partial<Record<Masking, Comparison | undefined>>;
}

function narrowSuite<T extends SuiteExperiment>(
  suite: SuiteWithEncoders,
  experiment: T,
  fills: readonly string[] | null,
  wantedEncoders: readonly string[] | null,
): T {
  const available = { ...knownEncoders[suite], ...experiment.encoders };
  const named = wantedEncoders?.filter((label) => available[label] !== undefined) ?? [];
  const encoders =
    named.length === 0 ? experiment.encoders : Object.fromEntries(named.map((label) => [label, available[label]!]));
  const comparisons = Object.entries(experiment.comparisons).flatMap(([masking, comparison]) => {
    if (comparison === undefined) return [];
    const methods = fills === null ? comparison.methods : chooseMethods(suite, masking as Masking, comparison, fills);
    const baselines = new Set(comparison.baselines.map(methodName));
    if (methods.length === 0 && fills !== null && !fills.some((fill) => baselines.has(fill))) return [];
    const left = comparison.encoders?.filter((label) => encoders[label] !== undefined);
    // Encoders that the comparison doesn't name take part where they can.
    const isOpen = left === undefined || left.length === 0;
    const { encoders: _named, ...others } = comparison;
    return [[masking, { ...others, methods, ...(!isOpen && { encoders: left }) }]];
  });
  return { ...experiment, encoders, comparisons: Object.fromEntries(comparisons) };
}

function chooseMethods(suite: SuiteWithEncoders, masking: Masking, comparison: Comparison, fills: readonly string[]) {
  const own = new Map(comparison.methods.map((method) => [methodName(method), method]));
  const baselines = new Set(comparison.baselines.map(methodName));
  return fills
    .filter((name) => !baselines.has(name) && (own.has(name) || methodNames[suite].includes(name)))
    .map((name) => own.get(name) ?? name)
    .filter((method) => methodSuits(suite, masking, method));
}

function ownMethods(suite: Experiments['vision'] | Experiments['text']): string[] {
  return Object.values(suite?.comparisons ?? {}).flatMap((comparison) => (comparison?.methods ?? []).map(methodName));
}

function isSuite(name: string): name is 'vision' | 'detection' | 'text' | 'sentences' {
  return name !== 'operators' && name !== 'engine';
}

function checkNames(option: string, given: readonly string[] | null, known: readonly string[]): void {
  for (const name of given ?? []) {
    if (known.includes(name)) continue;
    const nearest = closestMatch(name, [...known], { maxDistance: 3 });
    const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
    const expected = [...new Set(known)].join(', ');
    throw new InputError(`--${option}: unknown value '${name}', expected some of ${expected}${hint}`);
  }
}
