import { describe, expect, test } from 'vitest';
import { decideArrival } from '../../device/domain/attendance.ts';
import type { Decision } from '../../device/domain/attendance.ts';
import { bus, hillView, hillViewWith } from './hill-view.ts';

/**
 * The boundary table: an instant, a year group, and what a pupil late for the bus gets: code, session, minutes late. All of
 * it written by hand from product.md 4 and mis.md 7.3, nothing computed. `U?`: not written, proposed to the office.
 *
 * Hill View: AM 08:40 to 09:10, ends 12:15; PM 13:15 to 13:45, ends 15:20. Wednesday AM 08:50 to 09:20, lateness counts from
 * 09:00. Sixth form AM 09:00 to 09:30; Year 13 comes and goes. Nursery has no PM. London: UTC in winter, an hour on from 29
 * March to 25 October 2026.
 */
const weekday = `
  2026-11-23T08:39:00.000Z | Year 9 | on time | AM | -   | Monday, a minute before it opens
  2026-11-23T08:39:59.999Z | Year 9 | on time | AM | -   | a millisecond before it opens
  2026-11-23T08:40:00.000Z | Year 9 | L       | AM | 1   | opens: late at once, never 0 minutes
  2026-11-23T08:40:00.001Z | Year 9 | L       | AM | 1   | a millisecond later
  2026-11-23T08:41:00.000Z | Year 9 | L       | AM | 1   | a minute later: one whole minute
  2026-11-23T08:41:59.999Z | Year 9 | L       | AM | 1   | the second minute is not whole yet
  2026-11-23T08:42:00.000Z | Year 9 | L       | AM | 2   | two whole minutes
  2026-11-23T09:02:00.000Z | Year 9 | L       | AM | 22  | the example of the settings page
  2026-11-23T09:09:00.000Z | Year 9 | L       | AM | 29  | a minute before it closes
  2026-11-23T09:09:59.999Z | Year 9 | L       | AM | 29  | a millisecond before it closes
  2026-11-23T09:10:00.000Z | Year 9 | U?      | AM | 30  | closes: the office decides
  2026-11-23T09:10:00.001Z | Year 9 | U?      | AM | 30  | a millisecond later
  2026-11-23T09:11:00.000Z | Year 9 | U?      | AM | 31  | a minute after it closed
  2026-11-23T12:14:00.000Z | Year 9 | U?      | AM | 214 | a minute before the morning ends
  2026-11-23T12:14:59.999Z | Year 9 | U?      | AM | 214 | a millisecond before the morning ends
  2026-11-23T12:15:00.000Z | Year 9 | on time | PM | -   | the morning has ended: PM, before its register
  2026-11-23T12:40:00.000Z | Year 9 | on time | PM | -   | between the sessions
  2026-11-23T13:14:00.000Z | Year 9 | on time | PM | -   | a minute before PM opens
  2026-11-23T13:14:59.999Z | Year 9 | on time | PM | -   | a millisecond before PM opens
  2026-11-23T13:15:00.000Z | Year 9 | L       | PM | 1   | PM opens
  2026-11-23T13:16:00.000Z | Year 9 | L       | PM | 1   | a minute later
  2026-11-23T13:44:00.000Z | Year 9 | L       | PM | 29  | a minute before PM closes
  2026-11-23T13:44:59.999Z | Year 9 | L       | PM | 29  | a millisecond before PM closes
  2026-11-23T13:45:00.000Z | Year 9 | U?      | PM | 30  | PM closes
  2026-11-23T13:46:00.000Z | Year 9 | U?      | PM | 31  | a minute after it closed
  2026-11-23T15:19:59.999Z | Year 9 | U?      | PM | 124 | a millisecond before school is over
  2026-11-23T15:20:00.000Z | Year 9 | nothing | -  | -   | school is over
  2026-11-23T15:21:00.000Z | Year 9 | nothing | -  | -   | a minute after
`;
const otherRegisters = `
  2026-11-25T08:49:59.999Z | Year 9    | on time | AM | -  | Wednesday opens ten minutes later
  2026-11-25T08:50:00.000Z | Year 9    | L       | AM | 1  | open, and before lateness starts to count
  2026-11-25T09:01:59.999Z | Year 9    | L       | AM | 1  | from 09:00
  2026-11-25T09:02:00.000Z | Year 9    | L       | AM | 2  | from 09:00
  2026-11-25T09:19:59.999Z | Year 9    | L       | AM | 19 | Wednesday closes at 09:20
  2026-11-25T09:20:00.000Z | Year 9    | U?      | AM | 20 | Wednesday closes at 09:20
  2026-11-25T13:15:00.000Z | Year 9    | L       | PM | 1  | what Wednesday does not name is inherited
  2026-11-23T08:59:59.999Z | Year 12   | on time | AM | -  | the sixth form starts at 09:00
  2026-11-23T09:00:00.000Z | Year 12   | L       | AM | 1  | the sixth form starts at 09:00
  2026-11-23T09:29:59.999Z | Year 12   | L       | AM | 29 | closed for Year 9 for twenty minutes
  2026-11-23T09:30:00.000Z | Year 12   | U?      | AM | 30 | sixth form closes
  2026-11-25T08:55:00.000Z | Year 12   | on time | AM | -  | its own times stand over Wednesday's
  2026-11-23T13:15:00.000Z | Year 12   | L       | PM | 1  | the afternoon is everybody's
  2026-11-23T09:10:00.000Z | Year 13   | nothing | -  | -  | comes and goes
  2026-11-23T09:10:00.000Z | Reception | ?       | AM | 30 | no U for a pupil who need not be in school yet
  2026-11-23T09:10:00.000Z | Nursery   | ?       | AM | 30 | no U for a pupil who need not be in school yet
  2026-11-23T12:15:00.000Z | Nursery   | nothing | -  | -  | mornings only: nothing after them
  2026-11-23T13:20:00.000Z | Nursery   | nothing | -  | -  | mornings only: no afternoon register
`;
const otherDays = `
  2026-11-21T09:00:00.000Z | Year 9  | nothing | -  | -   | Saturday
  2026-11-27T08:45:00.000Z | Year 9  | nothing | -  | -   | INSET day
  2026-11-27T09:15:00.000Z | Year 12 | nothing | -  | -   | INSET day, sixth form too
  2026-12-18T08:39:59.999Z | Year 9  | on time | AM | -   | half day: the morning is as ever
  2026-12-18T08:40:00.000Z | Year 9  | L       | AM | 1   | half day: the morning is as ever
  2026-12-18T13:29:59.999Z | Year 9  | L       | PM | 14  | half day: PM closes at 13:30
  2026-12-18T13:30:00.000Z | Year 9  | U?      | PM | 15  | half day: PM closes at 13:30
  2026-12-18T13:59:59.999Z | Year 9  | U?      | PM | 44  | half day ends at 14:00
  2026-12-18T14:00:00.000Z | Year 9  | nothing | -  | -   | half day ends at 14:00
  2026-12-18T09:00:00.000Z | Year 12 | L       | AM | 1   | half day, the sixth form's own morning
  2026-12-21T08:45:00.000Z | Year 9  | nothing | -  | -   | first day of the holiday
  2027-01-01T08:45:00.000Z | Year 9  | nothing | -  | -   | last day of the holiday
  2027-01-04T08:45:00.000Z | Year 9  | L       | AM | 5   | Monday after
`;
const daylightSaving = `
  2026-03-27T08:39:59.999Z | Year 9 | on time | AM | -  | Friday before the clocks go forward: UTC
  2026-03-27T08:40:00.000Z | Year 9 | L       | AM | 1  | Friday before
  2026-03-29T07:40:00.000Z | Year 9 | nothing | -  | -  | the Sunday itself
  2026-03-30T07:39:59.999Z | Year 9 | on time | AM | -  | Monday after: 08:39:59.999 by the wall
  2026-03-30T07:40:00.000Z | Year 9 | L       | AM | 1  | Monday after: 08:40 by the wall
  2026-03-30T08:10:00.000Z | Year 9 | U?      | AM | 30 | Monday after: 09:10 by the wall
  2026-03-30T11:15:00.000Z | Year 9 | on time | PM | -  | Monday after: 12:15 by the wall
  2026-10-23T07:40:00.000Z | Year 9 | L       | AM | 1  | Friday before the clocks go back: an hour ahead of UTC
  2026-10-23T08:09:59.999Z | Year 9 | L       | AM | 29 | Friday before
  2026-10-25T08:40:00.000Z | Year 9 | nothing | -  | -  | the Sunday itself
  2026-10-26T07:40:00.000Z | Year 9 | on time | AM | -  | Monday after: 07:40 by the wall
  2026-10-26T08:39:59.999Z | Year 9 | on time | AM | -  | Monday after
  2026-10-26T08:40:00.000Z | Year 9 | L       | AM | 1  | Monday after: UTC again
`;
/** A boarding school with a register on Sundays: the days of 23 and 25 hours themselves. */
const sundaySchool = `
  2026-03-29T00:59:59.999Z | Year 9 | on time | AM | -  | a millisecond before the clocks go forward
  2026-03-29T01:00:00.000Z | Year 9 | on time | AM | -  | 02:00 by the wall: there was no 01:00
  2026-03-29T07:39:59.999Z | Year 9 | on time | AM | -  | 08:39:59.999 by the wall
  2026-03-29T07:40:00.000Z | Year 9 | L       | AM | 1  | 08:40 by the wall
  2026-03-29T08:09:59.999Z | Year 9 | L       | AM | 29 | 09:09:59.999 by the wall
  2026-03-29T08:10:00.000Z | Year 9 | U?      | AM | 30 | 09:10 by the wall
  2026-03-29T12:15:00.000Z | Year 9 | L       | PM | 1  | 13:15 by the wall
  2026-10-25T00:30:00.000Z | Year 9 | on time | AM | -  | 01:30 for the first time
  2026-10-25T01:30:00.000Z | Year 9 | on time | AM | -  | 01:30 for the second time
  2026-10-25T08:39:59.999Z | Year 9 | on time | AM | -  | 08:39:59.999 by the wall
  2026-10-25T08:40:00.000Z | Year 9 | L       | AM | 1  | 08:40 by the wall
  2026-10-25T09:10:00.000Z | Year 9 | U?      | AM | 30 | 09:10 by the wall
  2026-10-25T13:15:00.000Z | Year 9 | L       | PM | 1  | 13:15 by the wall
`;

describe.each([
  ['an ordinary Monday', weekday, hillView],
  ['weekday and year-group overrides', otherRegisters, hillView],
  ['Saturday, INSET day, half day, holiday', otherDays, hillView],
  ['around the two changes of the clock', daylightSaving, hillView],
  [
    'a register on the very Sunday of the change',
    sundaySchool,
    hillViewWith({ times: { schoolDays: ['sun', 'mon'], exceptions: [] } }),
  ],
])('%s', (_, table, settings) => {
  test.each(rows(table))('$instant $yearGroup: $expected ($why)', ({ instant, yearGroup, expected }) => {
    const at = Date.parse(instant);
    expect(said(decideArrival({ at: { earliest: at, latest: at }, yearGroup, reason: bus, settings }))).toBe(expected);
  });
});

interface Row {
  readonly instant: string;
  readonly yearGroup: string;
  readonly expected: string;
  readonly why: string;
}
function rows(table: string): Row[] {
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const [instant = '', yearGroup = '', code = '', session = '', minutes = '', why = ''] = line
        .split('|')
        .map((cell) => cell.trim());
      return { instant, yearGroup, expected: `${code} ${session} ${minutes}`, why };
    });
}

/** A decision as the table writes it. */
function said(decision: Decision | 'undecided'): string {
  if (decision === 'undecided') return decision;
  const { outcome, session, want } = decision;
  if (want.kind === 'none') {
    if (outcome === 'on-time') return `on time ${session ?? '-'} -`;
    return outcome === 'no-register' ? `nothing ${session ?? '-'} -` : outcome;
  }
  const code = want.kind === 'mark' ? want.code : `${want.code ?? ''}?`;
  return `${code} ${session ?? '-'} ${want.minutes ?? '-'}`;
}
