import { groupBy } from './group-by.ts';
import { sortMetrics } from './labels.ts';
import { untrainedControl } from './method-names.ts';
import type { Comparison, Run, Summary } from './schema.ts';
import { summarizeSample } from './statistics.ts';

/** One summary per method, in the order in which the methods first come: n, mean, spread and interval over the seeds. */
export function summarizeRuns(runs: readonly Run[]): Summary[] {
  return groupBy(runs, methodOf).map((group) => {
    const { suite, dataset, encoder, masking, method, role } = group[0];
    const metrics = sortMetrics(group.flatMap((run) => Object.keys(run.metrics)));
    return {
      suite,
      dataset,
      encoder,
      masking,
      method,
      role,
      n: group.length,
      meanTotalMs: summarizeSample(group.map((run) => run.durations.totalMs)).mean,
      metrics: Object.fromEntries(
        metrics.map((metric) => [metric, summarizeSample(group.flatMap((run) => run.metrics[metric] ?? []))]),
      ),
    };
  });
}

/**
 * For every method and each of its metrics: method minus each baseline beside it, paired by seed (equal seeds have equal
 * data order, masks and initial encoder, which the difference cancels). The encoder as it was drawn is one more baseline,
 * also of the other baselines.
 */
export function compareWithBaselines(runs: readonly Run[]): Comparison[] {
  const groups = groupBy(runs, methodOf);
  return groups
    .filter(([{ role }]) => role !== 'control')
    .flatMap((group) =>
      groups
        .filter(([candidate]) => isBaselineOf(candidate, group[0]))
        .flatMap((baseline) => compareGroups(group, baseline)),
    );
}

function isBaselineOf(candidate: Run, run: Run): boolean {
  const isBeside =
    candidate.suite === run.suite && candidate.dataset === run.dataset && candidate.encoder === run.encoder;
  if (!isBeside) return false;
  if (candidate.role === 'control') return candidate.method === untrainedControl;
  return candidate.role === 'baseline' && run.role === 'method' && candidate.masking === run.masking;
}

type RunGroup = readonly [Run, ...Run[]];

function compareGroups(group: RunGroup, baseline: RunGroup): Comparison[] {
  const { suite, dataset, encoder, masking, method } = group[0];
  const pairs = group.flatMap((run) => {
    const partner = baseline.find(({ seed }) => seed === run.seed);
    return partner === undefined ? [] : [{ of: run.metrics, to: partner.metrics }];
  });
  return sortMetrics(pairs.flatMap(({ of }) => Object.keys(of))).flatMap((metric) => {
    const differences = pairs.flatMap(({ of, to }) => {
      const [mine, theirs] = [of[metric], to[metric]];
      return mine === undefined || theirs === undefined ? [] : [mine - theirs];
    });
    if (differences.length === 0) return [];
    const { n, mean: meanDifference, interval } = summarizeSample(differences);
    return [
      { suite, dataset, encoder, masking, method, baseline: baseline[0].method, metric, n, meanDifference, interval },
    ];
  });
}

function methodOf({ suite, dataset, encoder, masking, role, method }: Run): string {
  return [suite, dataset, encoder, masking, role, method].join('\n');
}
