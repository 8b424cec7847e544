/** What stands on a badge (product.md 5). Forename and initial at most: never a surname, never a reason. */
import { Temporal } from 'temporal-polyfill';
import type { BackAnswer } from '../contract/kiosk.ts';
import type { Pupil } from './pupil.ts';
import type { IsoDate, Settings } from './settings.ts';

/** One bit a dot: 1 is black, the leftmost dot is the highest bit, rows padded with white to whole bytes. */
export interface Bitmap {
  /** Dots. */
  readonly width: number;
  readonly height: number;
  readonly bits: Uint8Array;
}

/** The badge's words in the school's first language. */
export interface BadgeWords {
  readonly out: string;
  readonly back: string;
  readonly beforeLunch: string;
  readonly afterLunch: string;
  readonly notToday: string;
  /** `Bring this back to sign back in.` */
  readonly bring: string;
  readonly reprint: string;
  /** Before the journal number: `no.` */
  readonly number: string;
  /** In the place of a date that is not sure. */
  readonly timeToBeConfirmed: string;
  /** Short, Monday first. */
  readonly weekdays: readonly string[];
  /** Short, January first. */
  readonly months: readonly string[];
}

export interface SlipInput {
  readonly pupil: Pick<Pupil, 'forename' | 'surname' | 'registrationGroup'>;
  /** The day the badge works, school local; null while it is not sure. */
  readonly date: IsoDate | null;
  /** Time out, `10:42`; null while the clock is not trusted. */
  readonly out: string | null;
  /** What the pupil said, or the time that the reason itself gives; null: not asked. */
  readonly back: BackAnswer | { readonly at: string } | null;
  /** Eight digits. */
  readonly badgeId: string;
  /** 64 random bits, 16 hex digits. */
  readonly token: string;
  /** Of the departure: the box and its number in the journal. */
  readonly box: number;
  readonly n: number;
  /** Of printing, from 1 (durability.md 26). */
  readonly attempt: number;
  readonly school: string;
  readonly show: Settings['badge'];
  readonly words: BadgeWords;
}

/** The lines of a badge; null: that line is not there. */
export interface SlipText {
  readonly reprint: string | null;
  readonly school: string | null;
  readonly name: string;
  readonly registrationGroup: string | null;
  readonly out: { readonly label: string; readonly time: string } | null;
  readonly back: { readonly label: string; readonly text: string } | null;
  /** `Mon 23 Nov 2026`, or that it is to be confirmed: never a date that was guessed. */
  readonly date: string;
  /** `1839 1270` */
  readonly id: string;
  readonly qr: string;
  /** `no. 1-004217` */
  readonly number: string;
  readonly bring: string;
  /** Is there room for a photo? */
  readonly photo: boolean;
}

/** Throws a RangeError on a badge ID or token that is none: these come from the journal. */
export function slip(input: SlipInput): SlipText {
  const { words, show, pupil } = input;
  const back = backText(input.back, words);
  return {
    reprint: input.attempt > 1 ? words.reprint : null,
    school: show.schoolName ? input.school : null,
    name: forenameAndInitial(pupil.forename, pupil.surname),
    registrationGroup: show.registrationGroup ? pupil.registrationGroup : null,
    out: input.out === null ? null : { label: words.out, time: input.out },
    back: back === null ? null : { label: words.back, text: back },
    date: input.date === null ? words.timeToBeConfirmed : dateText(input.date, words),
    id: spacedId(input.badgeId),
    qr: qrText(input.badgeId, input.token),
    number: `${words.number} ${journalNumber(input.box, input.n)}`,
    bring: words.bring,
    photo: show.photo,
  };
}

/** `1-004217`: the box and a record's number in its journal, as people see it. */
export function journalNumber(box: number, n: number): string {
  return `${box}-${String(n).padStart(6, '0')}`;
}

/** `1839 1270` */
export function spacedId(badgeId: string): string {
  return `${badgeId.slice(0, 4)} ${badgeId.slice(4)}`;
}

/**
 * `P1:18391270:0123456789ABCDEF`: version of this form, ID, token; nothing personal. Upper case throughout, so that
 * the QR code holds it in its compact alphanumeric mode.
 */
export function qrText(badgeId: string, token: string): string {
  const text = `P1:${badgeId}:${token.toUpperCase()}`;
  if (parseQr(text) === null) throw new RangeError('not a badge ID and token');
  return text;
}

/** What a badge's QR code says; null for any other code held to the camera. The token in lower case. */
export function parseQr(text: string): { readonly badgeId: string; readonly token: string } | null {
  const [, badgeId, token] = /^P1:(\d{8}):([0-9A-F]{16})$/.exec(text) ?? [];
  return badgeId === undefined || token === undefined ? null : { badgeId, token: token.toLowerCase() };
}

/**
 * `Amara O`. The initial is left out where it would be the whole surname, as with 王 or 김. Pupils with one name: that
 * name, in whichever field the MIS has it.
 */
function forenameAndInitial(forename: string, surname: string): string {
  const [name, family] = [forename.trim(), surname.trim()];
  if (name === '') return family;
  const letters = family.replace(/^[^\p{L}]+/u, '');
  const first = [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(letters)][0]?.segment ?? '';
  return first === letters ? name : `${name} ${first.toUpperCase()}`;
}

function backText(back: SlipInput['back'], words: BadgeWords): string | null {
  if (back === null || back === 'unknown') return null;
  if (back === 'before-lunch') return words.beforeLunch;
  if (back === 'after-lunch') return words.afterLunch;
  if (back === 'not-today') return words.notToday;
  return back.at;
}

function dateText(date: IsoDate, words: BadgeWords): string {
  const { dayOfWeek, day, month, year } = Temporal.PlainDate.from(date);
  return `${words.weekdays[dayOfWeek - 1] ?? ''} ${day} ${words.months[month - 1] ?? ''} ${year}`;
}
