import { untrainedControl } from '../experiments/list-cells.ts';
import { formatCount, formatSigned } from './format.ts';
import { groupBy } from './group-by.ts';
import { comparandTitle, metricLabel } from './labels.ts';
import type { Comparison, Results } from './schema.ts';
import { verdictOf, type Verdict } from './verdict.ts';

type Verdicts = Results['verdicts'];

/** What the project proposes, first of what is there: the method that the question is about. */
const proposals = ['linear', 'interpolate', 'harmonic'];

/** The method of a comparison that its question is about; undefined where it has none. */
export function proposalOf(comparisons: readonly Pick<Comparison, 'method'>[]): string | undefined {
  const methods = new Set(comparisons.map(({ method }) => method));
  return proposals.find((name) => methods.has(name));
}

/**
 * The questions that the comparisons are asked, each with an answer in words that says no more than the intervals do: for
 * every encoder, data set and masking whether the proposal beats each baseline, whether other methods do, and whether
 * pre-training helped at all.
 */
export function askQuestions(comparisons: readonly Comparison[]): Verdicts {
  const placed = comparisons.map((comparison, place) => ({ comparison, place }));
  const groups = groupBy(placed, ({ comparison }) => comparandTitle(comparison) + String(comparison.masking));
  return groups.flatMap((group) => {
    const title = comparandTitle(group[0].comparison);
    const trained = group.filter(({ comparison }) => comparison.baseline !== untrainedControl);
    const untrained = group.filter(({ comparison }) => comparison.baseline === untrainedControl);
    const proposal = proposalOf(trained.map(({ comparison }) => comparison));
    const verdicts: Verdicts = [];
    for (const against of groupBy(trained, ({ comparison }) => comparison.baseline)) {
      const { baseline } = against[0].comparison;
      const own = against.filter(({ comparison }) => comparison.method === proposal);
      const others = against.filter(({ comparison }) => comparison.method !== proposal);
      if (own.length > 0) verdicts.push(answer(`${title}: is ${proposal} better than ${baseline}?`, own, tellMetrics));
      if (others.length > 0) {
        verdicts.push(answer(`${title}: is any other method better than ${baseline}?`, others, tellMethods));
      }
    }
    if (untrained.length > 0) {
      const question = `${title}: does pre-training help, against the encoder as it was drawn?`;
      verdicts.push(answer(question, untrained, tellMethods));
    }
    return verdicts;
  });
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
    answer: isAnswerable ? tell(own) : 'Open: one seed gives no interval.',
    comparisons: placed.map(({ place }) => place),
  };
}

/** `Better in kNN (+0.012, +0.004 to +0.020; 3 seeds); open in linear probe (…).` */
function tellMetrics(own: readonly Comparison[]): string {
  const clauses = byVerdict(own).map(([verdict, some]) => `${verdict} in ${some.map(tellDifference).join(', ')}`);
  return sentence(clauses);
}

/** `linear: better in kNN, worse in tran-1. mlp: open in all.` */
function tellMethods(own: readonly Comparison[]): string {
  return groupBy(own, ({ method }) => method)
    .map((group) => {
      const clauses = byVerdict(group).map(([verdict, some]) => {
        const isAll = some.length === group.length && group.length > 1;
        return `${verdict} in ${isAll ? 'all' : some.map(({ metric }) => metricLabel(metric).title).join(', ')}`;
      });
      return `${group[0].method}: ${clauses.join('; ')}.`;
    })
    .join(' ');
}

/** Comparisons that say better, worse, and neither, in this order, without what is empty. */
export function byVerdict(own: readonly Comparison[]): [Verdict, Comparison[]][] {
  return (['better', 'worse', 'open'] as const)
    .map((verdict): [Verdict, Comparison[]] => [verdict, own.filter((each) => verdictOf(each) === verdict)])
    .filter(([, some]) => some.length > 0);
}

function tellDifference({ metric, meanDifference, interval, n }: Comparison): string {
  const { title, digits } = metricLabel(metric);
  const spread =
    interval === null ? '' : `, ${formatSigned(interval.low, digits)} to ${formatSigned(interval.high, digits)}`;
  return `${title} (${formatSigned(meanDifference, digits)}${spread}; ${formatCount(n, 'seed')})`;
}

function sentence(clauses: readonly string[]): string {
  const text = clauses.join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
