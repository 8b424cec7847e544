import { journalNumber } from '../../device/domain/badge.ts';
import { describe, expect, test } from 'vitest';
import { decideArrival, decideDeparture, decideReturn, misComment, stillOut } from '../../device/domain/attendance.ts';
import type { Span } from '../../device/domain/clock-trust.ts';
import { explain, rules } from '../../device/domain/rules.ts';
import type { Settings } from '../../device/domain/settings.ts';
import { bus, dentist, hillView, hillViewWith, medical, tellStaffLate, unwell } from './hill-view.ts';

/** Local time in winter is UTC. */
const at = (time: string, date = '2026-11-23'): Span => {
  const epochMs = Date.parse(`${date}T${time}Z`);
  return { earliest: epochMs, latest: epochMs };
};
const between = (earliest: string, latest: string): Span => ({
  earliest: at(earliest).earliest,
  latest: at(latest).latest,
});
const openEnded = (time: string): Span => ({ earliest: at(time).earliest, latest: null });

describe('late arrival', () => {
  const arrive = (changes: Partial<Parameters<typeof decideArrival>[0]>): ReturnType<typeof decideArrival> =>
    decideArrival({ at: at('09:02:00'), yearGroup: 'Year 9', reason: bus, settings: hillView, ...changes });
  const writes = hillViewWith({ late: { afterClose: 'code' } });

  test('while the register is open: L with minutes, which may replace a present mark', () => {
    expect(arrive({})).toEqual({
      date: '2026-11-23',
      session: 'AM',
      outcome: 'late',
      want: { kind: 'mark', code: 'L', minutes: 22 },
      rule: 'while-open',
      mayReplacePresent: true,
      afterClose: false,
    });
    const never = hillViewWith({ late: { replacePresent: false } });
    expect(arrive({ settings: never })).toMatchObject({ mayReplacePresent: false });
  });

  test.each([
    ['no reason given', null],
    ['rather tell a member of staff', tellStaffLate],
    ['appointment', dentist],
  ])('while the register is open it is L whatever the reason: %s', (_, reason) => {
    expect(arrive({ reason })).toMatchObject({ want: { kind: 'mark', code: 'L', minutes: 22 } });
  });

  test("after close the office decides: the reason's code, else U, is proposed", () => {
    expect(arrive({ at: at('09:40:00'), reason: dentist })).toMatchObject({
      outcome: 'after-close',
      want: { kind: 'proposal', code: 'M', minutes: null },
      rule: 'after-close-office',
      mayReplacePresent: false,
      afterClose: true,
    });
    expect(arrive({ at: at('09:40:00') })).toMatchObject({ want: { kind: 'proposal', code: 'U', minutes: 60 } });
  });

  test.each([
    ['tell staff', { reason: tellStaffLate }],
    ['no reason', { reason: null }],
    ['Nursery', { yearGroup: 'Nursery' }],
    ['Reception', { yearGroup: 'Reception' }],
    ['no year group', { yearGroup: null }],
    ["a school's own year group", { yearGroup: 'Acorns' }],
    ['Reception, and the reason says U', { yearGroup: 'Reception', reason: { ...bus, afterClose: 'U' } }],
    ['a code that England withdrew', { yearGroup: 'Reception', reason: { ...bus, afterClose: 'H' } }],
    ['a code that no kiosk may name', { yearGroup: 'Reception', reason: { ...bus, afterClose: 'E' } }],
  ])('after close no code is proposed: %s', (_, changes) => {
    for (const settings of [hillView, writes]) {
      const decided = arrive({ at: at('09:40:00'), settings, ...changes });
      expect(decided).toMatchObject({ want: { kind: 'proposal', code: null, minutes: 60 }, afterClose: true });
    }
  });

  test('after close the box writes codes where the school set that, and proposes where the reason has none', () => {
    expect(arrive({ at: at('09:40:00'), settings: writes, reason: dentist })).toMatchObject({
      want: { kind: 'mark', code: 'M', minutes: null },
      rule: 'after-close-code',
    });
    expect(arrive({ at: at('09:40:00'), settings: writes, reason: { ...bus, afterClose: 'U' } })).toMatchObject({
      want: { kind: 'mark', code: 'U', minutes: 60 },
    });
    expect(arrive({ at: at('09:40:00'), settings: writes })).toMatchObject({
      want: { kind: 'proposal', code: 'U', minutes: 60 },
      rule: 'after-close-no-code',
    });
  });

  test('a sixth form that comes and goes is marked only when a pupil says late for registration', () => {
    const sixthForm = { yearGroup: 'Year 13', at: at('09:10:00') };
    expect(arrive(sixthForm)).toMatchObject({
      outcome: 'no-register',
      session: null,
      want: { kind: 'none' },
      rule: 'comes-and-goes',
    });
    expect(arrive({ ...sixthForm, forRegistration: false })).toMatchObject({ want: { kind: 'none' } });
    expect(arrive({ ...sixthForm, forRegistration: true })).toMatchObject({
      outcome: 'late',
      want: { kind: 'mark', code: 'L', minutes: 10 },
    });
    // It says no more than that: what follows after close is as for everybody.
    expect(arrive({ ...sixthForm, at: at('09:40:00'), forRegistration: true })).toMatchObject({
      want: { kind: 'proposal', code: 'U', minutes: 40 },
    });
  });

  test('Wales has its own codes', () => {
    const wales = hillViewWith({ nation: 'wales', late: { afterClose: 'code' } });
    const y1 = { ...bus, afterClose: 'Y1' };
    expect(arrive({ at: at('09:40:00'), settings: wales, reason: y1 })).toMatchObject({
      want: { kind: 'proposal', code: 'U' },
    });
    expect(arrive({ at: at('09:40:00'), settings: writes, reason: y1 })).toMatchObject({
      want: { kind: 'mark', code: 'Y1' },
    });
  });

  test('for dates that no table of codes covers nothing is written', () => {
    expect(arrive({ at: at('09:02:00', '2023-11-23') })).toMatchObject({ want: { kind: 'proposal', code: null } });
  });
});

describe('when the time is an interval', () => {
  const arrive = (span: Span): ReturnType<typeof decideArrival> =>
    decideArrival({ at: span, yearGroup: 'Year 9', reason: bus, settings: hillView });

  test.each([
    ['the side of opens', between('08:39:59.999', '08:40:00')],
    ['the side of closes', between('09:09:00', '09:10:00')],
    ['the session', between('12:14:00', '12:15:00')],
    ['whether school is over', between('15:19:00', '15:20:00')],
    ['the date', { earliest: at('08:45:00').earliest, latest: at('08:45:00', '2026-11-24').latest }],
    ['how late it may be', openEnded('08:45:00')],
  ])('undecided while it is not sure: %s', (_, span) => {
    expect(arrive(span)).toBe('undecided');
  });

  test('decided when only the minutes differ, which then count from the earliest', () => {
    expect(arrive(between('08:50:30', '09:09:59.999'))).toMatchObject({
      want: { kind: 'mark', code: 'L', minutes: 10 },
    });
  });

  test('a departure needs date and session only', () => {
    const leave = (span: Span): ReturnType<typeof decideDeparture> =>
      decideDeparture({ at: span, yearGroup: 'Year 9', settings: hillView });
    expect(leave(between('09:09:00', '09:11:00'))).toMatchObject({
      date: '2026-11-23',
      session: 'AM',
      want: { kind: 'none' },
    });
    expect(leave(between('12:14:00', '12:16:00'))).toBe('undecided');
    expect(leave(openEnded('10:00:00'))).toBe('undecided');
  });

  test('a return bounds a leaving whose end is open', () => {
    const back = (leftAt: Span): ReturnType<typeof decideReturn> =>
      decideReturn({ leftAt, at: at('13:20:00'), yearGroup: 'Year 9', reason: medical, settings: hillView });
    // Left at 13:16 at the earliest: after the register opened, whenever it was.
    expect(back(openEnded('13:16:00'))).toMatchObject({ rule: 'back-same-session' });
    // Left at 10:00 at the earliest, at 13:20 at the latest: before it opened or after, nobody knows.
    expect(back(openEnded('10:00:00'))).toBe('undecided');
  });
});

describe('leaving and coming back', () => {
  const back = (left: string, returned: string, settings: Settings = hillView): ReturnType<typeof decideReturn> =>
    decideReturn({ leftAt: at(left), at: at(returned), yearGroup: 'Year 9', reason: medical, settings });

  test.each(['08:30:00', '08:45:00', '10:00:00', '12:30:00', '14:00:00', '15:30:00'])(
    'leaving at %s changes no mark',
    (time) => {
      const left = decideDeparture({ at: at(time), yearGroup: 'Year 9', settings: hillView });
      expect(left).toMatchObject({ outcome: 'left', want: { kind: 'none' } });
    },
  );

  test.each([
    ['out and back within the morning', '10:00:00', '11:30:00'],
    ['out and back while the register is open', '08:45:00', '09:05:00'],
    ['left as the register opened', '08:40:00', '09:05:00'],
    ['back before the afternoon register', '10:00:00', '13:14:59.999'],
    ['out at lunch and back before it', '12:30:00', '13:00:00'],
    ['back when school is over', '10:00:00', '15:20:00'],
  ])('nothing is written: %s', (_, left, returned) => {
    expect(back(left, returned)).toMatchObject({ outcome: 'back', want: { kind: 'none' } });
  });

  test.each([
    ['10:00:00', '13:15:00', 'PM', 1],
    ['12:30:00', '13:44:59.999', 'PM', 29],
    ['08:39:59.999', '08:50:00', 'AM', 10],
  ])('out at %s and back at %s while the register is open: L', (left, returned, session, minutes) => {
    expect(back(left, returned)).toMatchObject({
      session,
      outcome: 'late',
      want: { kind: 'mark', code: 'L', minutes },
      mayReplacePresent: true,
    });
  });

  test("back after close: the reason's later-session code is proposed, or written where the school set that", () => {
    expect(back('10:00:00', '13:45:00')).toMatchObject({
      session: 'PM',
      outcome: 'after-close',
      want: { kind: 'proposal', code: 'M', minutes: null },
      afterClose: true,
    });
    const writes = hillViewWith({ leave: { writeLaterSession: true } });
    expect(back('10:00:00', '13:45:00', writes)).toMatchObject({ want: { kind: 'mark', code: 'M', minutes: null } });
    expect(
      decideReturn({
        leftAt: at('10:00:00'),
        at: at('13:45:00'),
        yearGroup: 'Year 9',
        reason: unwell,
        settings: writes,
      }),
    ).toMatchObject({ want: { kind: 'proposal', code: null, minutes: 30 } });
  });

  test('back days later: judged by the register of today, without the code of that day', () => {
    const monday = { leftAt: at('10:00:00', '2026-11-19'), yearGroup: 'Year 9', reason: medical, settings: hillView };
    expect(decideReturn({ ...monday, at: at('08:50:00') })).toMatchObject({
      session: 'AM',
      want: { kind: 'mark', code: 'L', minutes: 10 },
    });
    expect(decideReturn({ ...monday, at: at('09:40:00') })).toMatchObject({ want: { kind: 'proposal', code: null } });
  });

  test('on a day without registers, and for years that come and go, nothing', () => {
    const saturday = { leftAt: at('10:00:00', '2026-11-20'), at: at('09:00:00', '2026-11-21') };
    expect(decideReturn({ ...saturday, yearGroup: 'Year 9', reason: medical, settings: hillView })).toMatchObject({
      session: null,
      want: { kind: 'none' },
    });
    const sixthForm = { leftAt: at('10:00:00'), at: at('13:20:00'), yearGroup: 'Year 13' };
    expect(decideReturn({ ...sixthForm, reason: medical, settings: hillView })).toMatchObject({
      want: { kind: 'none' },
    });
  });
});

describe('still out when a later register opens', () => {
  const out = (changes: Partial<Parameters<typeof stillOut>[0]>): unknown =>
    stillOut({
      leftAt: at('10:00:00'),
      now: at('13:15:00'),
      yearGroup: 'Year 9',
      reason: medical,
      settings: hillView,
      ...changes,
    }).map(({ session, outcome, want }) => [session, outcome, want.kind, want.kind === 'none' ? null : want.code]);
  const pmProposed = [['PM', 'still-out', 'proposal', 'M']];

  test('the afternoon is proposed as soon as its register opens, and not before', () => {
    expect(out({ now: at('13:14:59.999') })).toEqual([]);
    expect(out({})).toEqual(pmProposed);
    expect(out({ now: at('09:00:00', '2026-11-25') })).toEqual(pmProposed);
  });

  test('never the register under way when the pupil left', () => {
    expect(out({ leftAt: at('08:45:00') })).toEqual(pmProposed);
    expect(out({ leftAt: at('08:40:00') })).toEqual(pmProposed);
    expect(out({ leftAt: at('13:15:00'), now: at('15:00:00') })).toEqual([]);
    expect(out({ leftAt: at('13:00:00') })).toEqual(pmProposed);
    expect(out({ leftAt: at('08:39:59.999') })).toEqual([['AM', 'still-out', 'proposal', 'M'], ...pmProposed]);
  });

  test('written where the school set that and the reason has a code', () => {
    const settings = hillViewWith({ leave: { writeLaterSession: true } });
    expect(out({ settings })).toEqual([['PM', 'still-out', 'mark', 'M']]);
    expect(out({ settings, reason: unwell })).toEqual([['PM', 'still-out', 'proposal', null]]);
  });

  test('nothing without an afternoon, for years that come and go, or while the time of leaving is not sure', () => {
    expect(out({ yearGroup: 'Nursery' })).toEqual([]);
    expect(out({ yearGroup: 'Year 13' })).toEqual([]);
    expect(out({ leftAt: between('13:10:00', '13:20:00'), now: at('14:00:00') })).toEqual([]);
    expect(out({ leftAt: between('13:10:00', '13:15:00'), now: at('14:00:00') })).toEqual([]);
    expect(out({ leftAt: openEnded('10:00:00'), now: openEnded('14:00:00') })).toEqual([]);
  });
});

describe('in words', () => {
  test('the comment of a mark', () => {
    expect(misComment(bus, 'en', journalNumber(1, 4217))).toBe('Pupil said: Bus. Porter 1-004217');
    expect(misComment({ ...bus, label: { en: 'Bus', cy: 'Bws.' } }, 'cy', '1-004217')).toBe(
      'Pupil said: Bws. Porter 1-004217',
    );
    expect(misComment(bus, 'cy', '1-004217')).toBe('Pupil said: Bus. Porter 1-004217');
    expect(misComment(tellStaffLate, 'en', '1-004217')).toBeNull();
    expect(misComment(null, 'en', '1-004217')).toBeNull();
  });

  test('journal numbers grow past six digits', () => {
    expect([journalNumber(0, 1), journalNumber(9, 1_234_567)]).toEqual(['0-000001', '9-1234567']);
  });

  test('every rule says why, in a sentence of its own', () => {
    const sentences = rules.map(explain);
    expect(new Set(sentences).size).toBe(rules.length);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].{20,}\.$/);
    expect(explain('constructor')).toContain('another version');
  });
});
