import type { Results } from '../../results/schema.ts';
import { curvePlots } from './curve-plots.ts';
import { diagnosticsPlots } from './diagnostics-plots.ts';
import { gainPlots } from './gain-plots.ts';
import { lossPlots } from './loss-plots.ts';
import { enginePlots, operatorPlots } from './measurement-plots.ts';
import type { Plot } from './plot.ts';
import { predictabilityPlots } from './predictability-plots.ts';
import { probePlots } from './probe-plots.ts';

/** Every plot of a report. */
export function allPlots(results: Results): Plot[] {
  const groups = [
    ...gainPlots(results),
    ...predictabilityPlots(results),
    ...probePlots(results),
    ...curvePlots(results),
    ...diagnosticsPlots(results),
  ];
  return [
    ...groups.flatMap(({ plots }) => plots),
    ...lossPlots(results),
    ...operatorPlots(results),
    ...enginePlots(results),
  ];
}
