import type { Results } from '../../results/schema.ts';
import { renderPlotGroups } from '../figure.ts';
import { gainPlots } from '../plots/gain-plots.ts';
import { predictabilityPlots } from '../plots/predictability-plots.ts';
import type { Section } from '../section.ts';

/** Images and text beside each other: the gain of each method over the mask token, and how linear the features are. */
export async function compareSection(results: Results): Promise<Section | null> {
  const [gains, predictability] = [gainPlots(results), predictabilityPlots(results)];
  if (gains.length === 0 && predictability.length === 0) return null;
  return {
    id: 'compare',
    title: 'Images against text',
    about:
      'Each method minus the mask token, paired by seed, with the 95 % t-interval of the mean difference where the seeds differ. To the right is better. A point is filled where its interval leaves zero out.',
    body: [...(await renderPlotGroups(gains, 'wide')), ...(await renderPlotGroups(predictability, 'wide'))],
  };
}
