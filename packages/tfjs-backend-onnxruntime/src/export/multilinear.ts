/** An axis of the inputs whose length varies, and the lengths at which a function is looked at. */
export interface VaryingAxis {
  readonly name: string;
  /** Its place in the shape of every input. */
  readonly axis: number;
  /** Two that a form is fitted to, and one that has to confirm it. */
  readonly lengths: readonly [number, number, number];
}

/**
 * A number that is linear in the length of each axis: the sum, over the sets of axes, of a whole number times the product
 * of their lengths. Entry m belongs to the set of those axes whose bit is 1 in m, so that entry 0 is the constant.
 */
export type Multilinear = readonly number[];

/**
 * Lengths of the axes, in the order in which `fitMultilinear` takes values: every choice of a first or second length, bit
 * i of the index telling that of axis i, and last the third lengths together.
 */
export function samplePoints(axes: readonly VaryingAxis[]): number[][] {
  const corners = Array.from({ length: 2 ** axes.length }, (_, corner) =>
    axes.map(({ lengths }, i) => lengths[(corner >> i) & 1]!),
  );
  return axes.length === 0 ? corners : [...corners, axes.map(({ lengths }) => lengths[2])];
}

/** The form through the values at `samplePoints`, or null where no whole numbers make one. */
export function fitMultilinear(axes: readonly VaryingAxis[], values: readonly number[]): Multilinear | null {
  const form = values.slice(0, 2 ** axes.length);
  // One axis after the other: each pair of values along it becomes a line's offset and slope.
  for (const [i, { lengths }] of axes.entries()) {
    for (let set = 0; set < form.length; set++) {
      const withAxis = set | (1 << i);
      if (withAxis === set) continue;
      const slope = (form[withAxis]! - form[set]!) / (lengths[1] - lengths[0]);
      form[set]! -= slope * lengths[0];
      form[withAxis] = slope;
    }
  }
  const isConfirmed = samplePoints(axes).every((point, i) => evaluate(form, point) === values[i]);
  return isConfirmed && form.every((coefficient) => Number.isInteger(coefficient)) ? form : null;
}

function evaluate(form: Multilinear, lengths: readonly number[]): number {
  return form.reduce(
    (sum, coefficient, set) =>
      sum + lengths.reduce((product, length, i) => ((set >> i) & 1 ? product * length : product), coefficient),
    0,
  );
}

/** The form in words, such as `2*batch+1`; null for a constant. */
export function formatMultilinear(axes: readonly VaryingAxis[], form: Multilinear): string | null {
  if (form.every((coefficient, set) => set === 0 || coefficient === 0)) return null;
  const terms = form.flatMap((coefficient, set) => {
    const names = axes.filter((_, i) => (set >> i) & 1).map(({ name }) => name);
    if (coefficient === 0) return [];
    return [[...(coefficient === 1 && set > 0 ? [] : [coefficient]), ...names].join('*')];
  });
  // The constant comes last.
  const [first, ...others] = form[0] === 0 ? terms : [...terms.slice(1), terms[0]!];
  return [first, ...others.map((term) => (term.startsWith('-') ? term : `+${term}`))].join('');
}
