import { InputError } from '@qb-heat/core';
import { describe, expect, it } from 'vitest';
import { narrowExperiments, type Narrowing } from '../../src/experiments/narrow.ts';
import { makeTiny } from '../fixtures/tiny-experiments.ts';

const narrow = (changes: Partial<Narrowing>, experiments = makeTiny()) =>
  narrowExperiments(experiments, { only: null, fills: null, encoders: null, seeds: null, ...changes });

describe('narrowExperiments', () => {
  it('leaves all as it is where nothing is asked for', () => {
    expect(narrow({})).toEqual(makeTiny());
  });

  it('keeps the suites and the number of seeds that are asked for', () => {
    const { text, vision, seeds } = narrow({ only: ['vision'], seeds: 5 });
    expect([text, vision !== undefined, seeds]).toEqual([undefined, true, 5]);
  });

  it('puts methods into every comparison whose masks they can fill, and leaves out those without any', () => {
    const { vision, text } = narrow({ fills: ['mlp', 'harmonic'] });
    expect(vision?.comparisons.block?.methods).toEqual(['mlp', 'harmonic']);
    expect(vision?.comparisons.random?.methods).toEqual(['harmonic']);
    expect(text?.comparisons.span?.methods).toEqual(['mlp', 'harmonic']);
    expect(Object.keys(narrow({ fills: ['linear'] }).vision?.comparisons ?? {})).toEqual(['block']);
  });

  it('leaves the baselines to themselves', () => {
    const { text } = narrow({ fills: ['mask-token', 'bert', 'bert-80-10-10'] });
    expect(text?.comparisons.random).toMatchObject({
      baselines: ['mask-token', 'bert-80-10-10'],
      methods: ['bert'],
    });
  });

  it('takes methods of a file by the names that it gives them', () => {
    const own = { name: 'exact', fill: { name: 'linear', scheme: 'exact' } } as const;
    const experiments = makeTiny({ vision: { comparisons: { block: { methods: [own, 'nearest'] } } } });
    expect(narrow({ fills: ['exact'] }, experiments).vision?.comparisons.block?.methods).toEqual([own]);
  });

  it('takes encoders by label, or by kind and size, and leaves suites that they are not of', () => {
    const { vision, text } = narrow({ encoders: ['convnet-tiny', 'vit-pico'] });
    expect(Object.keys(vision?.encoders ?? {})).toEqual(['convnet-tiny', 'vit-pico']);
    // The described one is not the preset of the same name.
    expect(vision?.encoders['convnet-tiny']?.options['dim']).toBe(16);
    expect(vision?.encoders['vit-pico']?.options).toEqual({ kind: 'vit', preset: 'pico' });
    expect(Object.keys(text?.encoders ?? {})).toEqual(['transformer-tiny']);
  });

  it('refuses methods that can fill no mask of the experiments', () => {
    const experiments = makeTiny({ text: { comparisons: { random: { methods: ['zero'] } } } });
    const refused = () => narrow({ only: ['text'], fills: ['linear'] }, experiments);
    expect(refused).toThrow('--fills: none of linear can fill the masks of the experiments');
  });

  it.each<[Partial<Narrowing>, string]>([
    [{ fills: ['liner'] }, "--fills: unknown value 'liner'"],
    [{ fills: ['liner'] }, 'did you mean linear?'],
    [{ encoders: ['vit-huge'] }, "--encoders: unknown value 'vit-huge'"],
    [{ only: ['vision'], fills: ['bert'] }, "--fills: unknown value 'bert'"],
    [{ only: ['vision'], encoders: ['transformer-tiny'] }, "--encoders: unknown value 'transformer-tiny'"],
    [{ only: ['text', 'detection'] }, '--only: tiny has no detection experiment'],
  ])('refuses %j', (changes, message) => {
    expect(() => narrow(changes)).toThrow(InputError);
    expect(() => narrow(changes)).toThrow(message);
  });
});
