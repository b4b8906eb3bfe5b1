import { InputError } from '@qb-heat/core';
import { describe, expect, it } from 'vitest';
import { describeError } from '../../src/commands/exit.ts';

describe('describeError', () => {
  it('says what the user can mend in one line, with code 2', () => {
    const { text, exitCode } = describeError(new InputError('--images: nothing there\nand more'), false);
    expect(text).toBe('error: --images: nothing there');
    expect(exitCode).toBe(2);
  });

  it('says anything else in one line that points to --debug, with code 1', () => {
    const { text, exitCode } = describeError(new TypeError('x is not a function'), false);
    expect(text).toMatch(/^error: x is not a function \(.*--debug.*\)$/);
    expect(exitCode).toBe(1);
  });

  it('shows the stack with debug', () => {
    expect(describeError(new InputError('bad'), true).text).toContain('exit.test.ts');
  });
});
