import { InputError } from '@qb-heat/core';
import { createRandom } from '@qb-heat/training';

/**
 * A seeded split of labelled items in which every class gives the same share to the test part: at least one item, and
 * at least one stays in training. A class with a single item keeps it in training.
 *
 * @param labels class of each item, int32 `[numItems]`.
 * @param testFraction share of the test part, between 0 and 1, exclusive.
 * @returns ascending item numbers of both parts; together they are all items.
 * @throws InputError if the fraction is out of range or the test part would be empty.
 */
export function splitStratified(
  labels: Int32Array,
  testFraction: number,
  seed: number,
): { train: Int32Array; test: Int32Array } {
  if (!(testFraction > 0 && testFraction < 1)) {
    throw new InputError(`splitStratified: testFraction must lie between 0 and 1, got ${testFraction}`);
  }
  const random = createRandom(seed).fork('split');
  const test: number[] = [];
  const train: number[] = [];
  for (const [label, members] of groupByClass(labels)) {
    const shuffled = random.fork(label).shuffle(members);
    const numTest = Math.min(members.length - 1, Math.max(1, Math.round(members.length * testFraction)));
    test.push(...shuffled.slice(0, numTest));
    train.push(...shuffled.slice(numTest));
  }
  if (test.length === 0) {
    throw new InputError(`splitStratified: every class has a single item, so nothing is left to test on`);
  }
  return { train: Int32Array.from(train).toSorted(), test: Int32Array.from(test).toSorted() };
}

/**
 * A seeded choice of at most `limit` items with the classes in equal shares as far as they go.
 *
 * @returns ascending item numbers; all of them when there are no more than `limit`.
 */
export function chooseStratified(labels: Int32Array, limit: number, seed: number): Int32Array {
  if (!(Number.isInteger(limit) && limit > 0)) {
    throw new InputError(`chooseStratified: limit must be a positive whole number, got ${limit}`);
  }
  if (labels.length <= limit) return Int32Array.from(labels.keys());
  const random = createRandom(seed).fork('limit');
  const queues = [...groupByClass(labels)].map(([label, members]) => random.fork(label).shuffle(members));
  const chosen: number[] = [];
  // One of each class in turn, so that any limit gives the most even classes that it can.
  for (let round = 0; chosen.length < limit; round++) {
    for (const queue of queues) {
      if (round < queue.length && chosen.length < limit) chosen.push(queue[round]!);
    }
  }
  return Int32Array.from(chosen).toSorted();
}

/** Item numbers by class, classes ascending. */
function groupByClass(labels: Int32Array): [number, number[]][] {
  const groups = new Map<number, number[]>();
  labels.forEach((label, item) => {
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [item]);
    else group.push(item);
  });
  return [...groups].toSorted(([a], [b]) => a - b);
}
