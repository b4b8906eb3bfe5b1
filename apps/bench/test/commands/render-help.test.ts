import { describe, expect, it } from 'vitest';
import { renderHelp } from '../../src/commands/render-help.ts';

const help = renderHelp(
  {
    name: 'pnpm bench',
    description: 'Compares.',
    args: {
      preset: { type: 'string', valueHint: 'smoke|quick', description: 'how much to run', default: 'quick' },
      fresh: { type: 'boolean', description: 'a description that is too long for a line of forty characters' },
    },
    commands: { doctor: 'Says what was found.' },
  },
  40,
);

describe('renderHelp', () => {
  it('shows each option with what it takes and its default', () => {
    expect(help).toContain('  --preset <smoke|quick>\n      how much to run (default: quick)\n');
    expect(help).toContain('  --help\n');
  });

  it('shows a flag without a value, and wraps long descriptions', () => {
    expect(help).toContain('  --fresh\n      a description that is too long for\n      a line of forty characters');
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
  });

  it('names the commands below', () => {
    expect(help).toContain('  pnpm bench doctor\n      Says what was found.');
  });
});
