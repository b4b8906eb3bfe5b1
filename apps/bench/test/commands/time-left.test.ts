import { describe, expect, it } from 'vitest';
import { TimeLeft } from '../../src/commands/time-left.ts';

const estimates = new Map([
  ['a', 100],
  ['b', 200],
  ['c', 300],
]);

describe('TimeLeft', () => {
  it('starts from the estimates', () => {
    const left = new TimeLeft(estimates);
    expect(left.ofTask('a', 30)).toBe(70);
    expect(left.ofAll('a', 30)).toBe(570);
  });

  it('corrects the others by how long the finished ones took', () => {
    const left = new TimeLeft(estimates);
    left.finish('a', 150);
    expect(left.ofTask('b', 0)).toBe(300);
    expect(left.ofAll('b', 100)).toBe(200 + 450);
  });

  it('learns nothing from a task that took no time', () => {
    const left = new TimeLeft(estimates);
    left.finish('a', 0);
    expect(left.ofAll('b', 0)).toBe(500);
  });

  it('never goes below zero', () => {
    expect(new TimeLeft(estimates).ofTask('a', 1000)).toBe(0);
  });
});
