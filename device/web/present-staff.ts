/** Inner state to what the staff page sees. What needs a person comes first. */
import type {
  ApprovalRow,
  InRow,
  MarkRow,
  MisHealth,
  NoteRow,
  OutRow,
  StaffSnapshot,
  UndecidedRow,
} from '../contract/staff.ts';
import type { LightState } from '../domain/lights.ts';
import { spacedId } from '../domain/badge.ts';
import { bucketOf, stateOf, wishOf } from '../domain/mark.ts';
import type { HistoryRow, Mark } from '../domain/mark.ts';
import { out, pupilOf } from '../domain/elsewhere.ts';
import type { Badge, Ledger, Movement } from '../domain/ledger.ts';
import type { FreezeBody, Instant, NoteBody, Recorded } from '../domain/record.ts';
import { explain, rules } from '../domain/rules.ts';
import { localTime } from '../domain/school-day.ts';
import { photoUrl } from '../desk/photos.ts';
import { dueBack } from '../desk/presence.ts';
import { reasonLabel } from '../desk/school.ts';
import type { School } from '../desk/school.ts';
import { clockFace, faceOf, longestDayMs, shownTime, sureFace, timeOf, timeOfTouch, today } from '../desk/when.ts';

/** Rows in one snapshot; the sum counts all. */
const marksMax = 500;
const notesMax = 200;
const outMax = 200;

export interface StaffSituation {
  readonly runId: string;
  readonly revision: number;
  readonly demo: boolean;
  readonly lights: LightState;
  readonly mis: { readonly state: MisHealth['state']; readonly words: string; readonly lastContact: number | null };
  readonly roster: { readonly takenAt: number | null; readonly held: string | null };
  readonly faults: readonly string[];
  readonly storage: StaffSnapshot['storage'];
}

export function staffSnapshot(school: School, ledger: Ledger, situation: StaffSituation): StaffSnapshot {
  const { settings, clock } = school;
  const zone = settings.school.timeZone;
  const now = clock.now();
  const date = today(school);
  const rows = marksShown(ledger, date).map((mark) => markRow(school, mark));
  const todays = movementsOn(school, ledger, date, now);
  const notes = notesShown(ledger);
  return {
    runId: situation.runId,
    revision: situation.revision,
    school: settings.school.name,
    box: settings.box.name,
    demo: situation.demo,
    now: `${date} ${clockFace(now, zone)}`,
    clockTrusted: clock.trusted(),
    sum: ledger.sum(),
    movementsWithoutMark: todays.filter(makesNoMark).length,
    lights: situation.lights,
    mis: {
      state: ledger.frozen === null ? situation.mis.state : 'paused',
      words: ledger.frozen === null ? situation.mis.words : frozenWords[ledger.frozen.why],
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
    notes: notes.map((note) => noteRow(school, note)),
    moreNotes: ledger.notes.size - notes.length,
    out: out(ledger)
      .slice(-outMax)
      .flatMap((departure) => outRow(school, ledger, departure)),
    undecided: undecidedRows(school, ledger),
    late: todays.filter(({ record }) => record.kind === 'late-arrival').map((one) => inRow(school, ledger, one)),
    back: todays.filter(({ record }) => record.kind === 'return').map((one) => inRow(school, ledger, one)),
    marks: rows,
    faults: situation.faults,
    storage: situation.storage,
  };
}

/** What needs a person, oldest first; then what is on its way or of today, as much as there is room for, newest last. */
function marksShown(ledger: Ledger, date: string): readonly Mark[] {
  const needPerson: Mark[] = [];
  const others: Mark[] = [];
  for (const mark of ledger.marks.values()) {
    if (bucketOf[stateOf(mark)] === 'needsPerson') needPerson.push(mark);
    else if (mark.date === date || ledger.unsettled.has(mark.key)) others.push(mark);
  }
  const first = needPerson.slice(0, marksMax);
  return [...first, ...others.slice(Math.max(0, others.length + first.length - marksMax))];
}

/** Urgent ones first; of each kind the newest, as much as there is room for, oldest first. */
function notesShown(ledger: Ledger): readonly Recorded<NoteBody>[] {
  const all = [...ledger.notes.values()];
  const urgent = all.filter((note) => note.urgent).slice(-notesMax);
  const others = all.filter((note) => !note.urgent);
  return [...urgent, ...others.slice(Math.max(0, others.length + urgent.length - notesMax))];
}

/** Those that stand, oldest first; and whatever still waits for a sure time, of whichever day that was. */
function movementsOn(school: School, ledger: Ledger, date: string, now: number): readonly Movement[] {
  return [...ledger.movements.values()].filter((movement) => {
    const { cancelled, record } = movement;
    if (cancelled) return false;
    if (ledger.undecided.has(record.ref) && record.kind !== 'early-departure') return true;
    const at = shownTime(timeOf(school, movement));
    if (Math.abs(now - at) > longestDayMs) return false;
    return localTime(at, school.settings.school.timeZone).date === date;
  });
}

/** An arrival or a return whose time is not sure waits, and is in the sum. */
function makesNoMark({ record, decided }: Movement): boolean {
  const waits = decided.length === 0 && record.kind !== 'early-departure' && record.pupil !== null;
  return !waits && decided.every(({ want }) => want.kind === 'none');
}

/** `09:02`; with its date where that is not today's. */
function datedFace(school: School, at: Instant): string {
  const shown = shownTime(at);
  const local = localTime(shown, school.settings.school.timeZone);
  const isToday = Math.abs(school.clock.now() - shown) < longestDayMs && local.date === today(school);
  return isToday ? faceOf(local) : `${local.date} ${faceOf(local)}`;
}

function undecidedRows(school: School, ledger: Ledger): readonly UndecidedRow[] {
  const zone = school.settings.school.timeZone;
  const starts = new Map<string, { readonly start: number; readonly mono: number }>();
  return [...ledger.undecided].slice(0, outMax).flatMap((ref) => {
    const movement = ledger.movements.get(ref);
    if (movement === undefined) return [];
    const { kind, touch } = movement.record;
    const first = starts.get(touch.boot) ?? { start: starts.size + 1, mono: touch.mono };
    starts.set(touch.boot, first);
    const { earliest, latest } = timeOf(school, movement);
    const minutesLater = Math.round((touch.mono - first.mono) / 60_000);
    const [after, before] = [earliest, latest].map((end) => (end === null || end <= 0 ? null : dated(end, zone)));
    const known = { after: after ?? null, before: before ?? null };
    return [{ movement: ref, ...whoMoved(school, ledger, movement), kind, start: first.start, minutesLater, ...known }];
  });
}

const dated = (epochMs: number, zone: string): string => `${localTime(epochMs, zone).date} ${clockFace(epochMs, zone)}`;

interface Named {
  readonly pupil: string;
  readonly registrationGroup: string | null;
}
/** Staff see full names; a pupil who has left the roster is named by what is left. */
function nameOf(school: School, key: string): Named {
  const pupil = school.roster.byKey(key);
  if (pupil === undefined) return { pupil: 'No longer on the roster', registrationGroup: null };
  return { pupil: `${pupil.forename} ${pupil.surname}`.trim(), registrationGroup: pupil.registrationGroup };
}

/** Until it is settled whose it was, a return with another box's badge is known by the number. */
function whoMoved(school: School, ledger: Ledger, movement: Movement): Named {
  const pupil = pupilOf(ledger, movement);
  if (pupil !== null) return nameOf(school, pupil);
  return { pupil: `Badge ${spacedId(movement.record.badge?.id ?? '')} of another box`, registrationGroup: null };
}

function markRow(school: School, mark: Mark): MarkRow {
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
      return 'the movement was undone';
    case 'person: write':
      return `a person chose ${shown}`;
    case 'person: keep-theirs':
      return 'a person kept what stands';
    case 'person: retry':
      return 'a person had it tried again';
    case 'adopted':
      return 'a person said that the pupil is enrolled under another key';
    case 'person: withdraw':
      return 'a person withdrew it';
    case 'person: cleared':
      return 'a person cleared it in the MIS';
    default: {
      const words = rules.includes(what) ? explain(what) : what;
      return code === null ? words : `${code}: ${words}`;
    }
  }
}

function approvals(school: School, ledger: Ledger): readonly ApprovalRow[] {
  return ledger.waitingRequests().map(({ record: { visit, pupil, reason, leave, touch } }) => ({
    visit,
    ...nameOf(school, pupil),
    reason: reasonLabel(school.settings, 'leave', reason) ?? '',
    back: leave.back,
    withWhom: leave.withWhom,
    since: datedFace(school, timeOfTouch(school, touch)),
    photoUrl: leave.photo === 'taken' ? photoUrl(visit) : null,
  }));
}

function outRow(school: School, ledger: Ledger, departure: Movement): readonly OutRow[] {
  if (departure.record.leave === undefined) return [];
  const { ref, pupil, reason, leave, visit } = departure.record;
  const due = dueBack(school, departure);
  const badge = ledger.badges.get(departure.badge ?? '');
  return [
    {
      movement: ref,
      ...nameOf(school, pupil ?? ''),
      since: datedFace(school, timeOf(school, departure)),
      reason: reasonLabel(school.settings, 'leave', reason) ?? '',
      back: leave.back,
      due: due === null ? null : clockFace(due, school.settings.school.timeZone),
      overdue: due !== null && school.clock.now() > due,
      withWhom: leave.withWhom,
      adult: leave.adult,
      badge: badge?.record.id ?? null,
      badgeState: badgeState(badge),
      photoUrl: leave.photo === 'taken' ? photoUrl(visit) : null,
    },
  ];
}

function badgeState(badge: Badge | undefined): OutRow['badgeState'] {
  if (badge === undefined || badge.void) return 'void';
  if (badge.print === null || badge.print.state === 'failed') return 'not-printed';
  return badge.print.state === 'printed' ? 'printed' : 'printing';
}

function inRow(school: School, ledger: Ledger, movement: Movement): InRow {
  const { record, decided } = movement;
  const withoutBadge = record.kind === 'return' && record.reason !== null;
  return {
    movement: record.ref,
    ...whoMoved(school, ledger, movement),
    time: sureFace(timeOf(school, movement), school.settings.school.timeZone),
    reason: withoutBadge ? 'without a badge' : reasonLabel(school.settings, 'late', record.reason),
    outcome: decided[0]?.outcome ?? 'to-be-confirmed',
  };
}

function noteRow(school: School, note: Recorded<NoteBody>): NoteRow {
  const who = note.pupil === null ? '' : `${nameOf(school, note.pupil).pupil}: `;
  const detail = note.detail === null ? '' : ` (${note.detail})`;
  return {
    note: note.ref,
    at: datedFace(school, timeOfTouch(school, note.at)),
    urgent: note.urgent,
    words: `${who}${noteWords[note.kind]}${detail}`,
  };
}

/** One sentence each: why nothing is sent, and what to do. */
const frozenWords: Readonly<Record<FreezeBody['why'], string>> = {
  'other-school':
    'The settings name another school or MIS: marks wait until somebody has checked the pupils and thaws it.',
  'mis-changed':
    'The MIS or its pupil numbers have changed: marks wait until somebody has checked the pupils and thaws it.',
  staff: 'A person has stopped the sending of marks: they wait until somebody thaws it.',
};

const noteWords: Readonly<Record<NoteBody['kind'], string>> = {
  'not-sure-year': 'A pupil is not sure of the year group and was sent to reception',
  'not-sure-month': 'A pupil is not sure of the birth month and was sent to reception',
  'not-on-list': 'A pupil is not on the list and was sent to reception',
  'no-badge': 'A pupil is back without a badge that works and was sent to reception',
  'badge-used-twice': 'A badge was shown that had been used before, here or at another box',
  'not-answered': 'asked to leave and nobody answered that day; the pupil counts as in school',
  'see-reception': 'wanted to sign out and was sent to reception',
  conflict: 'the MIS says suspended, but the pupil signed in',
  'lists-opened': 'Name lists were opened and nobody chosen; they paused for a minute',
  'badge-guesses': 'Many wrong badge numbers were typed today',
  'return-without-badge': 'came back without a badge',
  'roster-held': 'The new roster is much smaller and waits for you',
  'roster-problems': 'Some rows of the roster could not be read',
  'outbox-frozen': 'Marks are not sent until somebody has checked the pupils in the MIS',
  'kept-theirs': 'arrived after close; the absence code in the MIS was kept',
};

function ageWords(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 60) return `${String(minutes)} minutes`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${String(hours)} hours` : `${String(Math.floor(hours / 24))} days`;
}
