import { formatCount, formatNumber, formatSigned } from './format.ts';
import { groupBy } from './group-by.ts';
import { comparandKey } from './groups.ts';
import { metricLabel, splitMetric } from './labels.ts';
import { hasLearned, learnedAfter } from './learned.ts';
import { maskToken, untrainedControl } from './method-names.ts';
import type { Comparison, Results, Run } from './schema.ts';
import { explainNoInterval, median } from './statistics.ts';
import { byVerdict } from './verdicts.ts';
import { verdictOf, type Verdict } from './verdict.ts';

/** Where each modality asks whether a proposal beats the mask token: first linear prediction outwards, then from all sides. */
const modalities = [
  {
    suite: 'vision',
    name: 'Images',
    questions: [
      { masking: 'block', proposal: 'linear', words: 'linear prediction from a visible block' },
      { masking: 'random', proposal: 'harmonic', words: 'harmonic filling between random visible patches' },
    ],
  },
  {
    suite: 'text',
    name: 'Text',
    questions: [
      { masking: 'span', proposal: 'linear', words: 'linear prediction from a visible window' },
      { masking: 'random', proposal: 'interpolate', words: 'interpolation between random visible tokens' },
      { masking: 'random', proposal: 'least-squares', words: 'a learned linear map between random visible tokens' },
    ],
  },
] as const;

type Modality = (typeof modalities)[number];
type Question = Modality['questions'][number];

/** `a, b and c` */
const list = new Intl.ListFormat('en-GB');

/**
 * What the numbers say to "does linear prediction beat a mask token, where, and by how much", in three sentences: images,
 * text, and the two side by side with what the answer rests on. None where nothing was compared.
 */
export function answerInThree({ runs, comparisons, data }: Pick<Results, 'runs' | 'comparisons' | 'data'>): string[] {
  const asked = modalities.map((modality) => ({
    modality,
    clauses: modality.questions.flatMap((question) => answerTo(question, modality, { runs, comparisons })),
  }));
  if (asked.every(({ clauses }) => clauses.length === 0)) return [];
  const [images, texts] = modalities.map((modality) => ownComparisons(comparisons, modality, modality.questions[0]));
  return [
    ...asked.map(({ modality, clauses }) => {
      if (clauses.length === 0) return `${modality.name}: linear prediction was not compared with ${maskToken}.`;
      return `${modality.name} (${originOf(modality, { comparisons, data })}): against ${maskToken}, ${clauses.join('; ')}.`;
    }),
    sideBySide(images!, texts!, comparisons, runs),
  ];
}

/** What the question's proposal was compared with the mask token by. */
function ownComparisons(comparisons: readonly Comparison[], modality: Modality, question: Question): Comparison[] {
  return proposalComparisons(comparisons, modality, question).filter((each) => each.baseline === maskToken);
}

function proposalComparisons(comparisons: readonly Comparison[], { suite }: Modality, { masking, proposal }: Question) {
  return comparisons.filter(
    (each) =>
      each.suite === suite &&
      each.masking === masking &&
      each.method === proposal &&
      each.baseline !== untrainedControl,
  );
}

/** The data sets, and the encoder where there is one alone. */
function originOf({ suite }: Modality, { comparisons, data }: Pick<Results, 'comparisons' | 'data'>): string {
  const own = comparisons.filter((each) => each.suite === suite);
  const isSynthetic = data.some((described) => described.suite === suite && described.synthetic);
  const sets = isSynthetic ? 'synthetic data' : list.format(new Set(own.map(({ dataset }) => dataset)));
  const encoders = encodersOf(own);
  return encoders.size === 1 ? [sets, ...encoders].join(', ') : sets;
}

function encodersOf(own: readonly Comparison[]): Set<string | null> {
  return new Set(own.map(({ encoder }) => encoder));
}

/** The clause that answers a question, and what has to be said with it; none where it was not compared. */
function answerTo(
  question: Question,
  modality: Modality,
  { runs, comparisons }: Pick<Results, 'runs' | 'comparisons'>,
): string[] {
  const own = ownComparisons(comparisons, modality, question);
  if (own.length === 0) return [];
  if (own.every(({ interval }) => interval === null)) {
    return [`${question.words} is undecided, as ${explainNoInterval(own)}`];
  }
  const others = proposalComparisons(comparisons, modality, question).filter(
    ({ baseline, interval }) => baseline !== maskToken && interval !== null,
  );
  const all = comparisons.filter(({ suite }) => suite === modality.suite);
  const compared = runs.filter((run) => run.suite === modality.suite && run.masking === question.masking);
  return [
    `${question.words} is ${tellByPlace(own, all)}`,
    ...groupBy(others, ({ baseline }) => baseline).map(
      (group) => `against ${group[0].baseline} it is ${tellByPlace(group, all)}`,
    ),
    ...remarkOnControls(own, comparisons),
    ...remarkOnBaseline(compared, question.proposal),
  ];
}

/** Verdicts for each encoder and data set, named where `all` of the modality has several. */
function tellByPlace(own: readonly Comparison[], all: readonly Comparison[]): string {
  const isOneSet = new Set(all.map(({ dataset }) => dataset)).size === 1;
  const isOneEncoder = encodersOf(all).size === 1;
  const told = groupBy(own, comparandKey).map((group) => {
    const { encoder, dataset } = group[0];
    const verdicts = byVerdict(group)
      .map(([verdict, some]) => tellVerdict(verdict, some, group))
      .join(', ');
    const place = [...(isOneEncoder ? [] : [`with ${encoder}`]), ...(isOneSet ? [] : [`on ${dataset}`])];
    return [...place, verdicts].join(' ');
  });
  return told.join('; ');
}

/** Methods that give features to masked places without a learned linear map, in the order in which they are told. */
const methodsWithoutMap = ['mlp', 'nearest', 'mean', 'zero'];

/** Where the proposal is better in the loss and methods without its map are, too, the map is not what makes it so. */
function remarkOnControls(own: readonly Comparison[], all: readonly Comparison[]): string[] {
  const won = own.filter((each) => each.metric === 'heldOutLoss' && verdictOf(each) === 'better');
  const isBetterToo = (method: string): boolean =>
    won.every((each) =>
      all.some(
        (other) =>
          other.method === method &&
          other.metric === each.metric &&
          other.baseline === each.baseline &&
          comparandKey(other) === comparandKey(each) &&
          verdictOf(other) === 'better',
      ),
    );
  const methods = won.length === 0 ? [] : methodsWithoutMap.filter(isBetterToo);
  if (methods.length === 0) return [];
  const verb = methods.length === 1 ? 'is' : 'are';
  return [`there ${list.format(methods)}, without a learned linear map, ${verb} better in held-out loss, too`];
}

/** `better in held-out loss (−0.02) and kNN (+0.01 on trec)`, `undecided in the rest`; `all` has every verdict. */
function tellVerdict(verdict: Verdict, some: readonly Comparison[], all: readonly Comparison[]): string {
  if (verdict === 'open') {
    if (some.length < all.length) return 'undecided in the rest';
    return `undecided in ${all.length === 1 ? metricLabel(all[0]!.metric).title : 'all'}`;
  }
  const told = groupBy(some, ({ metric }) => baseMetric(metric)).map((group) => {
    const base = baseMetric(group[0].metric);
    const { title, digits } = metricLabel(base);
    const gains = group.map(({ metric, meanDifference }) => {
      const [, set] = splitMetric(metric);
      return `${formatSigned(meanDifference, digits)}${set === null ? '' : ` on ${set}`}`;
    });
    return `${title} (${gains.join(', ')})`;
  });
  return `${verdict} in ${list.format(told)}`;
}

/** A baseline that learns later than this share of the steps has not shown what it can learn. */
const lateShare = 0.25;

/** A baseline that learned nothing, or late, is beaten by whatever learns sooner. */
function remarkOnBaseline(runs: readonly Run[], proposal: string): string[] {
  const [ofBaseline, ofProposal] = [maskToken, proposal].map((name) => runs.filter(({ method }) => method === name));
  const stuck = ofBaseline!.filter((run) => !hasLearned(run));
  if (stuck.length === ofBaseline!.length && stuck.length > 0 && !ofProposal!.some(hasLearned)) {
    return [`there neither ${maskToken} nor ${proposal} learned anything in these steps, by the loss`];
  }
  const caveat = 'so this says which learns sooner, not which learns more';
  if (stuck.length > 0) {
    const share =
      stuck.length === ofBaseline!.length ? '' : ` in ${stuck.length} of ${formatCount(ofBaseline!.length, 'run')}`;
    return [`there ${maskToken} learned nothing in these steps${share}, by its loss, ${caveat}`];
  }
  const [late, sooner] = [medianStart(ofBaseline!), medianStart(ofProposal!)];
  if (late === undefined || sooner === undefined || late < lateShare || late <= sooner) return [];
  return [
    `there ${maskToken} begins to learn after ${percent(late)} of the steps, ${proposal} after ${percent(sooner)}, ${caveat}`,
  ];
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function medianStart(runs: readonly Run[]): number | undefined {
  const starts = runs.flatMap(({ training }) => (training === null ? [] : [learnedAfter(training)]));
  return starts.length === 0 ? undefined : median(starts);
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
    (numIntervals === 0
      ? 'no interval'
      : `${formatCount(numIntervals, 'interval')} of which ${numDecided} leave zero out where chance alone makes about ${Math.round(numIntervals / 20)}`);
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
    return metrics.length === 0 ? [] : [`${verdict} in ${list.format(metrics)}`];
  });
  if (shared.length === 0) return '';
  if (clauses.length === 0) return 'Of linear prediction nothing is decided alike throughout images and text; ';
  return `Images and text agree throughout that linear prediction is ${clauses.join(' and ')}; `;
}

/** What the intervals say of each metric, over all encoders, data sets and probed sets. */
function verdictsOf(own: readonly Comparison[]): Map<string, ReadonlySet<Verdict>> {
  const groups = groupBy(own, ({ metric }) => baseMetric(metric));
  return new Map(groups.map((group) => [baseMetric(group[0].metric), new Set(group.map(verdictOf))]));
}

function baseMetric(metric: string): string {
  return splitMetric(metric)[0];
}

function isOnly(verdicts: ReadonlySet<Verdict> | undefined, verdict: Verdict): boolean {
  return verdicts?.size === 1 && verdicts.has(verdict);
}

function range(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? formatNumber(low) : `${formatNumber(low)} to ${formatNumber(high)}`;
}
