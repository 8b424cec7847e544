/** The day sheet: marks to copy into an MIS that takes none, in the order of its registers, ticked off one by one. */
import type { DaySheet, SheetRow } from '../../../contract/staff-views.ts';
import type { Ledger } from '../../../domain/ledger.ts';
import { stateOf } from '../../../domain/mark.ts';
import type { Mark } from '../../../domain/mark.ts';
import type { IsoDate, SessionName } from '../../../domain/settings.ts';
import type { School } from '../../../desk/school.ts';
import { markRow } from './mark-words.ts';
import { entered } from './marks.ts';

const sheetMax = 2_000;
const daysMax = 30;

/** `session`: null for both. */
export function daySheet(
  school: School,
  ledger: Ledger,
  date: IsoDate,
  session: SessionName | null,
): Omit<DaySheet, 'chain'> {
  const openDays = new Set<IsoDate>();
  const found: Mark[] = [];
  for (const mark of ledger.marks.values()) {
    if (tickOf(mark) !== null) openDays.add(mark.date);
    const isOnIt = mark.date === date && (session === null || mark.session === session);
    if (isOnIt && stateOf(mark) !== 'withdrawn') found.push(mark);
  }
  const rows = inRegisterOrder(school, found);
  return {
    date,
    session,
    rows: rows.slice(0, sheetMax).map((mark) => sheetRow(school, mark)),
    more: Math.max(0, rows.length - sheetMax),
    openDays: [...openDays].sort().reverse().slice(0, daysMax),
  };
}

/** By registration group, surname, forename: a register is read from top to bottom. */
function inRegisterOrder({ roster }: School, marks: readonly Mark[]): readonly Mark[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  const named = marks.map((mark) => ({ mark, pupil: roster.byKey(mark.pupil) }));
  return named
    .sort(
      ({ mark, pupil: one }, { mark: otherMark, pupil: other }) =>
        mark.session.localeCompare(otherMark.session) ||
        compare(one?.registrationGroup ?? one?.yearGroup ?? '~', other?.registrationGroup ?? other?.yearGroup ?? '~') ||
        compare(one?.surname ?? '', other?.surname ?? '') ||
        compare(one?.forename ?? '', other?.forename ?? ''),
    )
    .map(({ mark }) => mark);
}

function sheetRow(school: School, mark: Mark): SheetRow {
  const pupil = school.roster.byKey(mark.pupil);
  // Surname first, as registers have it.
  const name =
    pupil === undefined ? {} : { pupil: [pupil.surname, pupil.forename].filter((part) => part !== '').join(', ') };
  return { ...markRow(school, mark), ...name, yearGroup: pupil?.yearGroup ?? null, tick: tickOf(mark) };
}

function tickOf(mark: Mark): SheetRow['tick'] {
  const state = stateOf(mark);
  if (state === 'clear-by-hand') return { kind: 'cleared' };
  if (state !== 'waiting' && state !== 'rejected' && state !== 'expired') return null;
  return entered(mark)[0]?.verdict ?? null;
}
