import { InputError } from '@qb-heat/core';
import { describe, expect, it } from 'vitest';
import { benchArguments } from '../../src/commands/bench-arguments.ts';
import { checkArguments } from '../../src/commands/check-arguments.ts';

const check = (...rawArgs: string[]) => checkArguments(rawArgs, benchArguments, ['doctor']);

describe('checkArguments', () => {
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
    [['--', '--preset'], "unexpected '--'"],
  ])('refuses %j', (rawArgs, message) => {
    expect(() => check(...rawArgs)).toThrow(InputError);
    expect(() => check(...rawArgs)).toThrow(message);
  });
});
