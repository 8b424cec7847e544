/** A mark in words: its row and its history. */
import type { MarkRow, MisHealth } from '../../../contract/staff-rows.ts';
import type { MarkBrief } from '../../../contract/staff-views.ts';
import type { Ledger } from '../../../domain/ledger.ts';
import { stateOf, wishOf } from '../../../domain/mark.ts';
import type { HistoryRow, Mark } from '../../../domain/mark.ts';
import type { FreezeBody } from '../../../domain/record.ts';
import { explain, rules } from '../../../domain/rules.ts';
import type { Settings } from '../../../domain/settings.ts';
import type { School } from '../../../desk/school.ts';
import { datedFace, faceAt, nameOf } from './rows.ts';
import type { StaffSituation } from './situation.ts';

export function markRow(school: School, mark: Mark): MarkRow {
  const wish = wishOf(mark);
  return {
    key: mark.key,
    ...nameOf(school, mark.pupil),
    date: mark.date,
    session: mark.session,
    state: stateOf(mark),
    code: wish.kind === 'none' ? null : wish.code,
    minutes: wish.kind === 'none' ? null : wish.minutes,
    why: mark.settled?.why ?? null,
    inMis: mark.settled?.seen ?? mark.ours?.code ?? null,
    history: mark.history.map((row) => ({ at: datedFace(school, row.at), words: historyWords(row) })),
  };
}

export function historyWords({ what, code, by }: HistoryRow): string {
  const shown = code ?? 'no mark';
  const who = by ?? 'a person';
  switch (what) {
    case 'read':
      return `read ${shown}`;
    case 'wrote':
      return `wrote ${shown}`;
    case 'queued':
      return 'MIS accepted';
    case 'seen':
      return `read back ${shown}`;
    case 'lost':
      return 'no clear answer from the MIS';
    case 'held-back':
      return 'not sent';
    case 'put-off':
      return 'the MIS does not take it now';
    case 'not-there':
      return `not in the MIS, ${shown} stands`;
    case 'theirs':
      return `already ${shown} in the MIS`;
    case 'kept':
      return `${shown} stands and is kept`;
    case 'foreign':
      return `${shown} stands: a person decides`;
    case 'changed':
      return `changed by school to ${shown}`;
    case 'refused':
      return 'the MIS refused it';
    case 'expired':
      return 'given up after five school days';
    case 'undone':
      return undoneWords(by);
    case 'person: write':
      return `${who} chose ${shown}`;
    case 'person: keep-theirs':
      return `${who} kept what stands`;
    case 'person: retry':
      return `${who} had it tried again`;
    case 'adopted':
      return 'a person said that the pupil is enrolled under another key';
    case 'person: withdraw':
      return `${who} withdrew it`;
    case 'person: entered':
      return `${who} entered ${shown} in the MIS by hand`;
    case 'person: cleared':
      return `${who} cleared it in the MIS`;
    default: {
      // One of several, side by side: no sentence of its own.
      const words = rules.includes(what) ? explain(what).replace(/\.$/, '') : what;
      return code === null ? words : `${code}: ${words}`;
    }
  }
}

function undoneWords(by: string | undefined): string {
  if (by === undefined) return 'the movement was undone';
  return by === 'pupil' ? 'the pupil undid it' : `${by} put the movement right`;
}

/** `L, 22 minutes`; null: there is no code. */
export function markFace({ code, minutes }: Pick<MarkRow, 'code' | 'minutes'>): string | null {
  if (code === null || minutes === null) return code;
  return `${code}, ${String(minutes)} ${minutes === 1 ? 'minute' : 'minutes'}`;
}

export function briefOf(mark: Mark): MarkBrief {
  const wish = wishOf(mark);
  return { key: mark.key, state: stateOf(mark), mark: wish.kind === 'none' ? null : markFace(wish) };
}

/** The code that stands in the MIS, as far as anybody knows; null: none, or nobody has looked. */
export function standingCode(school: School, mark: Mark): string | null {
  return mark.settled?.seen ?? mark.ours?.code ?? school.observed(mark.pupil, mark.date, mark.session);
}

/** One sentence each: why nothing is sent, and what to do. */
export const frozenWords: Readonly<Record<FreezeBody['why'], string>> = {
  'other-school':
    'The settings name another school or MIS: marks wait until somebody has checked the pupils and thaws it.',
  'mis-changed':
    'The MIS or its pupil numbers have changed: marks wait until somebody has checked the pupils and thaws it.',
  staff: 'A person has stopped the sending of marks: they wait until somebody thaws it.',
};

/** False: marks are copied from the day sheet. */
export const writesBack = ({ mis }: Settings): boolean => mis.connector !== 'none' && mis.writeBack;

/** How the line to the MIS is, in a sentence a person can act on, with the hour since when. */
export const lineWords = (school: School, { words, since }: StaffSituation['mis']): string =>
  since === null ? words : `${words} Since ${faceAt(school, since)}.`;

/** The same, or why nothing is sent. */
export function misShown(school: School, ledger: Ledger, mis: StaffSituation['mis']): MisHealth {
  const { frozen } = ledger;
  const { state, lastContact } = mis;
  return {
    state: frozen === null ? state : 'paused',
    words: frozen === null ? lineWords(school, mis) : frozenWords[frozen.why],
    lastContact: lastContact === null ? null : faceAt(school, lastContact),
  };
}
