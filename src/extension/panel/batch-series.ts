import type { BatchEvent, BatchPoints } from '../../protocol/index.js';

interface Point {
  readonly x: number;
  readonly loss: number;
  /** Where there are classes. */
  readonly accuracy?: number;
  /** Of its line in the log: to find more about it later. */
  readonly offset: number;
}

/**
 * A curve of bounded length over a stream of unknown length. It keeps every point until there are twice `size`; then, of each four
 * neighbours, the lowest and the highest loss stay, and from then on every second point of the stream is looked at. A log of a million batches costs a few thousand parsed lines; what lies between them
 * is read when somebody looks closer.
 */
export class BatchSeries {
  #points: Point[] = [];
  #stride = 1;
  #count = 0;
  #changedFrom = 0;

  constructor(private readonly size = 2048) {}

  /** Number of points offered so far. */
  get count(): number {
    return this.#count;
  }

  /** Counts a point of the stream; true when it is to be added. */
  offer(): boolean {
    return this.#count++ % this.#stride === 0;
  }

  add(point: Point): void {
    // A resumed run repeats what came after its checkpoint: the later one holds.
    while ((this.#points.at(-1)?.x ?? -1) >= point.x) this.#points.pop();
    this.#changedFrom = Math.min(this.#changedFrom, this.#points.length);
    this.#points.push(point);
    if (this.#points.length >= 2 * this.size) this.#compact();
  }

  /** What changed since the last call: points from an index on. */
  takePatch(): { readonly from: number; readonly rows: BatchPoints } | undefined {
    const from = this.#changedFrom;
    if (from >= this.#points.length) return undefined;
    this.#changedFrom = this.#points.length;
    return { from, rows: columns(this.#points.slice(from)) };
  }

  all(): BatchPoints {
    return columns(this.#points);
  }

  /** The bytes of the log that hold the batches between two positions. `to` is absent where they reach to its end. */
  bytesBetween(from: number, to: number): { readonly from: number; readonly to?: number } {
    const first = this.#points.findLast(({ x }) => x < from) ?? this.#points[0];
    const last = this.#points.find(({ x }) => x > to);
    return { from: first?.offset ?? 0, ...(last === undefined ? {} : { to: last.offset }) };
  }

  #compact(): void {
    const kept: Point[] = [];
    for (let start = 0; start < this.#points.length; start += 4) {
      const group = this.#points.slice(start, start + 4);
      const lowest = group.reduce((a, b) => (b.loss < a.loss ? b : a));
      const highest = group.reduce((a, b) => (b.loss >= a.loss ? b : a));
      if (lowest.x < highest.x) kept.push(lowest, highest);
      else if (lowest.x > highest.x) kept.push(highest, lowest);
      else kept.push(lowest);
    }
    this.#points = kept;
    this.#stride *= 2;
    this.#changedFrom = 0;
  }
}

/** What the curves show of a batch. */
export function valuesOf({ loss, accuracy }: BatchEvent): Pick<Point, 'loss' | 'accuracy'> {
  return accuracy === undefined ? { loss } : { loss, accuracy };
}

function columns(points: readonly Point[]): BatchPoints {
  return {
    x: points.map(({ x }) => x),
    loss: points.map(({ loss }) => loss),
    accuracy: points.flatMap(({ accuracy }) => accuracy ?? []),
  };
}
