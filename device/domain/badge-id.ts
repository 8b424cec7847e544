/**
 * Badge IDs (product.md 5): `1839 1270` is the box digit, a shuffled daily serial of three digits, and a tag of four over
 * school, date, box and serial. Every box with the school's key can check one, also when it is cut off from the others.
 */
import { addDays } from './school-day.ts';
import type { IsoDate } from './settings.ts';

/** A hash under the school's badge key, such as HMAC-SHA-256; its first four bytes are used. */
export type KeyedHash = (text: string) => Uint8Array;

export interface BadgeDay {
  /** What names the school to all of its boxes alike. */
  readonly school: string;
  readonly date: IsoDate;
  readonly hash: KeyedHash;
}

const serials = 1000;
const tags = 10_000;
/** How far back a badge is known as another day's, in days. */
const daysBack = 14;

export interface IssueInput extends BadgeDay {
  /** 0 to 9. */
  readonly box: number;
  /** The running number to begin with: 0 or more, never one used before. */
  readonly serial: number;
  /** Did this ID stand on a badge of the last 30 days? */
  readonly usedRecently: (id: string) => boolean;
}

/**
 * The next badge ID and the running number it uses; go on with the one after it. Skipped are IDs used lately, and every ID
 * from which one wrong digit or one swap of neighbours leads to another whose tag is right, issued or not, of any box: so a
 * slip of the finger can never be taken for a valid badge. Null when the box has used up its thousand of that day.
 */
export function issue(input: IssueInput): { readonly id: string; readonly serial: number } | null {
  for (let serial = input.serial; serial < input.serial + serials; serial += 1) {
    const id = idOf(input, input.box, shuffled(input, input.box, serial % serials));
    if (!input.usedRecently(id) && !slips(id).some((slip) => isTagged(input, slip))) return { id, serial };
  }
  return null;
}

/** Is the tag of these eight digits right for that day? */
export function isTagged(day: BadgeDay, id: string): boolean {
  return /^\d{8}$/.test(id) && tagOf(day, id.slice(0, 4)) === id.slice(4);
}

export type BadgeCheck =
  | { readonly state: 'valid'; readonly box: number }
  | { readonly state: 'another-day'; readonly box: number; readonly date: IsoDate }
  | { readonly state: 'mistyped' };

/**
 * Is this today's badge (`date`), or one of the 14 days before, by its tag? Whether it was issued or used the journal
 * knows: ask it first. A slip of one of today's is called mistyped even where it fits an earlier day, since today's are
 * what pupils type; of earlier days' badges that calls one in a hundred mistyped.
 */
export function check(id: string, today: BadgeDay): BadgeCheck {
  if (isTagged(today, id)) return { state: 'valid', box: Number(id.charAt(0)) };
  if (!/^\d{8}$/.test(id) || slips(id).some((slip) => isTagged(today, slip))) return { state: 'mistyped' };
  for (let ago = 1; ago <= daysBack; ago += 1) {
    const date = addDays(today.date, -ago);
    if (isTagged({ ...today, date }, id)) return { state: 'another-day', box: Number(id.charAt(0)), date };
  }
  return { state: 'mistyped' };
}

function idOf(day: BadgeDay, box: number, shuffledSerial: number): string {
  const head = `${box}${String(shuffledSerial).padStart(3, '0')}`;
  return head + tagOf(day, head);
}

/** `head`: box digit and serial, as they stand in the ID. */
function tagOf({ school, date, hash }: BadgeDay, head: string): string {
  const [first = 0, second = 0, third = 0, fourth = 0] = hash(JSON.stringify(['badge-tag', school, date, head]));
  const number = ((first * 256 + second) * 256 + third) * 256 + fourth;
  return String(number % tags).padStart(4, '0');
}

/** All IDs that one wrong digit, or one swap of neighbours, makes of this one. */
function slips(id: string): string[] {
  const found: string[] = [];
  for (let place = 0; place < id.length; place += 1) {
    const [before, here, next, after] = [
      id.slice(0, place),
      id.charAt(place),
      id.charAt(place + 1),
      id.slice(place + 2),
    ];
    for (let digit = 0; digit <= 9; digit += 1) found.push(before + String(digit) + next + after);
    found.push(before + next + here + after);
  }
  return found.filter((slip) => slip !== id);
}

/** The serial's place in a keyed shuffle of 0 to 999, new every day: a Feistel network over ten bits, walked until it lands below 1000. */
function shuffled(day: BadgeDay, box: number, serial: number): number {
  let walked = serial;
  do {
    let left = walked >> 5;
    let right = walked & 31;
    for (let round = 0; round < 4; round += 1) {
      const [byte = 0] = day.hash(JSON.stringify(['badge-serial', day.school, day.date, box, round, right]));
      [left, right] = [right, left ^ (byte & 31)];
    }
    walked = (left << 5) | right;
  } while (walked >= serials);
  return walked;
}
