/** Who is in school, came late, came back, is out, or is not known of (product.md 6): the view, and what is asked of it besides. */
import type { EvacuationView, EvacueeRow, EvacueesAnswer, Where } from '../../../contract/staff-evacuation.ts';
import { unnamed } from '../../../domain/elsewhere.ts';
import type { Ledger } from '../../../domain/ledger.ts';
import { localTime, sessionAt } from '../../../domain/school-day.ts';
import { groupOf, readFace, rollOf } from '../../../desk/roll.ts';
import type { Roll } from '../../../desk/roll.ts';
import type { School } from '../../../desk/school.ts';
import { onSameDay, sureFace, timeOf } from '../../../desk/when.ts';
import { datedFace, shortAge, whoMoved } from './rows.ts';
import { plain } from './search.ts';

/** What is pushed at every change: a bad day's exceptions. */
const pushedMax = 250;
const askedMax = 400;
/** Registers are read every ten minutes: older than this, something is in the way. */
const oldMs = 30 * 60_000;

export function evacuationView(school: School, ledger: Ledger): EvacuationView {
  const roll = rollOf(school, ledger);
  const rows = evacueesOf(school, ledger, roll);
  const groups = new Map<string, Record<Where, number>>();
  const counts = noCounts();
  for (const { where, registrationGroup } of rows) {
    counts[where] += 1;
    if (registrationGroup === null) continue;
    const group = groups.get(registrationGroup) ?? noCounts();
    group[where] += 1;
    groups.set(registrationGroup, group);
  }
  const exceptions = rows.filter(({ where }) => where !== 'in-school');
  const { drill } = ledger;
  return {
    date: roll.date,
    age: ageOf(school, roll),
    drill: drill === null ? null : { since: datedFace(school, drill.at), by: drill.by },
    counts,
    // Who moved is looked for by everybody; blanks of a register that was not read would push them out.
    rows: [...exceptions]
      .sort((a, b) => Number(a.where === 'not-known') - Number(b.where === 'not-known'))
      .slice(0, pushedMax),
    more: Math.max(0, exceptions.length - pushedMax),
    groups: [...groups].map(([group, of]) => ({ group, counts: of })),
  };
}

export interface EvacueesAsked {
  readonly group: string | null;
  readonly where: Where | null;
  readonly text: string;
}

/** Each word of `text` must begin a word of the name or the group; accents and case do not count. */
export function evacuees(school: School, ledger: Ledger, { group, where, text }: EvacueesAsked): EvacueesAnswer {
  const words = plain(text)
    .split(/[\s,]+/)
    .filter(Boolean);
  const found = evacueesOf(school, ledger, rollOf(school, ledger)).filter((row) => {
    if (group !== null && row.registrationGroup !== group) return false;
    if (where !== null && row.where !== where) return false;
    const own = plain(`${row.pupil} ${row.registrationGroup ?? ''}`).split(/[\s'’-]+/);
    return words.every((word) => own.some((part) => part.startsWith(word)));
  });
  return { rows: found.slice(0, askedMax), more: Math.max(0, found.length - askedMax) };
}

/** Everybody, in register order; then who came back by another box's badge, without a name until it is settled whose it was. */
export function evacueesOf(school: School, ledger: Ledger, roll: Roll): readonly EvacueeRow[] {
  const rows = roll.placed.map(({ pupil, where, words }): EvacueeRow => {
    const name = `${pupil.forename} ${pupil.surname}`.trim();
    return { key: pupil.key, pupil: name, registrationGroup: groupOf(pupil), where, words };
  });
  const now = school.clock.reading();
  const nameless = unnamed(ledger).flatMap((back): readonly EvacueeRow[] => {
    const at = timeOf(school, back);
    if (onSameDay(school, at, now) === false) return [];
    const time = sureFace(at, school.settings.school.timeZone);
    const words = time === null ? 'Back' : `Back ${time}`;
    return [{ key: back.record.ref, ...whoMoved(school, ledger, back), where: 'back', words }];
  });
  return [...rows, ...nameless];
}

const registers = { AM: 'morning', PM: 'afternoon' } as const;

/** In large type: nobody should take an old list for a new one. */
export function ageOf(school: School, roll: Roll): EvacuationView['age'] {
  const { settings, clock } = school;
  const { session, readAt, unread } = roll;
  const now =
    school.isOutOfService === true
      ? 'Movements at this box are of before it went out of service: whoever came or left since is not in it.'
      : 'Movements at this box are of this moment.';
  if (session === null) {
    return { words: 'No register today', detail: `Nobody is marked on a day without school. ${now}`, old: true };
  }
  if (readAt === null) {
    const why =
      settings.mis.connector === 'none'
        ? 'This box reads no marks from an MIS.'
        : `The ${registers[session]} register has not been read from the MIS since this box was started.`;
    return { words: 'Marks not read', detail: `${why} Only who signed in or out here is known. ${now}`, old: true };
  }
  const age = Math.max(0, clock.now() - readAt);
  const local = localTime(clock.now(), settings.school.timeZone);
  const ended = session === 'PM' && sessionAt(local, null, settings).session === null;
  const detail = [
    `The ${registers[session]} register, read at ${readFace(school, readAt)}.`,
    ...(unread > 0 ? [`${String(unread)} ${unread === 1 ? 'pupil was' : 'pupils were'} not in it.`] : []),
    now,
    ...(ended ? ['School has ended: marks do not say who has gone home.'] : []),
  ].join(' ');
  return { words: `Marks are ${shortAge(age)} old`, detail, old: age > oldMs };
}

const noCounts = (): Record<Where, number> => ({ 'in-school': 0, late: 0, back: 0, out: 0, 'not-known': 0 });
