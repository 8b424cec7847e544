/** A clock that cannot be trusted: movements stand, marks wait until the time is sure (durability.md 17 and 18). */
import { describe, expect, test } from 'vitest';
import { staffSnapshot } from '../../device/web/staff/views/all.ts';
import { badgeOf, bootableTime, instant, openDay, refusal, restart, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';

/** Switched on at 08:50 on Monday, when the wall clock still shows a night last week. */
async function wrongClock(): Promise<Day> {
  const time = bootableTime(instant('03:17', '2026-11-18'));
  time.set({ trusted: false });
  return openDay({ time });
}
/** Time synchronisation comes: it is `clock`, and that is sure. */
async function synchronised(day: Day, clock: string): Promise<void> {
  day.time.set({ now: instant(clock), trusted: true });
  await day.watch();
}
const staffSees = (day: Day) =>
  staffSnapshot(day.box.school, day.ledger, {
    runId: 'run',
    revision: 1,
    demo: false,
    build: '',
    parts: [],
    lights: { green: 'off', amber: 'off', red: 'off' },
    mis: { state: 'none', words: '', lastContact: null, since: null },
    roster: { takenAt: null, held: null, sync: null },
    faults: [],
    storage: null,
    people: { people: [], computers: [] },
    asInFile: day.box.school.settings,
    waitsForPrinter: () => false,
    exportSize: () => null,
    restore: () => ({ refused: null, aside: [] }),
    host: null,
  });

describe('signing in', () => {
  test('time to be confirmed; it waits in the sum, and no mark is wished for yet', async () => {
    const day = await wrongClock();
    expect(value(await day.late('amara'))).toMatchObject({ forename: 'Amara', time: null, outcome: 'to-be-confirmed' });
    expect(day.ledger.marks.size).toBe(0);
    expect(day.ledger.sum()).toEqual({ recorded: 1, confirmed: 0, waiting: 1, needsPerson: 0 });
    await day.watch();
    expect(day.ledger.sum().waiting).toBe(1);
    expect(staffSees(day)).toMatchObject({
      movementsWithoutMark: 0,
      late: [{ time: null, outcome: 'to-be-confirmed' }],
    });
  });

  test('decided once the clock can be trusted, with the time that it really was', async () => {
    const day = await wrongClock();
    await day.late('amara'); // at 08:55
    await day.pass(30 * 60_000);
    await day.late('ben'); // at 09:25
    await day.pass(60_000);
    await synchronised(day, '09:26:00');
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 15']);
    expect(day.marks('ben')).toEqual(['2026-11-23 AM proposed U 45']);
    expect(staffSees(day).late.map(({ time }) => time)).toEqual(['08:55', '09:25']);
    const before = day.records.length;
    await day.watch();
    expect(day.records).toHaveLength(before);
  });

  test('the time is still right after the machine was started again', async () => {
    const day = await wrongClock();
    await day.late('amara');
    await day.pass(5 * 60_000);
    await synchronised(day, '09:00:00');
    const again = await restart(day, 'second-boot');
    expect(staffSees(again).late).toMatchObject([{ pupil: 'Amara Okafor', time: '08:55' }]);
    expect(value(again.choose('late', 'amara'))).toMatchObject({ next: 'already-signed-in', time: '08:55' });
  });

  test('already signed in: by the movements of this boot while the time is not sure, by the session afterwards', async () => {
    const day = await wrongClock();
    await day.late('amara');
    expect(value(day.choose('late', 'amara')).next).toBe('already-signed-in');
    expect(refusal(await day.late('amara'))).toBe('wrong_state');
    await synchronised(day, '09:00:00');
    expect(value(day.choose('late', 'amara'))).toMatchObject({ next: 'already-signed-in', time: '09:00' });
    expect(refusal(await day.late('amara'))).toBe('wrong_state');
    expect(day.ledger.movements.size).toBe(1);
  });

  test('and also in the moment between: the clock is right, but the box has not looked yet', async () => {
    const day = await wrongClock();
    await day.late('amara');
    day.time.set({ now: instant('09:00'), trusted: true });
    expect(refusal(await day.late('amara'))).toBe('wrong_state');
  });

  test('the machine was off before the time came: the movement is held, and never guessed at', async () => {
    const day = await wrongClock();
    await day.late('amara');
    const again = await restart(day, 'second-boot');
    await synchronised(again, '09:00:00');
    expect(again.ledger.marks.size).toBe(0);
    expect(again.ledger.sum()).toEqual({ recorded: 1, confirmed: 0, waiting: 1, needsPerson: 0 });
    expect(staffSees(again).late).toMatchObject([{ pupil: 'Amara Okafor', time: null, outcome: 'to-be-confirmed' }]);
    // The pupil may sign in now: which session the other one was for, nobody knows.
    expect(value(await again.late('amara')).outcome).toBe('late');
    value(await again.correct([...again.ledger.undecided][0] ?? ''));
    expect(again.ledger.sum()).toEqual({ recorded: 1, confirmed: 0, waiting: 1, needsPerson: 0 });
    expect(again.marks('amara')).toEqual(['2026-11-23 AM waiting L 20']);
  });

  test('held arrivals and a second child: the time is the one that it turns out to have been', async () => {
    const day = await wrongClock();
    const input = { hold: { reason: 'bus', agoMs: 5 * 60_000 }, by: 'Ms Reed' };
    value(await day.box.staff.holdArrivals(day.box.command(input), input)); // at 09:00, of a bus at 08:55
    const visit = day.visit();
    expect(value(await day.late('amara', { visit })).outcome).toBe('to-be-confirmed');
    await synchronised(day, '09:00:00');
    expect(value(await day.late('ben'))).toMatchObject({ time: '08:55', outcome: 'late' });
    expect(value(await day.late('fay', { withVisit: visit }))).toMatchObject({ time: '08:55', outcome: 'late' });
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 15']);
  });

  test('the lists of names work at any hour: nobody can say that it is out of hours', async () => {
    const day = await wrongClock();
    expect(day.box.picker.accepting()).toEqual({ state: 'open' });
    day.time.set({ trusted: true });
    expect(day.box.picker.accepting()).toEqual({ state: 'closed' });
  });

  test('a repeat of the command says the same before the time is sure, and the time afterwards', async () => {
    const day = await wrongClock();
    const input = { visit: day.visit(), pupil: 'amara', reason: 'bus', touchAgoMs: 0 };
    const command = day.box.command(input);
    const first = value(await day.box.arrivals.late(command, input));
    expect(value(await day.box.arrivals.late(command, input))).toEqual(first);
    await synchronised(day, '09:00:00');
    expect(value(await day.box.arrivals.late(command, input))).toMatchObject({ time: '09:00', outcome: 'late' });
  });
});

describe('leaving and coming back', () => {
  test('the badge works, without a time', async () => {
    const day = await wrongClock();
    const badge = badgeOf(await day.early('amara'));
    await day.pass(10 * 60_000);
    expect(value(await day.type(badge))).toEqual({ state: 'welcome-back', forename: 'Amara', time: null });
    expect(value(await day.type(badge)).state).toBe('used');
  });

  test('given before the time was sure, it works after: it is the same day by the time elapsed', async () => {
    const day = await wrongClock();
    const badge = badgeOf(await day.early('amara'));
    await day.pass(40 * 60_000);
    await synchronised(day, '10:20:00');
    expect(staffSees(day).out).toMatchObject([{ pupil: 'Amara Okafor', since: '09:40' }]);
    expect(value(await day.type(badge))).toEqual({ state: 'welcome-back', forename: 'Amara', time: '10:20' });
  });

  test('the return is judged when the time comes, with every register missed meanwhile', async () => {
    const day = await wrongClock();
    const badge = badgeOf(await day.early('amara')); // at 08:00
    await day.pass(350 * 60_000);
    await day.type(badge); // at 13:50
    expect(day.marks('amara')).toEqual([]);
    await day.pass(10 * 60_000);
    await synchronised(day, '14:00:00');
    expect(day.marks('amara').toSorted()).toEqual(['2026-11-23 AM proposed M', '2026-11-23 PM proposed M']);
    expect(day.ledger.sum()).toEqual({ recorded: 2, confirmed: 0, waiting: 0, needsPerson: 2 });
  });

  test('a return by name stays one without an L, also when it is decided later', async () => {
    const day = await wrongClock();
    await day.early('amara'); // at 11:00
    await day.pass(140 * 60_000);
    await day.backByName('amara'); // at 13:20, while the register is open
    await day.pass(5 * 60_000);
    await synchronised(day, '13:25:00');
    expect(day.marks('amara')).toEqual(['2026-11-23 PM proposed M']);
  });

  test('still out when the afternoon register has opened: proposed as soon as the time is sure', async () => {
    const day = await wrongClock();
    await day.early('amara'); // at 11:00
    await day.pass(150 * 60_000);
    await synchronised(day, '13:30:00');
    expect(day.marks('amara')).toEqual(['2026-11-23 PM proposed M']);
  });

  test('out is out, whatever the clock says: no second departure', async () => {
    const day = await wrongClock();
    await day.early('amara');
    expect(value(day.choose('early', 'amara')).next).toBe('already-out');
    const again = await restart(day, 'second-boot');
    expect(value(again.choose('early', 'amara')).next).toBe('already-out');
  });

  test('a departure counts neither as waiting nor as needing a person', async () => {
    const day = await wrongClock();
    await day.early('amara');
    expect(day.ledger.sum().recorded).toBe(0);
    expect(staffSees(day).movementsWithoutMark).toBe(1);
  });
});
