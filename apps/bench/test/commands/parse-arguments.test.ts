import { InputError } from '@qb-heat/core';
import { describe, expect, it } from 'vitest';
import { benchArguments, mergeArguments } from '../../src/commands/bench-arguments.ts';
import { parseArguments } from '../../src/commands/parse-arguments.ts';

const words = { name: null, commands: ['doctor'] };
const check = (...rawArgs: string[]) => parseArguments(rawArgs, benchArguments, words);

describe('parseArguments', () => {
  it('gives the values of each option in their order, and words where there may be some', () => {
    expect(check('--text', 'a', '--fresh', '--text=b').options).toEqual(
      new Map([
        ['text', ['a', 'b']],
        ['fresh', []],
      ]),
    );
    const merge = parseArguments(['one', '--out', 'all', 'two'], mergeArguments, { name: 'folder', commands: [] });
    expect(merge.words).toEqual(['one', 'two']);
  });

  it('lets known options pass, with their value apart or joined', () => {
    expect(() => check('--preset', 'smoke', '--images=pictures', '--fresh', '--debug')).not.toThrow();
    expect(() => check('--help')).not.toThrow();
    expect(() => check('-h')).not.toThrow();
  });

  it.each([
    [['--imges', 'x'], 'unknown option --imges; did you mean --images?'],
    [['--qqqqqqqqqqqqqqqq'], 'unknown option --qqqqqqqqqqqqqqqq; see --help'],
    [['-p', 'smoke'], 'unknown option -p'],
    [['--images'], '--images needs a value'],
    [['--images='], '--images needs a value'],
    [['--images', '--text', 'x'], '--images needs a value'],
    [['--fresh=yes'], "--fresh takes no value, got 'yes'"],
    [['--no-fresh'], 'unknown option --no-fresh'],
    [['docter'], "unexpected argument 'docter'; did you mean doctor?"],
    [['--preset', 'smoke', 'quick'], "unexpected argument 'quick'"],
    [['--seeds', '1', '--seeds=2'], "--seeds is given twice, as '1' and as '2'"],
    [['--', '--preset'], "unexpected '--'"],
  ])('refuses %j', (rawArgs, message) => {
    expect(() => check(...rawArgs)).toThrow(InputError);
    expect(() => check(...rawArgs)).toThrow(message);
  });
});
