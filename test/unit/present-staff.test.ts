/** What the staff page is shown: everything that needs a person, in words. */
import { describe, expect, test } from 'vitest';
import type { StaffSnapshot } from '../../device/contract/staff.ts';
import { writeWish } from '../../device/domain/mark.ts';
import type { Pupil } from '../../device/domain/pupil.ts';
import type { Body, NoteBody } from '../../device/domain/record.ts';
import { staffSnapshot } from '../../device/web/staff/views/all.ts';
import { badgeOf, badgeOfBox, monday, openDay, pupils, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';

const staffSees = (day: Day): StaffSnapshot =>
  staffSnapshot(day.box.school, day.ledger, {
    runId: 'run-1',
    revision: 7,
    demo: false,
    build: '0.1.0',
    parts: [],
    lights: { green: 'steady', amber: 'off', red: 'off' },
    mis: {
      state: 'refused',
      words: 'The MIS does not accept the token.',
      lastContact: Date.parse(`${monday}T09:14Z`),
      since: Date.parse(`${monday}T09:12Z`),
    },
    roster: { takenAt: Date.parse(`${monday}T02:30Z`), held: null, sync: null },
    faults: ['Printer: Out of paper.'],
    storage: null,
    people: { people: [], computers: [] },
    asInFile: day.box.school.settings,
    waitsForPrinter: () => false,
    exportSize: () => null,
    restore: () => ({ refused: null, aside: [] }),
    host: null,
  });
describe('staff', () => {
  test('an empty day', async () => {
    expect(staffSees(await openDay({ at: '09:02' }))).toMatchObject({
      now: '2026-11-23 09:02',
      sum: { recorded: 0, confirmed: 0, waiting: 0, needsPerson: 0 },
      movementsWithoutMark: 0,
      mis: { state: 'refused', words: 'The MIS does not accept the token. Since 09:12.', lastContact: '09:14' },
      roster: { pupils: 9, age: '6 hours', held: null },
      faults: ['Printer: Out of paper.'],
      ...{ approvals: [], proposals: [], conflicts: [], notes: [], out: [], late: [], back: [], marks: [] },
    });
  });

  test('the sum is exact: late, on time, after close, withdrawn, out, back', async () => {
    const day = await openDay({ at: '08:31' });
    await day.late('amara'); // on time: no mark
    await day.until('09:02');
    await day.late('ben');
    const visit = day.visit();
    const undone = value(await day.late('cai', { visit }));
    await day.undo(visit, undone.movement);
    badgeOf(await day.early('dina')); // no mark
    await day.until('09:40');
    await day.late('fay');
    const view = staffSees(day);
    expect(view.sum).toEqual({ recorded: 2, confirmed: 0, waiting: 1, needsPerson: 1 });
    expect(view.movementsWithoutMark).toBe(2);
    expect(view.late.map(({ pupil, time, reason, outcome }) => [pupil, time, reason, outcome])).toEqual([
      ['Amara Okafor', '08:31', 'Bus', 'on-time'],
      ['Ben Lowe', '09:02', 'Bus', 'late'],
      ['Fay Stone', '09:40', 'Bus', 'after-close'],
    ]);
    expect(view.proposals).toMatchObject([
      { pupil: 'Fay Stone', session: 'AM', state: 'proposed', code: 'U', minutes: 60 },
    ]);
  });

  test('who is out: since when, why, due when, overdue from then on, and the badge', async () => {
    const day = await openDay({ at: '11:00' });
    const badge = badgeOf(await day.early('amara', { back: 'before-lunch', photo: 'taken' }));
    badgeOf(await day.early('ben', { reason: 'lunch' }));
    badgeOf(await day.early('cai', { back: 'unknown' }));
    badgeOf(await day.early('dina', { reason: 'home' }));
    const rows = (): readonly unknown[] => staffSees(day).out.map(({ pupil, due, overdue }) => [pupil, due, overdue]);
    expect(rows()).toEqual([
      ['Amara Okafor', '12:15', false],
      ['Ben Lowe', '12:00', false],
      ['Cai Price', null, false],
      ['Dina Rahman', null, false],
    ]);
    await day.until('12:01');
    expect(rows().slice(0, 2)).toEqual([
      ['Amara Okafor', '12:15', false],
      ['Ben Lowe', '12:00', true],
    ]);
    await day.until('12:16');
    expect(rows()[0]).toEqual(['Amara Okafor', '12:15', true]);
    const [first] = staffSees(day).out;
    expect(first).toMatchObject({
      since: '11:00',
      reason: 'Appointment',
      badge,
      badgeState: 'not-printed',
      adult: null,
    });
    expect(first?.photoUrl).toMatch(/^\/photo\//);
  });

  test('how far the badge is', async () => {
    const day = await openDay({ at: '11:00' });
    badgeOf(await day.early('amara'));
    const badge = [...day.ledger.badges.keys()][0] ?? '';
    const states = ['started', 'failed', 'printed'] as const;
    const seen: unknown[] = [];
    for (const state of states) {
      await day.box.desk.commit([{ type: 'print', v: 1, badge, attempt: 1, state, why: null }]);
      seen.push(staffSees(day).out[0]?.badgeState);
    }
    const input = { badge, by: 'Ms Reed' };
    await day.box.staff.voidBadge(day.box.command(input), input);
    expect([...seen, staffSees(day).out[0]?.badgeState]).toEqual(['printing', 'not-printed', 'printed', 'void']);
  });

  test('who left on an earlier day stays listed with the date, until somebody closes it', async () => {
    const day = await openDay({ at: '11:00' });
    badgeOf(await day.early('amara', { back: 'before-lunch' }));
    await day.late('ben');
    await day.pass(22 * 3_600_000);
    const view = staffSees(day);
    expect(view.out).toMatchObject([{ pupil: 'Amara Okafor', since: '2026-11-23 11:00', due: null, overdue: false }]);
    expect(view.late).toEqual([]);
    // Ben's arrival after close still needs a person, also the day after.
    expect(view.proposals).toMatchObject([{ pupil: 'Ben Lowe', date: '2026-11-23' }]);
    expect(view.proposals[0]?.history[0]?.at).toBe('2026-11-23 11:00');
  });

  test('who waits, for what, since when, and the photo', async () => {
    const day = await openDay({ at: '11:00' });
    const visit = day.visit();
    await day.early('eli', { visit, photo: 'taken', withWhom: 'grown-up', back: 'not-today' });
    expect(staffSees(day).approvals).toEqual([
      {
        visit,
        pupil: 'Eli Stone',
        registrationGroup: null,
        reason: 'Appointment',
        back: 'not-today',
        withWhom: 'grown-up',
        since: '11:00',
        photoUrl: `/photo/${visit}`,
      },
    ]);
    await day.answer(visit, 'no');
    expect(staffSees(day).approvals).toEqual([]);
  });

  test('who came back, with what', async () => {
    const day = await openDay({ at: '11:00' });
    const badge = badgeOf(await day.early('amara'));
    badgeOf(await day.early('ben'));
    await day.type(badge);
    await day.backByName('ben');
    const elsewhere = badgeOfBox(2);
    await day.type(elsewhere);
    expect(staffSees(day).back.map(({ pupil, time, reason }) => [pupil, time, reason])).toEqual([
      ['Amara Okafor', '11:00', null],
      ['Ben Lowe', '11:00', 'without a badge'],
      [`Badge ${elsewhere.slice(0, 4)} ${elsewhere.slice(4)} of another box`, '11:00', null],
    ]);
  });

  test('a pupil who has left the school is named by what is left', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    badgeOf(await day.early('ben'));
    day.box.state.pupils = [];
    const view = staffSees(day);
    expect([...view.late, ...view.out, ...view.marks].map(({ pupil }) => pupil)).toEqual(
      Array(3).fill('No longer on the roster'),
    );
  });

  test('the history of a mark in plain words', async () => {
    const day = await openDay({ at: '09:02' });
    const { movement } = value(await day.late('amara'));
    const key = `amara|${monday}|AM`;
    const report = (event: 'lost' | 'queued' | 'seen', seen?: string): Body => ({
      type: 'report',
      v: 1,
      date: monday,
      rows: [{ key, event, ...(seen === undefined ? {} : { seen }) }],
    });
    await day.box.desk.commit([
      { type: 'sending', v: 1, batch: 'b', items: [{ key, code: 'L', minutes: 22, comment: null, before: 'N' }] },
    ]);
    await day.box.desk.commit([report('queued')]);
    await day.box.desk.commit([report('seen', 'L')]);
    await day.correct(movement);
    const [row] = staffSees(day).marks;
    expect(row?.history.map(({ words }) => words)).toEqual([
      expect.stringMatching(/^L: The register was open: late/) as string,
      'read N',
      'wrote L',
      'MIS accepted',
      'read back L',
      'Ms Reed put the movement right',
    ]);
    expect(row).toMatchObject({ pupil: 'Amara Okafor', date: monday, session: 'AM', state: 'waiting', code: 'N' });
  });

  test('notes in words: whom they are about, what to know, and which are urgent', async () => {
    const day = await openDay({ at: '09:02' });
    const kinds = [
      ['see-reception', 'amara', 'the MIS says E', true],
      ['return-without-badge', 'ben', null, false],
      ['not-on-list', null, 'Year 9, month 3', false],
    ] as const;
    for (const [kind, pupil, detail, urgent] of kinds) {
      const note: NoteBody = { type: 'note', v: 1, kind, urgent, visit: null, pupil, detail };
      await day.box.desk.commit([note]);
    }
    expect(staffSees(day).notes.map(({ words, urgent, at }) => [words, urgent, at])).toEqual([
      ['Amara Okafor: wanted to sign out and was sent to reception (the MIS says E)', true, '09:02'],
      ['Ben Lowe: came back without a badge', false, '09:02'],
      ['A pupil is not on the list and was sent to reception (Year 9, month 3)', false, '09:02'],
    ]);
  });

  test('has an end, however much there is: the urgent notes, the newest others, and how many there are beside them', async () => {
    const day = await openDay({ at: '09:02' });
    const note = (detail: string, urgent = false): NoteBody => {
      return { type: 'note', v: 1, kind: 'not-sure-year', urgent, visit: null, pupil: null, detail };
    };
    await day.box.desk.commit([note('old', true)]);
    for (let batch = 0; batch < 5; batch += 1) {
      await day.box.desk.commit(Array.from({ length: 50 }, (_, n) => note(String(batch * 50 + n))));
    }
    const { notes, moreNotes } = staffSees(day);
    expect([notes.length, moreNotes]).toEqual([200, 51]);
    expect(notes[0]).toMatchObject({ urgent: true, words: expect.stringContaining('(old)') as string });
    expect(notes.at(-1)?.words).toContain('(249)');
  });

  test('what is on its way is not crowded out by what is done', async () => {
    const day = await openDay({ at: '09:02', pupils: crowd });
    for (const { key } of crowd) value(await day.late(key));
    for (let from = 1; from < crowd.length; from += 50) {
      const keys = crowd.slice(from, from + 50).map(({ key }) => `${key}|${monday}|AM`);
      const items = keys.flatMap((key) => {
        const mark = day.ledger.mark(key);
        const wish = mark === undefined ? null : writeWish(mark);
        return wish === null
          ? []
          : [{ key, code: wish.code, minutes: wish.minutes, comment: wish.comment, before: 'N' }];
      });
      const rows = keys.map((key) => ({ key, event: 'seen', seen: 'L' }) as const);
      await day.box.desk.commit([{ type: 'sending', v: 1, batch: String(from), items }]);
      await day.box.desk.commit([{ type: 'report', v: 1, date: monday, rows }]);
    }
    const view = staffSees(day);
    expect(view.sum).toEqual({ recorded: 520, confirmed: 519, waiting: 1, needsPerson: 0 });
    expect(view.marks).toHaveLength(500);
    expect(view.marks.filter(({ state }) => state === 'waiting').map(({ key }) => key)).toEqual([`p0|${monday}|AM`]);
  });

  test('what needs a person is never crowded out', async () => {
    const day = await openDay({ at: '09:40', pupils: [...pupils, ...crowd] });
    await day.late('amara'); // a proposal, and the oldest mark
    await day.pass(4 * 3_600_000 - 20 * 60_000); // 13:20
    for (const { key } of crowd) value(await day.late(key));
    const view = staffSees(day);
    expect(view.sum).toEqual({ recorded: 521, confirmed: 0, waiting: 520, needsPerson: 1 });
    expect(view.marks).toHaveLength(500);
    expect(view.marks[0]).toMatchObject({ pupil: 'Amara Okafor', state: 'proposed' });
    expect(view.proposals).toHaveLength(1);
  });
});

const crowd = Array.from({ length: 520 }, (_, n) => ({ ...pupilNamed('ben'), key: `p${String(n)}`, misId: String(n) }));

function pupilNamed(key: string): Pupil {
  const found = pupils.find((pupil) => pupil.key === key);
  if (found === undefined) throw new Error('no such pupil');
  return found;
}
