import { formatCount, formatDifference } from './format.ts';
import { groupBy } from './group-by.ts';
import { comparandKey } from './groups.ts';
import { comparandTitle, metricLabel } from './labels.ts';
import { proposals, untrainedControl } from './method-names.ts';
import type { Comparison, Results } from './schema.ts';
import { explainNoInterval } from './statistics.ts';
import { verdictOf, type Verdict } from './verdict.ts';

type Verdicts = Results['verdicts'];

/** The method of a comparison that its question is about, the first that is there; undefined where it has none. */
function proposalOf(comparisons: readonly Pick<Comparison, 'method'>[]): string | undefined {
  const methods = new Set(comparisons.map(({ method }) => method));
  return proposals.find((name) => methods.has(name));
}

/**
 * The questions that the comparisons are asked, each with an answer in words that says no more than the intervals do: for
 * every encoder, data set and masking whether the proposal beats each baseline, whether other methods do, and whether
 * pre-training helped at all. Which encoder, data set and masking a question is about is not repeated in it: its comparisons
 * say so.
 */
export function askQuestions(comparisons: readonly Comparison[]): Verdicts {
  const placed = comparisons.map((comparison, place) => ({ comparison, place }));
  return groupBy(placed, ({ comparison }) => comparandKey(comparison)).flatMap((group) => {
    const trained = group.filter(({ comparison }) => comparison.baseline !== untrainedControl);
    const untrained = group.filter(({ comparison }) => comparison.baseline === untrainedControl);
    const proposal = proposalOf(trained.map(({ comparison }) => comparison));
    const verdicts: Verdicts = [];
    for (const against of groupBy(trained, ({ comparison }) => comparison.baseline)) {
      const { baseline } = against[0].comparison;
      const own = against.filter(({ comparison }) => comparison.method === proposal);
      const others = against.filter(({ comparison }) => comparison.method !== proposal);
      if (own.length > 0) verdicts.push(answer(`Is ${proposal} better than ${baseline}?`, own, tellMetrics));
      if (others.length > 0) verdicts.push(answer(`Is any other method better than ${baseline}?`, others, tellMethods));
    }
    if (untrained.length > 0) {
      verdicts.push(answer('Does pre-training help, against the encoder as it was drawn?', untrained, tellMethods));
    }
    return verdicts;
  });
}

/** Verdicts under the name of what they are about, which is told once. */
export interface VerdictGroup {
  readonly title: string;
  readonly verdicts: Verdicts;
}

/** The verdicts by encoder, data set and masking, in their order. */
export function groupVerdicts({ verdicts, comparisons }: Pick<Results, 'verdicts' | 'comparisons'>): VerdictGroup[] {
  const titleOf = ({ comparisons: [place = -1] }: Verdicts[number]): string => {
    const comparison = comparisons[place];
    return comparison === undefined ? '' : comparandTitle(comparison);
  };
  return groupBy(verdicts, titleOf).map((group) => ({ title: titleOf(group[0]), verdicts: group }));
}

interface Placed {
  readonly comparison: Comparison;
  readonly place: number;
}

function answer(
  question: string,
  placed: readonly Placed[],
  tell: (own: readonly Comparison[]) => string,
): Verdicts[number] {
  const own = placed.map(({ comparison }) => comparison);
  const isAnswerable = own.some(({ interval }) => interval !== null);
  return {
    question,
    answer: isAnswerable ? `Over ${tellSeeds(own)}: ${tell(own)}.` : `Open: ${explainNoInterval(own)}.`,
    comparisons: placed.map(({ place }) => place),
  };
}

function tellSeeds(own: readonly Comparison[]): string {
  const [fewest, most] = [Math.min(...own.map(({ n }) => n)), Math.max(...own.map(({ n }) => n))];
  return `${fewest === most ? '' : `${fewest} to `}${formatCount(most, 'seed')}`;
}

/** `better in kNN +0.012 (+0.004 to +0.020); open in linear probe, tran-1` */
function tellMetrics(own: readonly Comparison[]): string {
  return byVerdict(own)
    .map(([verdict, some]) => `${verdict} in ${some.map(verdict === 'open' ? tellMetric : tellDifference).join(', ')}`)
    .join('; ');
}

/** `a, b and c` */
const list = new Intl.ListFormat('en-GB');

/** `linear better in kNN, worse in tran-1, open in the rest; mlp and nearest open in all` */
function tellMethods(own: readonly Comparison[]): string {
  const told = groupBy(own, ({ method }) => method).map((group) => {
    const clauses = byVerdict(group).map(([verdict, some], place) => {
      const isAll = some.length === group.length && group.length > 1;
      const isRest = verdict === 'open' && place > 0;
      return `${verdict} in ${isAll ? 'all' : isRest ? 'the rest' : list.format(some.map(tellMetric))}`;
    });
    return { method: group[0].method, verdict: clauses.join(', ') };
  });
  return groupBy(told, ({ verdict }) => verdict)
    .map((alike) => `${list.format(alike.map(({ method }) => method))} ${alike[0].verdict}`)
    .join('; ');
}

/** Comparisons that say better, worse, and neither, in this order, without what is empty. */
export function byVerdict(own: readonly Comparison[]): [Verdict, Comparison[]][] {
  return (['better', 'worse', 'open'] as const)
    .map((verdict): [Verdict, Comparison[]] => [verdict, own.filter((each) => verdictOf(each) === verdict)])
    .filter(([, some]) => some.length > 0);
}

function tellMetric({ metric }: Comparison): string {
  return metricLabel(metric).title;
}

function tellDifference(comparison: Comparison): string {
  const { title, digits } = metricLabel(comparison.metric);
  return `${title} ${formatDifference(comparison, digits)}`;
}
