import { expect, it } from 'vitest';
import { exactCommand } from '../../src/commands/exact-command.ts';

it('gives the command as it can be typed, quoted where need be', () => {
  expect(exactCommand(['--preset', 'smoke', '--images', "my cat's pictures"])).toBe(
    String.raw`pnpm bench --preset smoke --images 'my cat'\''s pictures'`,
  );
});

it('is the same for all shards of one, wherever they write', () => {
  const shards = [1, 2].map((index) =>
    exactCommand(['--shard', `${index}/2`, '--seeds', '3', `--out=part-${index}`, '--fresh']),
  );
  expect(shards).toEqual(['pnpm bench --seeds 3', 'pnpm bench --seeds 3']);
});
