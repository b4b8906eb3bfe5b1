import type { Results } from '../../results/schema.ts';
import { curvePlots } from './curve-plots.ts';
import { diagnosticsPlots } from './diagnostics-plots.ts';
import { gainPlots } from './gain-plots.ts';
import { lossPlots } from './loss-plots.ts';
import { enginePlots, operatorPlots } from './measurement-plots.ts';
import type { Plot } from './plot.ts';
import { predictabilityPlots } from './predictability-plots.ts';
import { probePlots } from './probe-plots.ts';

/** Every plot of a report, each under a name of its own. */
export function allPlots(results: Results): Plot[] {
  const groups = [
    ...gainPlots(results),
    ...predictabilityPlots(results),
    ...probePlots(results),
    ...curvePlots(results),
    ...diagnosticsPlots(results),
  ];
  return distinguishNames([
    ...groups.flatMap(({ plots }) => plots),
    ...lossPlots(results),
    ...operatorPlots(results),
    ...enginePlots(results),
  ]);
}

/** Numbers the later ones of a name: names of data sets that differ may be one in a file's name. */
function distinguishNames(plots: readonly Plot[]): Plot[] {
  const names = new Set(plots.map(({ name }) => name));
  const taken = new Set<string>();
  return plots.map((plot) => {
    let name = plot.name;
    for (let number = 2; taken.has(name); number++) {
      const numbered = `${plot.name}-${number}`;
      if (!names.has(numbered)) name = numbered;
    }
    taken.add(name);
    return { ...plot, name };
  });
}
