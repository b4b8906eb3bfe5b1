import { splitMetric } from '../results/labels.ts';
import type { Results } from '../results/schema.ts';

/** What a method gives a masked place, a clause each, by the names of the two libraries' methods. */
const methodClauses: Readonly<Record<string, string>> = {
  'mask-token': 'gives every masked place one learned vector',
  zero: 'leaves zeros',
  mean: 'gives the mean of the visible features',
  nearest: 'copies the nearest visible feature',
  linear: 'predicts cell by cell with one learned linear map for each axis',
  'linear-blockwise': 'jumps a whole block at once by such a map',
  'linear-both-routes': 'averages both routes to a cell off the axes',
  'linear-free': 'has a map of its own for each direction',
  'linear-exact': 'takes the matrix exponential for a step',
  'linear-cayley': 'takes the Cayley transform for a step',
  'norm-linear': 'normalizes a feature before the map of each step',
  mlp: 'takes a non-linear step with as many parameters',
  interpolate: 'draws the straight line between the visible features on both sides',
  harmonic: 'takes the steady state of the heat equation between what is visible',
  'least-squares': 'takes what follows a learned linear map best between what is visible',
  bert: 'puts [MASK] through the encoder in their place',
  'bert-80-10-10': 'puts 80 % as [MASK], 10 % as a random token and 10 % as they are through the encoder, as BERT does',
};

/** The suites whose methods are those. */
const filledSuites = new Set(['vision', 'text']);

/** How to read the answer, for those who know neither the measures nor the methods; only what is in the results. */
export function explainReading({ summaries }: Pick<Results, 'summaries'>): string {
  const filled = summaries.filter(({ suite, role }) => filledSuites.has(suite) && role !== 'control');
  const measures = new Set(
    summaries.flatMap(({ metrics }) => Object.keys(metrics).map((metric) => splitMetric(metric)[0])),
  );
  const clauses = [...new Set(filled.map(({ method }) => method))].flatMap((method) =>
    Object.hasOwn(methodClauses, method) ? [`\`${method}\` ${methodClauses[method]}`] : [],
  );
  const sentences = [
    ...(measures.has('heldOutLoss') ? ['Of the held-out loss lower is better, of all else higher.'] : []),
    ...(measures.has('tran1') ? ['Tran-1 is the accuracy of one transformer block on the frozen features.'] : []),
    ...(clauses.length === 0 ? [] : [`What the methods do with what is masked: ${clauses.join('; ')}.`]),
  ];
  return sentences.join(' ');
}
