/** Small groups are hidden: a figure of one to four may say who it was. */
import type { Figure } from '../../../contract/staff-reports.ts';

/** Fewer than this are not told. */
export const leastShown = 5;

/**
 * Parts of one total that is told as well: those of one to four are hidden, and where that is one alone, or all hidden ones together
 * are so few, the next smallest too, since the total would give it away. Nobody is nobody: zero is told.
 */
export function withoutSmall(counts: readonly number[]): readonly Figure[] {
  const hidden = new Set(counts.flatMap((count, i) => (isSmall(count) ? [i] : [])));
  const sum = (): number => [...hidden].reduce((all, i) => all + (counts[i] ?? 0), 0);
  while (hidden.size > 0 && (hidden.size === 1 || sum() < leastShown)) {
    const next = smallestShown(counts, hidden);
    if (next === null) break;
    hidden.add(next);
  }
  return counts.map((count, i) => (hidden.has(i) ? null : count));
}

export const isSmall = (count: number): boolean => count > 0 && count < leastShown;

/** A total on its own. */
export const figure = (count: number): Figure => (isSmall(count) ? null : count);

function smallestShown(counts: readonly number[], hidden: ReadonlySet<number>): number | null {
  let found: number | null = null;
  for (const [i, count] of counts.entries()) {
    if (hidden.has(i) || count === 0) continue;
    if (found === null || count < (counts[found] ?? 0)) found = i;
  }
  return found;
}
