/** Inner state to what the staff page sees. What needs a person comes first. */
import type { ApprovalRow, InRow, MarkRow, MisHealth, NoteRow, OutRow, StaffSnapshot } from '../contract/staff.ts';
import type { LightState } from '../domain/lights.ts';
import { stateOf, wishOf } from '../domain/mark.ts';
import type { HistoryRow, Mark } from '../domain/mark.ts';
import type { Badge, Ledger, Movement } from '../domain/ledger.ts';
import type { NoteBody, Recorded } from '../domain/record.ts';
import { localTime } from '../domain/school-day.ts';
import { clockFace } from '../desk/arrivals.ts';
import { dueBack } from '../desk/presence.ts';
import { lateReason, leaveReason } from '../desk/school.ts';
import type { School } from '../desk/school.ts';

/** Rows in one snapshot; the sum counts all. */
const marksMax = 500;

export interface StaffSituation {
  readonly runId: string;
  readonly revision: number;
  readonly demo: boolean;
  readonly lights: LightState;
  readonly mis: { readonly state: MisHealth['state']; readonly words: string; readonly lastContact: number | null };
  readonly roster: { readonly takenAt: number | null; readonly held: string | null };
  readonly faults: readonly string[];
}

export function staffSnapshot(school: School, ledger: Ledger, situation: StaffSituation): StaffSnapshot {
  const { settings, clock } = school;
  const zone = settings.school.timeZone;
  const now = clock.now();
  const today = localTime(now, zone).date;
  const marks = [...ledger.marks.values()];
  const shown = marks.filter((mark) => mark.date === today || needsPerson(mark) || ledger.unsettled.has(mark.key));
  const rows = shown.slice(-marksMax).map((mark) => markRow(school, mark));
  const movements = [...ledger.movements.values()].filter((movement) => !movement.cancelled);
  const todays = movements.filter((movement) => localTime(movement.record.touch.earliest, zone).date === today);
  return {
    runId: situation.runId,
    revision: situation.revision,
    school: settings.school.name,
    box: settings.box.name,
    demo: situation.demo,
    now: `${today} ${clockFace(now, zone)}`,
    clockTrusted: clock.trusted(),
    sum: ledger.sum(),
    movementsWithoutMark: todays.filter(({ decided }) => decided.every(({ want }) => want.kind === 'none')).length,
    lights: situation.lights,
    mis: {
      state: situation.mis.state,
      words: situation.mis.words,
      lastContact: situation.mis.lastContact === null ? null : clockFace(situation.mis.lastContact, zone),
    },
    roster: {
      pupils: school.roster.pupils.length,
      age: situation.roster.takenAt === null ? null : ageWords(now - situation.roster.takenAt),
      held: situation.roster.held,
    },
    approvals: approvals(school, ledger),
    proposals: rows.filter((row) => row.state === 'proposed'),
    conflicts: rows.filter((row) => row.state === 'conflict'),
    notes: [...ledger.notes.values()].map((note) => noteRow(school, note)),
    out: [...ledger.out].flatMap((ref) => outRow(school, ledger, ref)),
    late: todays.filter(({ record }) => record.kind === 'late-arrival').map((one) => inRow(school, one)),
    back: todays.filter(({ record }) => record.kind === 'return').map((one) => inRow(school, one)),
    marks: rows,
    faults: situation.faults,
  };
}

const needsPerson = (mark: Mark): boolean =>
  ['proposed', 'conflict', 'rejected', 'expired', 'clear-by-hand'].includes(stateOf(mark));

/** Staff see full names; a pupil who has left the roster is named by what is left. */
function nameOf(
  school: School,
  key: string | null,
): { readonly pupil: string; readonly registrationGroup: string | null } {
  const pupil = key === null ? undefined : school.roster.byKey(key);
  if (pupil === undefined)
    return { pupil: key === null ? 'Badge of another box' : 'No longer on the roster', registrationGroup: null };
  return { pupil: `${pupil.forename} ${pupil.surname}`.trim(), registrationGroup: pupil.registrationGroup };
}

function reasonLabel(school: School, id: string | null): string {
  const { settings } = school;
  const reason = lateReason(settings, id ?? '') ?? leaveReason(settings, id ?? '');
  return reason?.label[settings.school.languages[0] ?? 'en'] ?? reason?.label.en ?? id ?? '';
}

function markRow(school: School, mark: Mark): MarkRow {
  const zone = school.settings.school.timeZone;
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
    history: mark.history.map((row) => ({ at: clockFace(row.at.earliest, zone), words: historyWords(row) })),
  };
}

function historyWords({ what, code }: HistoryRow): string {
  const shown = code ?? 'no mark';
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
      return 'no answer from the MIS';
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
    default:
      return code === null ? what : `${what}: ${code}`;
  }
}

function approvals(school: School, ledger: Ledger): ApprovalRow[] {
  return [...ledger.requests.values()].flatMap(({ record, answer }) => {
    if (answer !== null) return [];
    const { leave } = record;
    return [
      {
        visit: record.visit,
        ...nameOf(school, record.pupil),
        reason: reasonLabel(school, record.reason),
        back: leave.back,
        withWhom: leave.withWhom,
        since: clockFace(record.touch.earliest, school.settings.school.timeZone),
        photoUrl: leave.photo === 'taken' ? photoUrl(record.visit) : null,
      },
    ];
  });
}

export const photoUrl = (visit: string): string => `/photo/${encodeURIComponent(visit)}`;

function outRow(school: School, ledger: Ledger, ref: string): OutRow[] {
  const departure = ledger.movements.get(ref);
  const leave = departure?.record.leave;
  if (departure === undefined || leave === undefined) return [];
  const zone = school.settings.school.timeZone;
  const due = dueBack(school, departure);
  const badge = ledger.badges.get(departure.badge ?? '');
  return [
    {
      movement: ref,
      ...nameOf(school, departure.record.pupil),
      since: clockFace(departure.record.touch.earliest, zone),
      reason: reasonLabel(school, departure.record.reason),
      back: leave.back,
      due: due === null ? null : clockFace(due, zone),
      overdue: due !== null && school.clock.now() > due,
      withWhom: leave.withWhom,
      adult: leave.adult,
      badge: badge?.record.id ?? null,
      badgeState: badgeState(badge),
      photoUrl: leave.photo === 'taken' ? photoUrl(departure.record.visit) : null,
    },
  ];
}

function badgeState(badge: Badge | undefined): OutRow['badgeState'] {
  if (badge === undefined || badge.void) return 'void';
  if (badge.print === null || badge.print.state === 'failed') return 'not-printed';
  return badge.print.state === 'printed' ? 'printed' : 'printing';
}

function inRow(school: School, { record, decided }: Movement): InRow {
  const [first] = decided;
  return {
    movement: record.ref,
    ...nameOf(school, record.pupil),
    time: first === undefined ? null : clockFace(record.touch.earliest, school.settings.school.timeZone),
    reason: record.reason === null ? null : reasonLabel(school, record.reason),
    outcome: first?.outcome ?? 'to-be-confirmed',
  };
}

function noteRow(school: School, note: Recorded<NoteBody>): NoteRow {
  const who = note.pupil === null ? '' : `${nameOf(school, note.pupil).pupil}: `;
  const detail = note.detail === null ? '' : ` (${note.detail})`;
  return {
    note: note.ref,
    at: clockFace(note.at.earliest, school.settings.school.timeZone),
    urgent: note.urgent,
    words: `${who}${noteWords[note.kind]}${detail}`,
  };
}

const noteWords: Readonly<Record<NoteBody['kind'], string>> = {
  'not-sure-year': 'A pupil is not sure of the year group and was sent to reception',
  'not-sure-month': 'A pupil is not sure of the birth month and was sent to reception',
  'not-on-list': 'A pupil is not on the list and was sent to reception',
  'no-badge': 'A pupil is back without a badge and was sent to reception',
  'see-reception': 'wanted to sign out, but the MIS says absent or away',
  conflict: 'the MIS says suspended, but the pupil signed in',
  'lists-opened': 'Name lists were opened and nobody chosen; they paused for a minute',
  'badge-guesses': 'Many wrong badge numbers were typed today',
  'return-without-badge': 'came back without a badge',
  'roster-held': 'The new roster is much smaller and waits for you',
  'roster-problems': 'Some rows of the roster could not be read',
  'kept-theirs': 'arrived after close; the absence code in the MIS was kept',
};

function ageWords(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 60) return `${String(minutes)} minutes`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${String(hours)} hours` : `${String(Math.floor(hours / 24))} days`;
}
