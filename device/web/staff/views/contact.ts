/** "Before you contact home": in school by this box, and not so in the MIS, with why and how long (product.md 6). */
import type { ContactRow } from '../../../contract/staff-views.ts';
import { codesOf, lateCodes } from '../../../domain/codes.ts';
import { pupilOf } from '../../../domain/elsewhere.ts';
import type { Ledger, Movement } from '../../../domain/ledger.ts';
import { markKey, stateOf } from '../../../domain/mark.ts';
import type { Mark } from '../../../domain/mark.ts';
import type { DecidedBody } from '../../../domain/record.ts';
import { whereabouts } from '../../../desk/presence.ts';
import type { School } from '../../../desk/school.ts';
import { shownTime, sureFace, timeOf } from '../../../desk/when.ts';
import { briefOf, frozenWords, standingCode, writesBack } from './mark-words.ts';
import { shortAge, whoMoved } from './rows.ts';
import type { StaffSituation } from './situation.ts';

/** Somebody who is here while the MIS does not know it, and why. */
export interface Contact {
  readonly movement: Movement;
  readonly why: string;
  readonly mark: Mark | null;
}

/** Those who are here, each once, longest first. `todays`: the movements of today that stand, oldest first. */
export function toContact(
  school: School,
  ledger: Ledger,
  situation: StaffSituation,
  todays: readonly Movement[],
): readonly Contact[] {
  const found = new Map<string, Contact>();
  const now = school.clock.reading();
  for (const movement of todays) {
    const pupil = pupilOf(ledger, movement);
    if (pupil === null || movement.record.kind === 'early-departure' || found.has(pupil)) continue;
    if (whereabouts(school, ledger, pupil, now)?.record.kind === 'early-departure') continue;
    const why = missing(school, ledger, situation, movement, pupil);
    if (why !== null) found.set(pupil, { movement, ...why });
  }
  return [...found.values()];
}

export function contactRow(school: School, ledger: Ledger, { movement, why, mark }: Contact): ContactRow {
  const at = timeOf(school, movement);
  const since = sureFace(at, school.settings.school.timeZone);
  return {
    movement: movement.record.ref,
    pupilKey: pupilOf(ledger, movement) ?? '',
    ...whoMoved(school, ledger, movement),
    since,
    waits: since === null ? null : shortAge(school.clock.now() - shownTime(at)),
    why,
    mark: mark === null ? null : briefOf(mark),
  };
}

type Missing = Pick<Contact, 'why' | 'mark'>;

/** Null: the MIS has them in school, or nothing says that it has not. */
function missing(
  school: School,
  ledger: Ledger,
  situation: StaffSituation,
  { decided }: Movement,
  pupil: string,
): Missing | null {
  if (decided.length === 0) return { why: 'The time is not sure yet: confirm it below.', mark: null };
  const here = decided.find(({ session, outcome }) => session !== null && outcome !== 'still-out');
  if (here === undefined || here.session === null) return null;
  const mark = ledger.mark(markKey(pupil, here.date, here.session)) ?? null;
  if (mark === null) return withoutMark(school, here, pupil);
  const standing = standingCode(school, mark);
  const state = stateOf(mark);
  const isSettled = state === 'confirmed' || state === 'withdrawn';
  if (
    isSettled ? mark.ours !== null || !isAbsence(school, here.date, standing) : isPresence(school, here.date, standing)
  )
    return null;
  return { why: isSettled ? keptWords(standing) : waitingWords(school, ledger, situation, mark), mark };
}

function withoutMark(school: School, { date, session }: DecidedBody, pupil: string): Missing | null {
  const standing = session === null ? null : school.observed(pupil, date, session);
  if (!isAbsence(school, date, standing)) return null;
  return {
    why: `The MIS shows ${String(standing)}, and this box writes no mark for it: correct it there.`,
    mark: null,
  };
}

const keptWords = (standing: string | null): string => `${String(standing)} stands in the MIS and was kept.`;

function waitingWords(school: School, ledger: Ledger, { mis }: StaffSituation, mark: Mark): string {
  const standing = standingCode(school, mark) ?? 'another mark';
  switch (stateOf(mark)) {
    case 'proposed':
      return 'Came after the register closed: the mark is decided under Marks.';
    case 'conflict':
      return `The MIS shows ${standing}: what is right is decided under Marks.`;
    case 'rejected':
      return 'The MIS refused the mark: look under Marks.';
    case 'expired':
      return 'The mark was given up: enter it by hand, see Marks.';
    case 'sending':
    case 'unknown':
    case 'accepted':
      return 'Sent. The MIS does not show it yet.';
    case 'waiting':
      return notSentWords(school, ledger, mis);
    case 'undecided':
    case 'confirmed':
    case 'clear-by-hand':
    case 'withdrawn':
      return 'The MIS does not show it.';
  }
}

function notSentWords({ settings }: School, { frozen }: Ledger, mis: StaffSituation['mis']): string {
  if (frozen !== null) return frozenWords[frozen.why];
  if (!writesBack(settings)) return 'To be copied from the day sheet.';
  return mis.state === 'online' ? 'On its way to the MIS.' : `Waiting. ${mis.words}`;
}

/** Does this code say that the pupil is in school, or has come? */
function isPresence(school: School, date: string, code: string | null): boolean {
  const { nation } = school.settings.school;
  return (
    code !== null &&
    (codesOf(nation, date).get(code)?.category === 'present' || code === lateCodes(nation, date)?.afterClose)
  );
}

/** Does it say that the pupil is away? Not where nothing is known to stand there. */
function isAbsence(school: School, date: string, code: string | null): boolean {
  return code !== null && code !== '-' && !isPresence(school, date, code);
}
