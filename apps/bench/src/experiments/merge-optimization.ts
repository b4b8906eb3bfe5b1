import type { EncoderDescription, OptimizationSettings } from './description.ts';

/** A suite's settings, with what an encoder sets otherwise. */
export function mergeOptimization(
  settings: OptimizationSettings,
  encoder: EncoderDescription | undefined,
): OptimizationSettings {
  const own = Object.entries(encoder?.optimization ?? {}).filter(([, value]) => value !== undefined);
  return { ...settings, ...Object.fromEntries(own) };
}
