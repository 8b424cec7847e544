/** What pupils said and the box noticed that only a person can settle. */
import type { NoteRow } from '../../../contract/staff-rows.ts';
import type { Ledger } from '../../../domain/ledger.ts';
import type { NoteBody, Recorded } from '../../../domain/record.ts';
import type { School } from '../../../desk/school.ts';
import { timeOfTouch } from '../../../desk/when.ts';
import { datedFace, nameOf, rowsMax } from './rows.ts';

/** Urgent ones first; of each kind the newest, as much as there is room for, oldest first. */
export function notesShown(
  school: School,
  ledger: Ledger,
): { readonly notes: readonly NoteRow[]; readonly moreNotes: number } {
  const all = [...ledger.notes.values()];
  const urgent = all.filter((note) => note.urgent).slice(-rowsMax);
  const others = all.filter((note) => !note.urgent);
  const shown = [...urgent, ...others.slice(Math.max(0, others.length + urgent.length - rowsMax))];
  return { notes: shown.map((note) => noteRow(school, note)), moreNotes: all.length - shown.length };
}

function noteRow(school: School, note: Recorded<NoteBody>): NoteRow {
  const who = note.pupil === null ? '' : `${nameOf(school, note.pupil).pupil}: `;
  const detail = note.detail === null ? '' : ` (${note.detail})`;
  return {
    note: note.ref,
    pupilKey: note.pupil,
    at: datedFace(school, timeOfTouch(school, note.at)),
    urgent: note.urgent,
    words: `${who}${noteWords[note.kind]}${detail}`,
  };
}

export const noteWords: Readonly<Record<NoteBody['kind'], string>> = {
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
  'not-found': 'was out at the end of the day and was not found: tell the safeguarding lead now',
  'not-this-pupil':
    'was not the one at the box: somebody else used the name. The photo is held for the safeguarding lead',
  'kept-theirs': 'arrived after close; the absence code in the MIS was kept',
};
