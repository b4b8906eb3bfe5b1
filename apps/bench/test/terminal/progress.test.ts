import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createProgress, describeLine } from '../../src/terminal/progress.ts';

function makeStream(isTTY: boolean) {
  const chunks: string[] = [];
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 120, rows: 24 }) as unknown as NodeJS.WriteStream;
  // What cli-progress asks of a terminal.
  Object.assign(stream, {
    cursorTo: () => true,
    moveCursor: () => true,
    clearLine: () => true,
    clearScreenDown: () => true,
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  return { stream, text: () => chunks.join('') };
}

const state = {
  title: 'text span linear, seed 0',
  phase: 'pre-training',
  step: 3,
  numSteps: 10,
  loss: 1.23456,
  rate: { perSecond: 1234.5, unit: 'tokens' },
  runs: { finished: 4, total: 12 },
  runLeftMs: 12_000,
  allLeftMs: 185_000,
};

describe('progress', () => {
  it('shows the run and all of them on a terminal, with loss, rate and time left, and clears up', async () => {
    const { stream, text } = makeStream(true);
    const progress = createProgress(stream);
    progress.update(state);
    await setTimeout(150);
    progress.update({ ...state, step: 4, loss: 1.2 });
    await setTimeout(150);
    progress.stop();
    expect(text()).toContain('text span linear, seed 0');
    expect(text()).toContain(
      'pre-training      ███████░░░░░░░░░░░░░░░░░ 3/10 · loss 1.2346 · 1,235 tokens/s · 12 s left',
    );
    expect(text()).toContain('4/10 · loss 1.2000');
    expect(text()).toContain('all               ████████░░░░░░░░░░░░░░░░ 4/12 runs · 3 min 05 s left');
    const before = text();
    await setTimeout(150);
    expect(text()).toBe(before);
  });

  it('prints lines between without tearing the bars', async () => {
    const { stream, text } = makeStream(true);
    const progress = createProgress(stream);
    progress.update(state);
    progress.line('one is done');
    progress.update(state);
    await setTimeout(150);
    progress.stop();
    expect(text()).toContain('one is done\n');
    expect(text().indexOf('3/10', text().indexOf('one is done'))).toBeGreaterThan(0);
  });

  it('writes lines only elsewhere, and none for a moment', () => {
    const { stream, text } = makeStream(false);
    const progress = createProgress(stream);
    progress.update(state);
    expect(text()).toBe('');
    progress.line('done');
    progress.stop();
    expect(text()).toBe('done\n');
  });
});

describe('describeLine', () => {
  it('says in one line what the bars say', () => {
    expect(describeLine(state)).toBe(
      '[5/12] text span linear, seed 0: pre-training 3/10 · loss 1.2346 · 1,235 tokens/s · 12 s left · 3 min 05 s left in all',
    );
  });

  it('leaves out what is not known', () => {
    const { title, phase, step, numSteps, runs } = state;
    expect(describeLine({ title, phase, step, numSteps, runs })).toBe(
      '[5/12] text span linear, seed 0: pre-training 3/10',
    );
  });
});
