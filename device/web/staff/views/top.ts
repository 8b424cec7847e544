/** Above every view: the sum, lights, MIS, roster, what needs a person. */
import type { LightState } from '../../../domain/lights.ts';
import type { MisHealth, NoteRow, PersonRow, Role, StaffTop, StorageView, ViewName } from '../../../contract/staff.ts';
import type { Ledger, Movement } from '../../../domain/ledger.ts';
import { bucketOf, stateOf } from '../../../domain/mark.ts';
import type { FreezeBody, NoteBody, Recorded } from '../../../domain/record.ts';
import type { School } from '../../../desk/school.ts';
import { clockFace, timeOfTouch, today } from '../../../desk/when.ts';
import { mayWatch, seesPupils } from '../roles.ts';
import { datedFace, movementsOn, nameOf } from './common.ts';

/** Notes shown at once. */
const notesMax = 200;

/** What the ledger does not tell. */
export interface StaffSituation {
  readonly runId: string;
  readonly revision: number;
  readonly demo: boolean;
  readonly lights: LightState;
  readonly mis: { readonly state: MisHealth['state']; readonly words: string; readonly lastContact: number | null };
  readonly roster: { readonly takenAt: number | null; readonly held: string | null };
  readonly faults: readonly string[];
  readonly storage: StorageView | null;
  readonly people: readonly PersonRow[];
}

export function topOf(school: School, ledger: Ledger, situation: StaffSituation, role: Role): StaffTop {
  const { settings, clock } = school;
  const zone = settings.school.timeZone;
  const now = clock.now();
  const date = today(school);
  const notes = seesPupils(role) ? notesShown(ledger) : [];
  return {
    runId: situation.runId,
    revision: situation.revision,
    school: settings.school.name,
    box: settings.box.name,
    demo: situation.demo,
    now: `${date} ${clockFace(now, zone)}`,
    clockTrusted: clock.trusted(),
    sum: ledger.sum(),
    movementsWithoutMark: movementsOn(school, ledger, date, now).filter(makesNoMark).length,
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
    counts: countsFor(ledger, situation, role),
    faults: situation.faults,
    notes: notes.map((note) => noteRow(school, note)),
    moreNotes: seesPupils(role) ? ledger.notes.size - notes.length : 0,
  };
}

function countsFor(ledger: Ledger, { faults }: StaffSituation, role: Role): StaffTop['counts'] {
  const needPerson = [...ledger.marks.values()].filter((mark) => bucketOf[stateOf(mark)] === 'needsPerson').length;
  const counts: Readonly<Record<ViewName, number>> = {
    now: 0,
    marks: needPerson,
    approvals: ledger.waiting.size,
    box: faults.length,
    people: 0,
  };
  const shown = (view: ViewName): number => (mayWatch[view].includes(role) ? counts[view] : 0);
  return {
    now: shown('now'),
    marks: shown('marks'),
    approvals: shown('approvals'),
    box: shown('box'),
    people: shown('people'),
  };
}

/** Urgent ones first; of each kind the newest, as much as there is room for, oldest first. */
function notesShown(ledger: Ledger): readonly Recorded<NoteBody>[] {
  const all = [...ledger.notes.values()];
  const urgent = all.filter((note) => note.urgent).slice(-notesMax);
  const others = all.filter((note) => !note.urgent);
  return [...urgent, ...others.slice(Math.max(0, others.length + urgent.length - notesMax))];
}

/** An arrival or a return whose time is not sure waits, and is in the sum. */
function makesNoMark({ record, decided }: Movement): boolean {
  const waits = decided.length === 0 && record.kind !== 'early-departure' && record.pupil !== null;
  return !waits && decided.every(({ want }) => want.kind === 'none');
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
