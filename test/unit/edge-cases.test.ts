import { describe, expect, test } from 'vitest';
import { isThere, shownIn } from '../support/shown.ts';
import type { Shown } from '../support/shown.ts';

/**
 * The 40 edge cases of the MIS reference (mis.md 10), each with the test that shows it, or the area of work
 * that will.
 */

/** What is not shown yet, and why. */
type Area =
  | 'staff' // the page on which staff see and settle it is not built; its commands are tested
  | 'hardware' // a real printer, camera or card is needed
  | 'several boxes'; // boxes that know of each other are not built
interface EdgeCase {
  readonly row: number;
  readonly what: string;
  readonly where: readonly (Shown | Area)[];
}

const boundaries = { file: 'unit/boundaries.test.ts', name: '$instant $yearGroup: $expected ($why)' };
const overwrite = { file: 'unit/codes.test.ts', name: '%s stands: L while open %s, arrival after close %s' };
const { file: in_, outbox, desk, roster } = shownIn;
const visit = (name: string): Shown => in_('unit/visit.test.ts', name);
const attendance = (name: string): Shown => in_('unit/attendance.test.ts', name);
const schoolDay = (name: string): Shown => in_('unit/school-day.test.ts', name);
const names = (name: string): Shown => in_('unit/names.test.ts', name);

const table: readonly EdgeCase[] = [
  {
    row: 1,
    what: 'pupil has left the school: off the lists; a mark on its way is rejected, not repeated',
    where: [
      outbox('-days', 'off the roster: rejected in words, not tried; the others are written'),
      outbox('-oddities', 'a pupil who has left: rejected, once; the others are written'),
    ],
  },
  {
    row: 2,
    what: 'pupil re-enrolled: the mark goes to the new MIS id',
    where: [
      outbox('-days', 're-enrolled under a new id: written to that one, read back there (delay %i ms)'),
      outbox('-window', 'a correction is written under the new number'),
      desk('adoption', 'the open mark goes over, and nothing is left behind; both identities are remembered'),
      desk('adoption', 'refused while a mark is on its way; what may have landed is not sent again without a person'),
    ],
  },
  {
    row: 3,
    what: 'code not in this MIS: refused when set; later to a person, never another code instead',
    where: [
      outbox(
        '-oddities',
        'no U in this MIS: to a person, with the code by name, never another code; the others are written',
      ),
      outbox('-oddities', 'a code of the school’s own instead of L: to a person, never a substitute'),
    ],
  },
  {
    row: 4,
    what: 'register locked: rejected, shown, not repeated',
    where: [
      outbox('-oddities', 'the write-back fails as a whole: halves, until every mark has gone or is with a person'),
      'staff',
    ],
  },
  {
    row: 5,
    what: 'teacher has set /: replaced while the register is open, if the school says so',
    where: [overwrite, in_('unit/codes.test.ts', 'a present mark stays where the school says so')],
  },
  {
    row: 6,
    what: 'M, I, E, V, C … stand: never overwritten',
    where: [overwrite, outbox('-overwrite', 'before the box reads: the tray, and nothing is written')],
  },
  {
    row: 7,
    what: 'N stands: replaced, the old value kept in the history',
    where: [overwrite, outbox('', 'N goes back where N stood')],
  },
  {
    row: 8,
    what: 'teacher changes our L afterwards: changed by school, not fought',
    where: [
      outbox('-overwrite', 'after it was confirmed: changed by school, seen within ten minutes, not fought'),
      outbox('-sweep', 'two days later: noticed on that day; another day’s correction then goes to a person'),
    ],
  },
  {
    row: 9,
    what: 'crash after the POST: read back, confirmed once',
    where: [outbox('-doubt', 'the MIS had stored it: read back and confirmed at once')],
  },
  {
    row: 10,
    what: 'signs in twice, or at two boxes: the first stands',
    where: [
      desk('late', 'said kindly after the name, with the time, and not possible twice'),
      desk('late', 'two taps at once: one arrival, and the first stands'),
      'several boxes',
    ],
  },
  {
    row: 11,
    what: 'wrong pupil, corrected: not sent, or put back if still ours',
    where: [
      desk('late', 'in time: never sent, out of the sum, and the pupil may sign in again'),
      desk('staff', 'a late arrival: same touch and reason, both marks right, the comment with a number of its own'),
      outbox('', 'N goes back where N stood'),
      outbox('-corrections', 'but a teacher has made it %s since: a person decides, nothing is written'),
    ],
  },
  {
    row: 12,
    what: 'offline all day: sent at night with the date, session and code of the event',
    where: [outbox('-overwrite', 'the code is that of the event, however late it is sent')],
  },
  {
    row: 13,
    what: 'offline over the weekend or longer: still sent; expired after five answered school days',
    where: [outbox('-days', 'a school that is offline for ten days expires nothing')],
  },
  {
    row: 14,
    what: 'exactly on a boundary, one millisecond before and after',
    where: [boundaries, desk('time', 'within a breath of the close: only a person can say on which side it was')],
  },
  { row: 15, what: 'between AM and PM: PM, on time; AM keeps its absence', where: [boundaries] },
  { row: 16, what: 'misses AM, arrives after PM closed: AM untouched', where: [boundaries] },
  {
    row: 17,
    what: 'leaves in AM, back before PM: no mark',
    where: [attendance('nothing is written: %s'), desk('absence', 'back before the afternoon register opens')],
  },
  {
    row: 18,
    what: 'leaves in AM, still out when PM opens: a proposal with the reason',
    where: [
      attendance('the afternoon is proposed as soon as its register opens, and not before'),
      desk('absence', 'a proposal with the reason, as soon as the box looks, and only once, also after a restart'),
    ],
  },
  {
    row: 19,
    what: "yesterday's badge: opens Sign in late; who was still out is closed by a named person",
    where: [
      in_(
        'unit/badge-id.test.ts',
        'a badge is valid on its day, at any box with the key; tomorrow it is another day’s',
      ),
      attendance('back days later: judged by the register of today, without the code of that day'),
      desk('badge', "yesterday's opens Sign in late, used or not"),
      desk('early', 'who left on an earlier day and was never closed may sign in and leave again'),
      'staff',
    ],
  },
  {
    row: 20,
    what: 'daylight saving begins and ends',
    where: [boundaries, schoolDay('%s, minute %i'), desk('time', '%s: Monday has the right hour')],
  },
  {
    row: 21,
    what: 'clock wrong: movements stand, marks wait until the time is sure',
    where: [
      attendance('undecided while it is not sure: %s'),
      desk('clock', 'decided once the clock can be trusted, with the time that it really was'),
      desk('clock', 'the machine was off before the time came: the movement is held, and never guessed at'),
      desk('time', 'with a register opening in between: held, listed, and decided when a person says when'),
      desk('time', 'the time server by a year: held, until the MIS says so too or a person does'),
    ],
  },
  { row: 22, what: 'INSET day, holiday, Saturday: movement without a mark', where: [boundaries] },
  {
    row: 23,
    what: 'part closure, staggered start, exam years',
    where: [boundaries, schoolDay('a closed day is closed; a later exception opens what it names for whom it names')],
  },
  { row: 24, what: 'X, C2 or D stands: conflict', where: [overwrite] },
  {
    row: 25,
    what: 'mornings only: no PM session, no PM mark',
    where: [boundaries, schoolDay('no session for these pupils')],
  },
  {
    row: 26,
    what: '429 at nine: batches, jitter, Retry-After; no pupil waits for the MIS',
    where: [
      outbox('-faults', 'for ten minutes without a time: less and less often'),
      outbox('-faults', 'the wait outlives a restart'),
    ],
  },
  {
    row: 27,
    what: '401: writing stops, says so, goes on with a new token',
    where: [outbox('-faults', '401 with a new token after a restart: at once')],
  },
  {
    row: 28,
    what: '200 but not stored: only reading back confirms',
    where: [outbox('-oddities', 'accepted, complete and not there: after half an hour a person looks')],
  },
  {
    row: 29,
    what: 'one bad row in a batch: found; good ones neither lost nor doubled',
    where: [
      outbox('-oddities', 'one of fifty is found in a few writes'),
      outbox('-oddities', '422 for one of six, the good rows stored all the same: %s'),
    ],
  },
  {
    row: 30,
    what: 'comment too long, emoji, quotes, markup',
    where: [outbox('-oddities', 'a very long reason, with emoji and markup: cut, written, confirmed')],
  },
  {
    row: 31,
    what: 'same name, year and month; one name; accents; right to left; very long',
    where: [
      names('still the same: hidden, and counted; who has another group is not'),
      names('too long for a tile: cut with an ellipsis, unless that would make two the same'),
      names('whatever the names: nobody is lost, no label stands twice, every label is its pupil’s'),
    ],
  },
  {
    row: 32,
    what: 'no year group or date of birth: "not on the list", a note for reception',
    where: [
      desk('picker', 'a pupil without a year group or birth month is on no list, and reception is told'),
      visit('not on the list: reception and a note'),
      'staff',
    ],
  },
  {
    row: 33,
    what: 'no-photo and hidden pupils',
    where: [
      names(
        'see-reception and do-not-display never appear, are not counted, and nobody else goes by a label that fits them',
      ),
      visit('a pupil flagged no-photo'),
    ],
  },
  {
    row: 34,
    what: 'power cut while printing or saving: replayed, no badge ID twice, REPRINT',
    where: [
      desk('printing', 'a young badge is printed again, marked REPRINT'),
      desk('printing', 'an old one, or one of another boot, is left to staff, who see that it was not printed'),
      desk('badge', 'works once, on its day: welcome back, forename and time, and in again'),
      in_('unit/journal-cuts.test.ts', 'and followed by %s: nothing that was acknowledged is lost'),
      in_(
        'e2e/sigkill.test.ts',
        '${String(rounds)} rounds, each ended by SIGKILL: nothing acknowledged is lost, nothing is there or sent twice',
      ),
      // "Badge IDs are given once" is asked of every life, power cuts included.
      in_('simulation/world/lives.ts', 'nothing is lost, doubled or wrong: ten lives from seed %i'),
      'hardware',
    ],
  },
  {
    row: 35,
    what: 'card full or read-only: refused in plain words, nothing lost',
    where: [
      in_(
        'unit/journal.test.ts',
        'refuses with nothing stored, voids what waits behind, and takes records again when there is room',
      ),
      desk('printing', 'a full card: nothing is printed that is not begun durably'),
      outbox('-oddities', 'nothing is sent that cannot be recorded; well again with room'),
      in_(
        'simulation/out-of-service.test.ts',
        'a full card: the kiosk says "Please see reception", red is fast, the staff page says what to do',
      ),
      in_('simulation/out-of-service.test.ts', 'a read-only card is tried again when it is mounted to write'),
      in_(
        'e2e/out-of-service.test.ts',
        'a card that is full, has room, is read-only, and can be written again; staff still see who is out',
      ),
      'hardware',
    ],
  },
  {
    row: 36,
    what: 'first of September: lists checked anew before anything is sent',
    where: [
      outbox('-freeze', 'nothing is sent before the pupils have been read in the new school year'),
      outbox('-freeze', 'nor before its codes have'),
      roster('on the first of September the pupils are read anew at once, also in the rush of the morning'),
    ],
  },
  {
    row: 37,
    what: 'school changes its MIS: nothing is sent until a person has looked',
    where: [
      roster(
        'another school or MIS in the settings: nothing is sent from the start on, also with the MIS away, said once',
      ),
      roster('others in their place, as many as before'),
      outbox('-freeze', 'the MIS names itself otherwise than yesterday: frozen before anything is written'),
      outbox('-freeze', 'sends and asks nothing, takes sign-ins, and goes on when a person says so'),
      'staff',
    ],
  },
  {
    row: 38,
    what: 'clock ahead: nothing in the future is sent',
    where: [
      outbox('-days', 'a clock that was ahead sends nothing of the future'),
      outbox(
        '-days',
        'while the time is not known nothing is sent, but the MIS is asked: its answers say what time it is',
      ),
    ],
  },
  { row: 39, what: 'evacuation list with the MIS down', where: ['staff'] },
  {
    row: 40,
    what: 'codes of another nation come from its table',
    where: [
      in_('unit/codes.test.ts', 'Wales keeps the codes of 2010: none of the new English ones'),
      attendance('Wales has its own codes'),
    ],
  },
];

const shown = table.flatMap(({ row, where }) =>
  where.flatMap((place) => (typeof place === 'string' ? [] : [{ row, ...place }])),
);

describe('the edge cases of mis.md 10', () => {
  test('every row once, each with a place', () => {
    expect(table.map(({ row }) => row)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    for (const { where } of table) expect(where).not.toEqual([]);
  });

  test.each(shown)('$row is shown by $file: $name', (one) => {
    expect(isThere(one)).toBe(true);
  });
});
