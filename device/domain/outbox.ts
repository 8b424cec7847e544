/** What to send next, and whether it may go where it would (durability.md 19 to 23, product.md 4). Pure. */
import { mayOverwrite } from './codes.ts';
import type { OverwriteAnswer } from './codes.ts';
import { stateOf } from './mark.ts';
import type { Mark, WriteWish } from './mark.ts';
import type { ReportRow, SendingItem } from './record.ts';

type Written = Pick<SendingItem, 'code' | 'minutes' | 'comment'>;

/** Rows in one POST (mis.md 2.7: the real limit is not known). */
export const batchMax = 50;
/** School days of answered tries, then a person (product.md 4). */
const putOffDaysMax = 5;

export interface Now {
  readonly mono: number;
  readonly boot: string;
  /** School-local date. */
  readonly today: string;
  readonly holdMs: number;
}

/** May this mark be claimed? Held long enough for an undo, by monotonic time, or made before this boot; never a future one. */
export function isDue(mark: Mark, now: Now): boolean {
  const isHeld = mark.wishedAt.boot === now.boot && now.mono - mark.wishedAt.mono < now.holdMs;
  return !isHeld && mark.date <= now.today && stateOf(mark) === 'waiting';
}

/**
 * The next batch, marks of one register: today's first, every fourth time the oldest first, so that neither waits for ever.
 * `limitOf`: a mark whose batch failed as a whole goes in batches of so many with others like it, until the bad one is alone.
 */
export function nextBatch(
  marks: readonly Mark[],
  now: Now,
  turn: number,
  limitOf: (key: string) => number | undefined = () => undefined,
): readonly Mark[] {
  const due = marks.filter((mark) => isDue(mark, now));
  const oldestFirst = turn % 4 === 3;
  const later = (mark: Mark): number => (!oldestFirst && mark.date === now.today ? 0 : 1);
  const firstN = (mark: Mark): number => mark.claims[0]?.decided.n ?? 0;
  const [first, ...rest] = due.sort(
    (a, b) =>
      later(a) - later(b) ||
      a.date.localeCompare(b.date) ||
      a.session.localeCompare(b.session) ||
      firstN(a) - firstN(b),
  );
  if (first === undefined) return [];
  const limit = limitOf(first.key);
  const together = rest.filter((mark) => registerOf(mark) === registerOf(first) && limitOf(mark.key) === limit);
  return [first, ...together].slice(0, limit ?? batchMax);
}

/** One read covers all marks of a register. */
export const registerOf = ({ date, session }: Mark): string => `${date} ${session}`;

/** Those of one name together, in order. */
export function grouped<T>(all: readonly T[], nameOf: (one: T) => string): readonly (readonly [T, ...T[]])[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const one of all) {
    const group = groups.get(nameOf(one));
    if (group === undefined) groups.set(nameOf(one), [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

/** What stands in the MIS for a mark. */
export interface Standing {
  readonly code: string;
  readonly minutesLate: number | null;
  readonly comment: string | null;
  /** When, by the clock of the MIS, and by whom it was last changed; null: it does not say. */
  readonly changedAt: string | null;
  readonly by: string | null;
}

/** For the report of a mark that stands. */
export const stampOf = (standing: Standing | null): Pick<ReportRow, 'changedAt'> =>
  standing?.changedAt ? { changedAt: standing.changedAt } : {};

/** Is this what we wrote? The code is, and nothing else speaks against it: an MIS may drop minutes and cut comments. */
export function isWrite(item: Written, standing: Standing | null): boolean {
  if (standing?.code !== item.code) return false;
  const { minutesLate, comment } = standing;
  const sameMinutes = minutesLate === null || item.minutes === null || minutesLate === item.minutes;
  const sameComment = comment === null || item.comment === null || item.comment.startsWith(comment);
  return sameMinutes && sameComment;
}

/** Surely ours: our comment, which no other mark has, stands there too. */
export function bearsOurComment(item: Written, standing: Standing | null): boolean {
  return typeof standing?.comment === 'string' && item.comment !== null && isWrite(item, standing);
}

/**
 * Has somebody written our code over our confirmed mark (durability.md 22: "and nothing else since")? A write of ours that the
 * MIS applied once more bears our comment and nobody's name.
 */
export function isTouched({ ours, writes }: Mark, standing: Standing | null): boolean {
  if (ours === null || standing === null || standing.code !== ours.code) return false;
  const { changedAt, by } = standing;
  const isNewer = ours.changedAt !== null && changedAt !== null && changedAt > ours.changedAt;
  return isNewer && (by !== null || !writes.some(({ item }) => bearsOurComment(item, standing)));
}

export type Finding =
  | 'ours' // a write of ours stands there: nothing more to send, or at least known as ours from now on
  | 'changed' // to be put back, but ours is not there any more, or not only ours
  | OverwriteAnswer;

/** May our mark go where this stands? (product.md 4 "Never overwrite", durability.md 22) */
export function judge(mark: Mark, wish: WriteWish, standing: Standing | null): Finding {
  const code = standing?.code ?? null;
  const touched = isTouched(mark, standing);
  const knownAsOurs = mark.ours !== null && mark.ours.code === code && !touched;
  if (wish.kind === 'restore') return knownAsOurs ? 'write' : 'changed';
  if (touched && wish.over === undefined) return isWrite(wish, standing) ? 'theirs' : 'conflict';
  const ours = knownAsOurs || (!touched && mark.writes.some(({ item }) => bearsOurComment(item, standing)));
  if (ours && (!knownAsOurs || standsAsWished(mark, wish))) return 'ours';
  const answer = mayOverwrite({ ...wish, standing: code, wanted: wish.code, ours });
  if (mark.schools && wish.over === undefined && !ours && answer === 'write') return 'conflict';
  if (wish.over === undefined || ours || isWrite(wish, standing)) return answer;
  // A person chose ours over what they saw. Anything else there now goes back to them.
  if (wish.over === code) return 'write';
  if (code === wish.code) return answer;
  return answer === 'conflict-urgent' ? answer : 'conflict';
}

/** Code, minutes and words: the write that stands is compared, as the MIS may not show them. */
function standsAsWished(mark: Mark, wish: WriteWish): boolean {
  const item = mark.writes.findLast((write) => write.item.code === mark.ours?.code)?.item;
  return item?.code === wish.code && item.minutes === wish.minutes && item.comment === wish.comment;
}

/**
 * The MIS answered a try on this school day, and did not take the mark. Null: said for this day already. A mark expires on
 * the day after five such days; days on which nobody answered do not count.
 */
export function putOff(mark: Mark, date: string): 'put-off' | 'expired' | null {
  if (mark.putOffOn.includes(date)) return null;
  return mark.putOffOn.length >= putOffDaysMax ? 'expired' : 'put-off';
}
