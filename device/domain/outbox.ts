/** What to send next (durability.md 19, 20, 23). Pure: marks in, keys out. */
import { stateOf, wishOf } from './mark.ts';
import type { Mark, WriteWish } from './mark.ts';

/** Rows in one POST (mis.md 2.7: the real limit is not known). */
export const batchMax = 50;

export interface Now {
  readonly mono: number;
  readonly boot: string;
  /** School-local date. */
  readonly today: string;
  readonly holdMs: number;
}

/** May this mark be claimed? Held long enough for an undo, by monotonic time, or made before this boot. */
export function isDue(mark: Mark, now: Now): boolean {
  if (stateOf(mark) !== 'waiting') return false;
  return mark.wishedAt.boot !== now.boot || now.mono - mark.wishedAt.mono >= now.holdMs;
}

/** The next batch: today's first, every fourth batch the oldest first, so that neither waits for ever. */
export function nextBatch(marks: readonly Mark[], now: Now, turn: number): readonly Mark[] {
  const due = marks.filter((mark) => isDue(mark, now) && mark.date <= now.today);
  const oldestFirst = turn % 4 === 3;
  const later = (mark: Mark): number => (!oldestFirst && mark.date === now.today ? 0 : 1);
  const firstN = (mark: Mark): number => mark.claims[0]?.decided.n ?? 0;
  return [...due]
    .sort(
      (a, b) =>
        later(a) - later(b) ||
        a.date.localeCompare(b.date) ||
        a.session.localeCompare(b.session) ||
        firstN(a) - firstN(b),
    )
    .slice(0, batchMax);
}

/** Marks by date and session: one read covers each group. */
export function bySession(marks: readonly Mark[]): ReadonlyMap<string, readonly Mark[]> {
  const groups = new Map<string, Mark[]>();
  for (const mark of marks) {
    const name = `${mark.date} ${mark.session}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [mark]);
    else group.push(mark);
  }
  return groups;
}

/** What a mark in `waiting` wants written. */
export function writeWish(mark: Mark): WriteWish | null {
  const wish = wishOf(mark);
  return wish.kind === 'mark' || wish.kind === 'restore' ? wish : null;
}
