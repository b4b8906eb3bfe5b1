import { formatCount, formatNumber, formatSigned } from './format.ts';
import { groupBy } from './group-by.ts';
import { metricLabel } from './labels.ts';
import { hasLearned, learnedAfter } from './learned.ts';
import type { Comparison, Results, Run } from './schema.ts';
import { median } from './statistics.ts';
import { byVerdict, proposalOf } from './verdicts.ts';
import { verdictOf, type Verdict } from './verdict.ts';

/** Where each modality asks whether the proposal beats the mask token. */
const modalities = [
  { suite: 'vision', masking: 'block', name: 'images', what: 'from a visible block' },
  { suite: 'text', masking: 'span', name: 'text', what: 'from a visible window' },
] as const;

const baseline = 'mask-token';

/**
 * What the numbers say to "does linear prediction beat a mask token, where, and by how much", in three sentences: images,
 * text, and the two side by side with what the answer rests on; one more where the mask token learned nothing. None where
 * nothing was compared.
 */
export function answerInThree({ runs, comparisons, data }: Pick<Results, 'runs' | 'comparisons' | 'data'>): string[] {
  const asked = modalities.map((modality) =>
    Object.assign({}, modality, { own: ownComparisons(comparisons, modality) }),
  );
  if (asked.every(({ own }) => own.length === 0)) return [];
  return [
    ...asked.map(({ name, what, own, suite, masking }) => {
      const compared = runs.filter((run) => run.suite === suite && run.masking === masking);
      const remark = own[0] === undefined ? '' : remarkOnBaseline(compared, own[0].method);
      return answerFor(name, what, own, isSynthetic(data, suite)) + remark;
    }),
    sideBySide(asked[0]!.own, asked[1]!.own, comparisons, runs),
  ];
}

function ownComparisons(
  comparisons: readonly Comparison[],
  { suite, masking }: { readonly suite: string; readonly masking: string },
): Comparison[] {
  const all = comparisons.filter((each) => each.suite === suite && each.masking === masking);
  const proposal = proposalOf(all);
  return all.filter((each) => each.method === proposal && each.baseline === baseline);
}

function isSynthetic(data: Results['data'], suite: string): boolean {
  return data.some((described) => described.suite === suite && described.synthetic);
}

function answerFor(name: string, what: string, own: readonly Comparison[], synthetic: boolean): string {
  const [first] = own;
  const place = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  if (first === undefined) return `${place}: not compared.`;
  const origin = synthetic ? 'synthetic data' : [...new Set(own.map(({ dataset }) => dataset))].join(', ');
  const start = `${place} (${origin}): linear prediction ${what}, against ${baseline}, is`;
  if (own.every(({ interval }) => interval === null)) return `${start} undecided: one seed gives no interval.`;
  const clauses = groupBy(own, ({ encoder, dataset }) => `${encoder} ${dataset}`).map((group) => {
    const told = byVerdict(group).map(([verdict, some]) => {
      const words = { better: 'better', worse: 'worse', open: 'undecided' };
      return `${words[verdict]} in ${some.map(tellGain).join(', ')}`;
    });
    return `with ${group[0].encoder} ${told.join('; ')}`;
  });
  return `${start} ${clauses.join('; ')}.`;
}

/** A baseline that learns later than this share of the steps has not shown what it can learn. */
const lateShare = 0.25;

/** A baseline that learned nothing, or late, is beaten by whatever learns sooner. */
function remarkOnBaseline(runs: readonly Run[], proposal: string): string {
  const [ofBaseline, ofProposal] = [baseline, proposal].map((name) => runs.filter(({ method }) => method === name));
  const stuck = ofBaseline!.filter((run) => !hasLearned(run));
  if (stuck.length === ofBaseline!.length && stuck.length > 0 && !ofProposal!.some(hasLearned)) {
    return ` There neither ${baseline} nor ${proposal} learned anything in these steps, by the loss.`;
  }
  const caveat = 'so this says which learns sooner, not which learns more.';
  if (stuck.length > 0) {
    const share =
      stuck.length === ofBaseline!.length ? '' : ` in ${stuck.length} of ${formatCount(ofBaseline!.length, 'run')}`;
    return ` There ${baseline} learned nothing in these steps${share}, by its loss, ${caveat}`;
  }
  const [late, sooner] = [medianStart(ofBaseline!), medianStart(ofProposal!)];
  if (late === undefined || sooner === undefined || late < lateShare || late <= sooner) return '';
  return ` There ${baseline} begins to learn after ${Math.round(100 * late)} % of the steps, ${proposal} after ${Math.round(100 * sooner)} %, ${caveat}`;
}

function medianStart(runs: readonly Run[]): number | undefined {
  const starts = runs.flatMap(({ training }) => (training === null ? [] : [learnedAfter(training)]));
  return starts.length === 0 ? undefined : median(starts);
}

function tellGain({ metric, meanDifference, interval }: Comparison): string {
  const { title, digits } = metricLabel(metric);
  const isDecided = interval !== null && (interval.low > 0 || interval.high < 0);
  return isDecided ? `${title} (${formatSigned(meanDifference, digits)})` : title;
}

/** In what images and text agree, and what the answer rests on. */
function sideBySide(
  images: readonly Comparison[],
  texts: readonly Comparison[],
  all: readonly Comparison[],
  runs: readonly Run[],
): string {
  const numIntervals = all.filter(({ interval }) => interval !== null).length;
  const numDecided = all.filter((each) => verdictOf(each) !== 'open').length;
  const numSeeds = Math.max(0, ...all.map(({ n }) => n));
  const sizes = runs.flatMap(({ training }) => (training === null ? [] : [training.cost.encoderParameters]));
  const steps = runs.flatMap(({ training }) => (training === null ? [] : [training.numSteps]));
  const basis =
    `${formatCount(numSeeds, 'seed')}, encoders of ${range(sizes)} parameters, ${range(steps)} steps, ` +
    `${formatCount(numIntervals, 'interval')} of which ${numDecided} leave zero out where chance alone makes about ${Math.round(numIntervals / 20)}`;
  const relation = relate(images, texts);
  return `${relation}this rests on ${basis}, and says nothing of larger models, more data or longer training.`.replace(
    /^./,
    (letter) => letter.toUpperCase(),
  );
}

/** What is decided alike in both, and what is not, for the metrics that both have; probes by their name, whatever the set. */
function relate(images: readonly Comparison[], texts: readonly Comparison[]): string {
  const [ofImages, ofTexts] = [verdictsOf(images), verdictsOf(texts)];
  const shared = [...ofImages.keys()].filter((metric) => ofTexts.has(metric));
  const inBoth = (verdict: Verdict) =>
    shared.filter((metric) => isOnly(ofImages.get(metric), verdict) && isOnly(ofTexts.get(metric), verdict));
  const clauses = (['better', 'worse'] as const).flatMap((verdict) => {
    const metrics = inBoth(verdict).map((metric) => metricLabel(metric).title);
    return metrics.length === 0 ? [] : [`${verdict} in ${metrics.join(', ')}`];
  });
  if (shared.length === 0) return '';
  if (clauses.length === 0) return 'Nothing is decided alike throughout images and text; ';
  return `Images and text agree throughout that it is ${clauses.join(' and ')}; `;
}

/** What the intervals say of each metric, over all encoders, data sets and probed sets. */
function verdictsOf(own: readonly Comparison[]): Map<string, ReadonlySet<Verdict>> {
  const groups = groupBy(own, ({ metric }) => baseMetric(metric));
  return new Map(groups.map((group) => [baseMetric(group[0].metric), new Set(group.map(verdictOf))]));
}

function baseMetric(metric: string): string {
  return metric.split('@', 1)[0] ?? metric;
}

function isOnly(verdicts: ReadonlySet<Verdict> | undefined, verdict: Verdict): boolean {
  return verdicts?.size === 1 && verdicts.has(verdict);
}

function range(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? formatNumber(low) : `${formatNumber(low)} to ${formatNumber(high)}`;
}
