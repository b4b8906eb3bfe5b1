import { InputError } from './input-error.ts';
import { countVisible, visibleIndices } from './positions.ts';
import type { Visibility } from './visibility.ts';

/**
 * The gaps of a batch of masked sequences laid out level by level, so that one product serves all cells that are as far
 * from their anchor: level k holds the k-th cell of every gap that is at least k long. Gaps lie longest first, so that
 * the gaps of a level are the first ones of the level before.
 *
 * How many rows a level has room for never depends on the gaps drawn, so that a compiled graph serves every batch.
 */
export interface GapPlan {
  /** Gaps after a visible place, which is their anchor: two-sided, and the trailing ones. */
  readonly inner: GapLevels;
  /** Gaps before the first visible place, which is their anchor; level 1 is the cell next to it. */
  readonly leading: GapLevels;
  /** Row of the visible features, `sample * numVisible + v`, at the far end of each inner gap; −1 where there is none. */
  readonly rightRows: Int32Array;
  /** By level: 1 for the inner gaps that end there and have a far end, else 0. float32 `[capacity]` each. */
  readonly endsHere: readonly Float32Array[];
  /**
   * Where each place takes its features from, among the rows of all visible places, then of the inner levels, then of the
   * leading ones. int32 `[batch * length]`.
   */
  readonly sources: Int32Array;
}

export interface GapLevels {
  /** Rows of each level; level k is at index k − 1. Never ascending. */
  readonly capacities: readonly number[];
  /** Row of the visible features that each gap starts from, −1 for room that is not taken. int32 `[capacities[0]]`. */
  readonly anchorRows: Int32Array;
}

interface Gap {
  readonly sample: number;
  /** First place of the gap, and how many. */
  readonly start: number;
  readonly length: number;
  /** Index among the sample's visible places of the one after the gap; numVisible where there is none. */
  readonly after: number;
}

/** Lays out the gaps of a batch of sequences. */
export function planGaps(visibility: Visibility): GapPlan {
  const { grid, batchSize } = visibility;
  const length = grid.width;
  const numVisible = countVisible(visibility);
  const visible = visibleIndices(visibility);
  const inner: Gap[] = [];
  const leading: Gap[] = [];
  for (let sample = 0; sample < batchSize; sample++) {
    for (let after = 0; after <= numVisible; after++) {
      const start = after === 0 ? 0 : visible[sample * numVisible + after - 1]! + 1;
      const end = after === numVisible ? length : visible[sample * numVisible + after]!;
      if (end > start) (after === 0 ? leading : inner).push({ sample, start, length: end - start, after });
    }
  }
  inner.sort((a, b) => b.length - a.length);
  leading.sort((a, b) => b.length - a.length);
  const [innerCapacities, leadingCapacities] = chooseCapacities(inner, leading, length, numVisible, batchSize);

  const sources = new Int32Array(batchSize * length);
  for (let i = 0; i < visible.length; i++) sources[Math.floor(i / numVisible) * length + visible[i]!] = i;
  let nextRow = visible.length;
  const placeLevels = (gaps: readonly Gap[], capacities: readonly number[], isLeading: boolean): void => {
    capacities.forEach((capacity, level) => {
      for (let row = 0; row < gaps.length && gaps[row]!.length > level; row++) {
        const gap = gaps[row]!;
        const place = isLeading ? gap.start + gap.length - 1 - level : gap.start + level;
        sources[gap.sample * length + place] = nextRow + row;
      }
      nextRow += capacity;
    });
  };
  placeLevels(inner, innerCapacities, false);
  placeLevels(leading, leadingCapacities, true);

  return {
    inner: { capacities: innerCapacities, anchorRows: anchorRows(inner, innerCapacities, numVisible, -1) },
    leading: { capacities: leadingCapacities, anchorRows: anchorRows(leading, leadingCapacities, numVisible, 0) },
    rightRows: anchorRows(inner, innerCapacities, numVisible, 0),
    endsHere: innerCapacities.map((capacity, level) =>
      Float32Array.from({ length: capacity }, (_, row) => {
        const gap = inner[row];
        return gap !== undefined && gap.length === level + 1 && gap.after < numVisible ? 1 : 0;
      }),
    ),
    sources,
  };
}

function anchorRows(
  gaps: readonly Gap[],
  capacities: readonly number[],
  numVisible: number,
  offset: number,
): Int32Array {
  const rows = new Int32Array(capacities[0] ?? 0).fill(-1);
  gaps.forEach((gap, i) => {
    const column = gap.after + offset;
    if (column < numVisible) rows[i] = gap.sample * numVisible + column;
  });
  return rows;
}

/**
 * Room for the gaps of a uniformly random mask with a margin of six standard deviations, or, where a batch doesn't fit
 * that (spans, windows), for any mask whose gaps are no longer than the next power of two.
 */
function chooseCapacities(
  inner: readonly Gap[],
  leading: readonly Gap[],
  length: number,
  numVisible: number,
  batchSize: number,
): [number[], number[]] {
  const random = randomCapacities(length, numVisible, batchSize);
  if (fits(inner, random[0]) && fits(leading, random[1])) return random;
  const numMasked = length - numVisible;
  const longest = Math.max(inner[0]?.length ?? 0, leading[0]?.length ?? 0);
  const numLevels = Math.min(numMasked, 2 ** Math.ceil(Math.log2(longest)));
  const levels = Array.from({ length: numLevels }, (_, level) => level + 1);
  const any: [number[], number[]] = [
    levels.map((k) => batchSize * Math.min(numVisible, Math.floor(numMasked / k))),
    levels.map(() => batchSize),
  ];
  if (!fits(inner, any[0]) || !fits(leading, any[1])) throw new InputError('planGaps: a gap found no room');
  return any;
}

function fits(gaps: readonly Gap[], capacities: readonly number[]): boolean {
  const counts = new Int32Array((gaps[0]?.length ?? 0) + 1);
  for (const gap of gaps) counts[gap.length]!++;
  for (let k = counts.length - 1, longEnough = 0; k > 0; k--) {
    longEnough += counts[k]!;
    if (longEnough > (capacities[k - 1] ?? 0)) return false;
  }
  return true;
}

function randomCapacities(length: number, numVisible: number, batchSize: number): [number[], number[]] {
  const numMasked = length - numVisible;
  const inner: number[] = [];
  const leading: number[] = [];
  // Chances that a given place is visible and the next k are masked, and that the first k places are masked.
  let innerChance = numVisible / length;
  let leadingChance = 1;
  for (let k = 1; k <= numMasked; k++) {
    innerChance *= (numMasked - k + 1) / (length - k);
    leadingChance *= (numMasked - k + 1) / (length - k + 1);
    const room = withMargin(batchSize * (length - k) * innerChance);
    inner.push(Math.min(room, inner.at(-1) ?? room, batchSize * Math.min(numVisible, Math.floor(numMasked / k))));
    leading.push(Math.min(withMargin(batchSize * leadingChance), batchSize));
  }
  return [inner.filter((room) => room > 0), leading.filter((room) => room > 0)];
}

function withMargin(expected: number): number {
  return expected < 1e-3 ? 0 : Math.ceil(expected + 6 * Math.sqrt(expected)) + 1;
}
