/**
 * Where everybody is, as far as this box knows: what the MIS held of the session when it was last read, and the movements since
 * (product.md 6, Evacuation). Two that contradict each other are worth nothing, and the pupil is looked for.
 */
import { isTrusted } from '../domain/clock-trust.ts';
import { codesOf, lateCodes } from '../domain/codes.ts';
import type { Ledger, Movement } from '../domain/ledger.ts';
import type { Pupil } from '../domain/pupil.ts';
import { dayOf, localTime } from '../domain/school-day.ts';
import type { SchoolDay } from '../domain/school-day.ts';
import type { IsoDate, SessionName } from '../domain/settings.ts';
import { whereabouts } from './presence.ts';
import type { School } from './school.ts';
import { clockFace, shownTime, sureFace, timeOf } from './when.ts';

export type Where = 'in-school' | 'late' | 'back' | 'out' | 'not-known';
export interface Placed {
  readonly pupil: Pupil;
  readonly where: Where;
  /** `Left 10:42`; empty where there is nothing to add. Never why: nobody needs that to count. */
  readonly words: string;
}
export interface Roll {
  readonly date: IsoDate;
  /** The school's register whose marks count; null: there is none today. */
  readonly session: SessionName | null;
  /** When the oldest of the marks that count was read, milliseconds since the epoch; null: none was. */
  readonly readAt: number | null;
  /** Pupils whose mark nobody has read. */
  readonly unread: number;
  /** In register order. */
  readonly placed: readonly Placed[];
}

export function rollOf(school: School, ledger: Ledger): Roll {
  const { settings, clock, roster } = school;
  const local = localTime(clock.now(), settings.school.timeZone);
  const look = new Look(school, ledger, local.date, Math.floor(local.msOfDay / 60_000));
  const placed = inRegisterOrder(roster.pupils).map((pupil) => look.place(pupil));
  const [session = null] = registersAt(dayOf(local.date, null, settings), look.minute);
  return { date: local.date, session, readAt: look.readAt, unread: look.unread, placed };
}

/** The group under which a pupil is looked for. */
export const groupOf = ({ registrationGroup, yearGroup }: Pupil): string =>
  registrationGroup ?? yearGroup ?? 'No registration group';

/**
 * The registers whose marks count, the first that has one. From its opening on it is the afternoon's; a blank in a register that is
 * still being taken says nothing yet, so until it closes the morning's mark stands in for it.
 */
function registersAt({ am, pm }: SchoolDay, minute: number): readonly SessionName[] {
  if (pm !== null && minute >= pm.opens) return am === null || minute >= pm.closes ? ['PM'] : ['PM', 'AM'];
  return am === null ? [] : ['AM'];
}

interface MarkRead {
  readonly session: SessionName;
  readonly code: string | null;
  readonly at: number;
}

/** One look at everybody. */
class Look {
  readAt: number | null = null;
  unread = 0;
  readonly minute: number;
  private readonly school: School;
  private readonly ledger: Ledger;
  private readonly date: IsoDate;
  private readonly now;

  constructor(school: School, ledger: Ledger, date: IsoDate, minute: number) {
    this.school = school;
    this.ledger = ledger;
    this.date = date;
    this.minute = minute;
    this.now = school.clock.reading();
  }

  place(pupil: Pupil): Placed {
    const day = dayOf(this.date, pupil.yearGroup, this.school.settings);
    const mark = this.markOf(pupil, registersAt(day, this.minute));
    const moved = this.movementOf(pupil);
    if (moved === null) return { pupil, ...byMark(this.school, this.date, mark) };
    const told = byMovement(this.school, moved);
    const doubt =
      mark !== null && this.isOlder(moved, mark, day) ? contradiction(this.school, this.date, told, mark) : null;
    return { pupil, ...(doubt ?? told) };
  }

  /** Null: not read. The age is that of the newest register, also where another's mark stands in for it. */
  private markOf(pupil: Pupil, sessions: readonly SessionName[]): MarkRead | null {
    const { observed, observedAt } = this.school;
    const read = sessions.flatMap((session): readonly MarkRead[] => {
      const at = observedAt(pupil.key, this.date, session);
      return at === null ? [] : [{ session, at, code: observed(pupil.key, this.date, session) }];
    });
    const [newest] = read;
    if (newest === undefined) {
      if (sessions.length > 0) this.unread += 1;
      return null;
    }
    this.readAt = Math.min(this.readAt ?? newest.at, newest.at);
    return read.find(({ code }) => !isBlank(code)) ?? newest;
  }

  /** The movement that says where the pupil is; null: none today. */
  private movementOf({ key }: Pupil): Movement | null {
    const { school, ledger, now } = this;
    if (!ledger.byPupil.has(key) && ledger.others.size === 0) return null;
    return whereabouts(school, ledger, key, now);
  }

  /** Is the movement surely from before the register of that mark opened? */
  private isOlder(movement: Movement, { session }: MarkRead, { am, pm }: SchoolDay): boolean {
    const at = timeOf(this.school, movement);
    const opens = (session === 'AM' ? am : pm)?.opens;
    if (opens === undefined || !isTrusted(at)) return false;
    return localTime(shownTime(at), this.school.settings.school.timeZone).msOfDay < opens * 60_000;
  }
}

type Told = Pick<Placed, 'where' | 'words'>;

const isBlank = (code: string | null): boolean => code === null || code === '' || code === '-';

function byMark({ settings }: School, date: IsoDate, mark: MarkRead | null): Told {
  if (mark === null) return { where: 'not-known', words: 'Mark not read' };
  const { code } = mark;
  if (code === null || isBlank(code)) return { where: 'not-known', words: 'No mark' };
  if (code === 'N') return { where: 'not-known', words: 'Not at registration' };
  const { nation } = settings.school;
  const category = codesOf(nation, date).get(code)?.category;
  if (category === undefined) return { where: 'not-known', words: 'A mark of the school’s own' };
  // U says that the pupil came, after the register had closed.
  if (category === 'present' || code === lateCodes(nation, date)?.afterClose) return { where: 'in-school', words: '' };
  return { where: 'out', words: category === 'approved-activity' ? 'Marked off site' : 'Marked absent' };
}

function byMovement(school: School, movement: Movement): Told {
  const time = sureFace(timeOf(school, movement), school.settings.school.timeZone) ?? 'at a time not sure';
  const { record, decided, closed } = movement;
  if (closed?.how === 'not-found') return { where: 'not-known', words: `Left ${time}, then not found` };
  if (record.kind === 'early-departure') return { where: 'out', words: `Left ${time}` };
  if (record.kind === 'return') return { where: 'back', words: `Back ${time}` };
  const isOnTime = decided.length > 0 && decided.every(({ outcome }) => outcome === 'on-time');
  return { where: isOnTime ? 'in-school' : 'late', words: `Came ${time}` };
}

/** A register taken after the movement says otherwise; null: it does not. */
function contradiction(school: School, date: IsoDate, told: Told, mark: MarkRead): Told | null {
  const marked = byMark(school, date, mark);
  const wasOut = told.where === 'out';
  if (isBlank(mark.code) || marked.where === (wasOut ? 'out' : 'in-school')) return null;
  if (wasOut)
    return marked.where === 'in-school' ? { where: 'not-known', words: `${told.words}, then marked present` } : null;
  const then = marked.words.charAt(0).toLowerCase() + marked.words.slice(1);
  return { where: 'not-known', words: `${told.words}, then ${then}` };
}

const { compare } = new Intl.Collator('en', { numeric: true });
/** The roster of the last look: sorting 1,200 names takes longer than all the rest. */
const sorted = new WeakMap<readonly Pupil[], readonly Pupil[]>();

/** By registration group, surname, forename. */
function inRegisterOrder(pupils: readonly Pupil[]): readonly Pupil[] {
  const known = sorted.get(pupils);
  if (known !== undefined) return known;
  const order = [...pupils].sort(
    (one, other) =>
      compare(groupOf(one), groupOf(other)) ||
      compare(one.surname, other.surname) ||
      compare(one.forename, other.forename),
  );
  sorted.set(pupils, order);
  return order;
}

/** `09:41` */
export const readFace = (school: School, at: number): string => clockFace(at, school.settings.school.timeZone);
