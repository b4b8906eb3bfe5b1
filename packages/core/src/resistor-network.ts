import type { Grid } from './grid.ts';

/**
 * A grid of cells as an electrical network of unit cells joined by conductances. Holding the visible cells at given
 * potentials, the masked ones float to the solution of the discrete Laplace equation; they are eliminated one by one by
 * the star-mesh transform, which is Gaussian elimination of the Laplacian without a single subtraction.
 *
 * Cells with the fewest links go first: on a grid with a quarter of its cells visible that leaves four or five links to
 * each eliminated cell, where elimination row by row leaves a band as wide as the grid.
 */
export class ResistorNetwork {
  readonly #grid: Grid;
  readonly #flowX: number;
  readonly #flowY: number;
  /** By cell: the masked cells that it is linked to and their conductances, frozen when it is eliminated. */
  readonly #links: number[][];
  readonly #flows: number[][];
  /** By cell: 1 while it is masked and not eliminated. */
  readonly #isFree: Uint8Array;
  /** By cell: the sum of its conductances to visible cells, and of all when it was eliminated. */
  readonly #toVisible: Float64Array;
  readonly #total: Float64Array;
  /** By cell: the first visible column that it is linked to, and one past the last. */
  readonly #firstColumn: Int32Array;
  readonly #endColumn: Int32Array;
  /** Cells by number of links, to be taken from the lowest; an entry is stale once its cell has another number. */
  readonly #queues: number[][] = [];

  constructor(grid: Grid, conductivity: { readonly x: number; readonly y: number }) {
    const numCells = grid.height * grid.width;
    this.#grid = grid;
    this.#flowX = conductivity.x;
    this.#flowY = conductivity.y;
    this.#links = Array.from({ length: numCells }, () => []);
    this.#flows = Array.from({ length: numCells }, () => []);
    this.#isFree = new Uint8Array(numCells);
    this.#toVisible = new Float64Array(numCells);
    this.#total = new Float64Array(numCells);
    this.#firstColumn = new Int32Array(numCells);
    this.#endColumn = new Int32Array(numCells);
  }

  /**
   * Writes the potential of each masked cell while one visible cell at a time is held at 1 and the others at 0.
   *
   * @param visible raster indices of the visible cells, ascending, at least one.
   * @param rows float32 `[cells, numVisible]`, the rows of masked cells zero.
   */
  solve(visible: Int32Array, rows: Float32Array): void {
    const numVisible = visible.length;
    this.#connect(visible, rows);
    const order: number[] = [];
    for (let cell = this.#takeLeastLinked(); cell !== -1; cell = this.#takeLeastLinked()) {
      this.#eliminate(cell, rows, numVisible);
      order.push(cell);
    }
    for (let i = order.length - 1; i >= 0; i--) this.#substitute(order[i]!, rows, numVisible);
  }

  #connect(visible: Int32Array, rows: Float32Array): void {
    const { height, width } = this.#grid;
    this.#isFree.fill(1);
    this.#toVisible.fill(0);
    this.#firstColumn.fill(visible.length);
    this.#endColumn.fill(0);
    for (const cell of visible) this.#isFree[cell] = 0;
    for (const links of this.#links) links.length = 0;
    for (const flows of this.#flows) flows.length = 0;

    const join = (cell: number, neighbour: number, flow: number): void => {
      if (this.#isFree[cell] === 0) return;
      if (this.#isFree[neighbour] === 1) {
        this.#links[cell]!.push(neighbour);
        this.#flows[cell]!.push(flow);
      } else {
        this.#toVisible[cell]! += flow;
        const column = columnOf[neighbour]!;
        rows[cell * visible.length + column] = flow;
        this.#widen(cell, column, column + 1);
      }
    };
    const columnOf = new Int32Array(height * width);
    for (let column = 0; column < visible.length; column++) columnOf[visible[column]!] = column;
    for (let cell = 0; cell < height * width; cell++) {
      if ((cell + 1) % width !== 0) {
        join(cell, cell + 1, this.#flowX);
        join(cell + 1, cell, this.#flowX);
      }
      if (cell + width < height * width) {
        join(cell, cell + width, this.#flowY);
        join(cell + width, cell, this.#flowY);
      }
    }
    for (let cell = 0; cell < height * width; cell++) {
      if (this.#isFree[cell] === 1) this.#enqueue(cell);
    }
  }

  #widen(cell: number, first: number, end: number): void {
    if (first < this.#firstColumn[cell]!) this.#firstColumn[cell] = first;
    if (end > this.#endColumn[cell]!) this.#endColumn[cell] = end;
  }

  #enqueue(cell: number): void {
    const numLinks = this.#links[cell]!.length;
    while (this.#queues.length <= numLinks) this.#queues.push([]);
    this.#queues[numLinks]!.push(cell);
  }

  #takeLeastLinked(): number {
    for (let numLinks = 0; numLinks < this.#queues.length; numLinks++) {
      const queue = this.#queues[numLinks]!;
      while (queue.length > 0) {
        const cell = queue.pop()!;
        if (this.#isFree[cell] === 1 && this.#links[cell]!.length === numLinks) return cell;
      }
    }
    return -1;
  }

  /** Star-mesh: the cell's neighbours get links to each other, and its share of its links to visible cells. */
  #eliminate(cell: number, rows: Float32Array, numVisible: number): void {
    const links = this.#links[cell]!;
    const flows = this.#flows[cell]!;
    let total = this.#toVisible[cell]!;
    for (const flow of flows) total += flow;
    this.#total[cell] = total;
    this.#isFree[cell] = 0;
    const first = this.#firstColumn[cell]!;
    const end = this.#endColumn[cell]!;
    for (let i = 0; i < links.length; i++) {
      const neighbour = links[i]!;
      const share = flows[i]! / total;
      this.#unlink(neighbour, cell);
      for (let j = 0; j < links.length; j++) {
        if (j !== i) this.#strengthen(neighbour, links[j]!, share * flows[j]!);
      }
      this.#toVisible[neighbour]! += share * this.#toVisible[cell]!;
      addScaled(rows, neighbour * numVisible + first, cell * numVisible + first, share, end - first);
      this.#widen(neighbour, first, end);
      this.#enqueue(neighbour);
    }
  }

  #unlink(cell: number, gone: number): void {
    const links = this.#links[cell]!;
    const flows = this.#flows[cell]!;
    const at = links.indexOf(gone);
    const lastLink = links.pop()!;
    const lastFlow = flows.pop()!;
    if (at === links.length) return;
    links[at] = lastLink;
    flows[at] = lastFlow;
  }

  #strengthen(cell: number, neighbour: number, flow: number): void {
    const links = this.#links[cell]!;
    const flows = this.#flows[cell]!;
    const at = links.indexOf(neighbour);
    if (at === -1) {
      links.push(neighbour);
      flows.push(flow);
    } else {
      flows[at]! += flow;
    }
  }

  /** A cell's potentials from those of the cells eliminated after it. */
  #substitute(cell: number, rows: Float32Array, numVisible: number): void {
    const links = this.#links[cell]!;
    const flows = this.#flows[cell]!;
    const start = cell * numVisible;
    const inverse = 1 / this.#total[cell]!;
    const end = start + this.#endColumn[cell]!;
    for (let at = start + this.#firstColumn[cell]!; at < end; at++) rows[at]! *= inverse;
    let i = 0;
    for (; i + 1 < links.length; i += 2) {
      const [p, q] = [links[i]! * numVisible, links[i + 1]! * numVisible];
      const [shareP, shareQ] = [flows[i]! * inverse, flows[i + 1]! * inverse];
      for (let column = 0; column < numVisible; column++) {
        rows[start + column]! += shareP * rows[p + column]! + shareQ * rows[q + column]!;
      }
    }
    if (i < links.length) addScaled(rows, start, links[i]! * numVisible, flows[i]! * inverse, numVisible);
  }
}

function addScaled(values: Float32Array, target: number, source: number, scale: number, length: number): void {
  for (let i = 0; i < length; i++) values[target + i]! += scale * values[source + i]!;
}
