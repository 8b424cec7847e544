/** Sign in late, undo, the second child, held arrivals: what a pupil is answered and what follows for the register. */
import { describe, expect, test } from 'vitest';
import { hillViewWith } from '../unit/hill-view.ts';
import { bootableTime, instant, openDay, refusal, value } from '../support/desk-day.ts';

describe('signing in late', () => {
  test.each([
    ['before the register opens', '08:31', 'on-time', []],
    ['while it is open', '09:02', 'late', ['2026-11-23 AM waiting L 22']],
    ['after it closed', '09:40', 'after-close', ['2026-11-23 AM proposed U 60']],
    ['between the sessions', '12:30', 'on-time', []],
    ['when no register is left', '16:00', 'no-register', []],
    ['on a Saturday', '2026-11-28T09:02', 'no-register', []],
    ['on an INSET day', '2026-11-27T09:02', 'no-register', []],
  ] as const)('%s', async (_, at, outcome, marks) => {
    const day = await openDay({ at });
    const answer = value(await day.late('amara'));
    expect(answer).toMatchObject({ forename: 'Amara', time: at.slice(-5), outcome });
    expect(day.marks('amara')).toEqual(marks);
  });

  test('the time is the first touch, also when the answer had to be asked for again', async () => {
    const day = await openDay({ at: '09:02' });
    const input = { visit: day.visit(), pupil: 'amara', reason: 'bus', touchAgoMs: 20_000 };
    const answer = await day.box.arrivals.late(day.box.command(input, { ageMs: 45_000 }), input);
    expect(value(answer).time).toBe('09:00');
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 20']);
  });

  test('what the pupil said stands in the comment, but not that they would rather tell a person', async () => {
    const day = await openDay();
    const { movement } = value(await day.late('amara'));
    await day.late('ben', { reason: 'tell-staff' });
    const n = movement.slice(movement.indexOf(':') + 1).padStart(6, '0');
    const comments = day.records.flatMap((record) => (record.type === 'decided' ? [record.comment] : []));
    expect(comments).toEqual([`Pupil said: Bus. Porter 1-${n}`, null]);
  });

  test('nobody can be signed in for a reason or as a pupil that is not there', async () => {
    const day = await openDay();
    expect(refusal(await day.late('nobody'))).toBe('not_found');
    expect(refusal(await day.late('amara', { reason: 'dragon' }))).toBe('invalid_input');
    expect(refusal(await day.late('amara', { reason: null }))).toBe('invalid_input');
    expect(day.records).toEqual([]);
  });

  test('comes and goes: on the roll without a mark, unless late for registration', async () => {
    const day = await openDay({ at: '09:05' });
    expect(value(day.choose('late', 'zara'))).toMatchObject({ next: 'ask', asksRegistration: true });
    expect(value(day.choose('late', 'amara'))).toMatchObject({ asksRegistration: false });
    expect(value(await day.late('zara', { reason: null, forRegistration: false }))).toMatchObject({
      outcome: 'no-register',
      time: '09:05',
    });
    expect(day.marks('zara')).toEqual([]);

    const other = await openDay({ at: '09:05' });
    expect(value(await other.late('zara', { forRegistration: true })).outcome).toBe('late');
    expect(other.marks('zara')).toEqual(['2026-11-23 AM waiting L 5']); // their register opens at 09:00
  });
});

describe('already signed in', () => {
  test('said kindly after the name, with the time, and not possible twice', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    await day.until('09:20');
    expect(value(day.choose('late', 'amara'))).toEqual({ next: 'already-signed-in', forename: 'Amara', time: '09:02' });
    expect(refusal(await day.late('amara'))).toBe('wrong_state');
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 22']);
  });

  test('two taps at once: one arrival, and the first stands', async () => {
    const day = await openDay();
    const both = await Promise.all([day.late('amara'), day.late('amara')]);
    expect(both.map((one) => one.ok)).toEqual([true, false]);
    expect(day.ledger.movements.size).toBe(1);
  });

  test('the afternoon is another session, and so is the next day', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    await day.until('13:20');
    expect(value(await day.late('amara')).outcome).toBe('late');
    await day.pass(24 * 3_600_000);
    expect(value(await day.late('amara')).outcome).toBe('late');
    expect(day.marks('amara')).toEqual([
      '2026-11-23 AM waiting L 22',
      '2026-11-23 PM waiting L 5',
      '2026-11-24 PM waiting L 5',
    ]);
  });

  test('also for a year that comes and goes, and on a Saturday', async () => {
    for (const [at, who] of [
      ['09:05', 'zara'],
      ['2026-11-28T09:02', 'amara'],
    ] as const) {
      const day = await openDay({ at });
      value(await day.late(who, { forRegistration: false }));
      expect(refusal(await day.late(who, { forRegistration: false }))).toBe('wrong_state');
    }
  });
});

describe('someone else is with me', () => {
  test('the second child has the touch and the reason of the first, however long choosing takes', async () => {
    const day = await openDay({ at: '09:08' });
    const visit = day.visit();
    await day.late('fay', { visit, touchAgoMs: 30_000 });
    await day.until('09:12'); // the register has closed meanwhile
    const second = value(await day.late('amara', { reason: 'appointment', withVisit: visit, touchAgoMs: 200_000 }));
    expect(second).toMatchObject({ time: '09:07', outcome: 'late' });
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 27']);
    const reasons = [...day.ledger.movements.values()].map(({ record }) => record.reason);
    expect(reasons).toEqual(['bus', 'bus']);
  });

  test('with a visit that signed nobody in, nobody is signed in', async () => {
    const day = await openDay();
    const visit = day.visit();
    expect(refusal(await day.late('amara', { withVisit: visit }))).toBe('not_found');
    value(await day.early('ben', { visit }));
    expect(refusal(await day.late('amara', { withVisit: visit }))).toBe('not_found');
  });
});

describe('held arrivals', () => {
  const hold = async (day: Awaited<ReturnType<typeof openDay>>, minutesAgo: number | null, reason = 'bus') => {
    const input = { hold: minutesAgo === null ? null : { reason, agoMs: minutesAgo * 60_000 }, by: 'Ms Reed' };
    return day.box.staff.holdArrivals(day.box.command(input), input);
  };

  test('the late bus: everybody gets its time and reason until it is ended, and the log says by whom', async () => {
    const day = await openDay({ at: '09:15' });
    value(await hold(day, 10));
    for (const who of ['amara', 'ben']) {
      await day.pass(60_000);
      expect(value(await day.late(who, { reason: 'appointment' }))).toMatchObject({ time: '09:05', outcome: 'late' });
    }
    value(await hold(day, null));
    expect(value(await day.late('fay'))).toMatchObject({ time: '09:17', outcome: 'after-close' });
    expect(day.records.filter((record) => record.type === 'hold-arrivals').map(({ by }) => by)).toEqual([
      'Ms Reed',
      'Ms Reed',
    ]);
    expect(day.ledger.movementsOf('amara')[0]?.record.reason).toBe('bus');
  });

  test('a hold that nobody ended does not reach into the afternoon or the next day', async () => {
    const day = await openDay({ at: '09:00' });
    value(await hold(day, 5));
    await day.until('13:20');
    expect(value(await day.late('amara')).time).toBe('13:20');
    await day.pass(20 * 3_600_000); // 09:20 the next morning
    expect(value(await day.late('ben')).time).toBe('09:20');
  });

  test('nor does one of a box that does not know the time, which has gone on for a day', async () => {
    const time = bootableTime(instant('08:50'));
    time.set({ trusted: false });
    const day = await openDay({ time });
    value(await hold(day, 0));
    await day.pass(24 * 3_600_000 + 15 * 60_000);
    value(await day.late('amara'));
    time.set({ trusted: true });
    await day.watch();
    expect(day.marks('amara')).toEqual(['2026-11-24 AM waiting L 25']);
  });

  test('only for a reason of the school', async () => {
    const day = await openDay();
    expect(refusal(await hold(day, 5, 'dragon'))).toBe('invalid_input');
  });
});

describe('undo', () => {
  test('in time: never sent, out of the sum, and the pupil may sign in again', async () => {
    const day = await openDay();
    const visit = day.visit();
    const { movement } = value(await day.late('amara', { visit }));
    await day.pass(9_000);
    value(await day.undo(visit, movement));
    expect(day.marks('amara')).toEqual(['2026-11-23 AM withdrawn']);
    expect(day.ledger.sum()).toEqual({ recorded: 0, confirmed: 0, waiting: 0, needsPerson: 0 });
    expect(value(await day.late('amara')).outcome).toBe('late');
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 22']);
  });

  test('too late, twice, or of another visit: refused, and the arrival stands', async () => {
    const day = await openDay();
    const [visit, other] = [day.visit(), day.visit()];
    const { movement } = value(await day.late('amara', { visit }));
    value(await day.late('ben', { visit: other }));
    expect(refusal(await day.undo(other, movement))).toBe('not_found');
    expect(refusal(await day.undo(visit, 'no-such-movement'))).toBe('not_found');
    await day.pass(46_000);
    expect(refusal(await day.undo(visit, movement))).toBe('wrong_state');
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 22']);

    const quick = await openDay();
    const again = quick.visit();
    const arrival = value(await quick.late('amara', { visit: again }));
    value(await quick.undo(again, arrival.movement));
    expect(refusal(await quick.undo(again, arrival.movement))).toBe('wrong_state');
  });

  test('not of a departure, and not after the machine was started again', async () => {
    const day = await openDay();
    const visit = day.visit();
    value(await day.early('ben', { visit }));
    const departure = day.ledger.visits.get(visit) ?? '';
    expect(refusal(await day.undo(visit, departure))).toBe('not_found');

    const { movement } = value(await day.late('amara', { visit: `${visit}-2` }));
    day.time.boot('second-boot');
    expect(refusal(await day.undo(`${visit}-2`, movement))).toBe('wrong_state');
  });
});

test('after close the school may have the code written that the reason names', async () => {
  const settings = hillViewWith({ late: { afterClose: 'code' } });
  const day = await openDay({ at: '09:40', settings });
  expect(value(await day.late('amara', { reason: 'appointment' })).outcome).toBe('after-close');
  expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting M']);
});
