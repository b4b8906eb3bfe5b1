import { experimentsSchema, type Experiments } from '../description.ts';
import { full } from './full.ts';
import { quick } from './quick.ts';
import { smoke } from './smoke.ts';
import { standard } from './standard.ts';

/** Presets by name, from a minute to a day. */
export const presetNames = ['smoke', 'quick', 'standard', 'full'] as const;
export type PresetName = (typeof presetNames)[number];

const inputs = { smoke, quick, standard, full };

/** The experiments of a preset, with every default filled in. */
export function presetExperiments(name: PresetName): Experiments {
  return experimentsSchema.parse(inputs[name]);
}
