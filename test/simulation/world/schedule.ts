/**
 * Virtual time: one queue of events, run one after another. Of events at the same instant chance decides, by the seed. What an
 * event sets going in promises is run to its end before the next event, so that one seed is one history.
 */
import type { Seeded } from '../../../device/demo/random.ts';

interface Event {
  readonly at: number;
  readonly tie: number;
  run: (() => void) | null;
}

/** `idle`: a look that comes round by itself, which does not count as a step. */
export type Counts = 'step' | 'idle';

export class Schedule {
  /** The true time, whole milliseconds since the epoch. */
  now: number;
  /** Events run so far, those that count. */
  steps = 0;
  private readonly heap: (Event & { readonly counts: Counts })[] = [];
  private readonly chance: Seeded;

  constructor(start: number, chance: Seeded) {
    this.now = start;
    this.chance = chance;
  }

  /** Runs once at that time, at once where it is past; the answer cancels. */
  at(time: number, run: () => void, counts: Counts = 'step'): () => void {
    const event = { at: Math.max(this.now, Math.round(time)), tie: this.chance.next(), run, counts };
    this.push(event);
    return () => {
      event.run = null as unknown as () => void;
    };
  }
  after(ms: number, run: () => void, counts: Counts = 'step'): () => void {
    return this.at(this.now + ms, run, counts);
  }

  /** Things that keep their order, such as what is handed to a disk: each comes after the one before. */
  lane(): (ms: number, run: () => void) => void {
    let last = -Infinity;
    return (ms, run) => {
      last = Math.max(this.now + ms, last + 1);
      this.at(last, run);
    };
  }

  /** The time of the next event; null: nothing will ever happen again. */
  next(): number | null {
    for (let first = this.heap[0]; first !== undefined; first = this.heap[0]) {
      if (first.run !== null) return first.at;
      this.pop();
    }
    return null;
  }

  /** Runs the next event and whatever it sets going. False: there is none. */
  async step(): Promise<boolean> {
    if (this.next() === null) return false;
    const event = this.pop();
    if (event === undefined) return false;
    this.now = event.at;
    if (event.counts === 'step') this.steps += 1;
    event.run?.();
    // All promises that can go on have gone on when this comes back.
    await new Promise((resolve) => setImmediate(resolve));
    return true;
  }

  private push(event: Event & { readonly counts: Counts }): void {
    const { heap } = this;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, event)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  private pop(): (Event & { readonly counts: Counts }) | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || first === last) return first;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || isBefore(last, child)) break;
      heap[at] = child;
      at = child === left ? 2 * at + 1 : 2 * at + 2;
    }
    heap[at] = last;
    return first;
  }
}

const isBefore = (one: Event, other: Event): boolean =>
  one.at < other.at || (one.at === other.at && one.tie < other.tie);
