import { groupBy } from './group-by.ts';
import { sortMetrics } from './labels.ts';
import type { Comparison, Run, Summary } from './schema.ts';
import { summarizeSample } from './statistics.ts';

/** One summary per method, in the order in which the methods first come: n, mean, spread and interval over the seeds. */
export function summarizeRuns(runs: readonly Run[]): Summary[] {
  return groupBy(runs, methodOf).map((group) => {
    const { suite, masking, method, role } = group[0];
    const metrics = sortMetrics(group.flatMap((run) => Object.keys(run.metrics)));
    return {
      suite,
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
 * For every method and each of its metrics: method minus the baseline of the same suite and masking, paired by seed
 * (equal seeds have equal data order, masks and initial encoder, which the difference cancels).
 */
export function compareWithBaselines(runs: readonly Run[]): Comparison[] {
  const groups = groupBy(runs, methodOf);
  const baselines = groups.filter(([first]) => first.role === 'baseline');
  return groups
    .filter(([first]) => first.role === 'method')
    .flatMap((group) => {
      const baseline = baselines.find(
        ([first]) => first.suite === group[0].suite && first.masking === group[0].masking,
      );
      return baseline === undefined ? [] : compareGroups(group, baseline);
    });
}

type RunGroup = readonly [Run, ...Run[]];

function compareGroups(group: RunGroup, baseline: RunGroup): Comparison[] {
  const { suite, masking, method } = group[0];
  if (masking === null) return [];
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
    return [{ suite, masking, method, baseline: baseline[0].method, metric, n, meanDifference, interval }];
  });
}

function methodOf({ suite, masking, role, method }: Run): string {
  return [suite, masking, role, method].join(' ');
}
