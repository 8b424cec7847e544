/** A box without a clock battery: what it says, holds back and decides, by the clock that a real one has (durability.md 17, 18). */
import { describe, expect, test } from 'vitest';
import type { Pupil } from '../../device/domain/pupil.ts';
import { timeOf } from '../../device/desk/when.ts';
import { machineTime } from '../support/machine.ts';
import type { MachineTime } from '../support/machine.ts';
import { bootableTime, instant, openDay, pupils, refusal, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';

const minute = 60_000;
const hour = 60 * minute;
const builtAt = Date.UTC(2026, 0, 1);

/** Switched on at that local time of Monday (or another day), its wall clock in 1970. */
async function inTheDark(
  clock = '08:50',
  date = '2026-11-23',
  hasMis = true,
): Promise<Day & { readonly on: MachineTime }> {
  const on = machineTime(instant(clock, date), { builtAt, hasMis });
  on.machine.wallOffMs = -instant(clock, date);
  return lit(on, await openDay({ time: on }));
}
function lit(on: MachineTime, day: Day): Day & { readonly on: MachineTime } {
  const clock = on.systemClock();
  clock.recorded(day.box.replayed);
  clock.begin();
  day.box.desk.onDurable((records) => clock.recorded(records));
  return { ...day, on };
}
async function again(day: Day & { readonly on: MachineTime }, boot?: string, offMs?: number, roster = pupils) {
  await day.box.journal.close();
  day.on.boot(boot, offMs);
  return lit(day.on, await openDay({ time: day.on, disk: day.box.disk, pupils: roster }));
}
function synchronise({ on }: { readonly on: MachineTime }, offMs = 0): void {
  on.machine.wallOffMs = offMs;
  on.machine.synchronised = 'now';
  on.pass(2_000);
}
const confirm = (day: Day, time: string, movement: string | null = null, date = '2026-11-23') => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const input = { date, minute: hours * 60 + minutes, movement, by: 'Ms Reed' };
  return day.box.staff.confirmTime(day.box.command(input), input);
};
const detail = (result: Awaited<ReturnType<typeof confirm>>): string =>
  result.ok ? 'not refused' : (result.error.detail ?? '');
const first = (day: Day): string => [...day.ledger.undecided][0] ?? '';
const times = (day: Day) => day.records.filter(({ type }) => type === 'time');

describe('the network comes after ten sign-ins', () => {
  test('each is decided with the time that it really was, in one commit with what it is known by', async () => {
    const day = await inTheDark();
    const names = ['amara', 'ben', 'cai', 'dina', 'eli', 'fay'];
    for (const name of names) {
      expect(value(await day.late(name))).toMatchObject({ time: null, outcome: 'to-be-confirmed' });
      await day.pass(5 * minute - 17_000);
    }
    await day.watch();
    expect(day.ledger.sum()).toMatchObject({ recorded: 6, waiting: 6 });
    synchronise(day);
    await day.watch();
    expect(names.flatMap((name) => day.marks(name))).toEqual([
      '2026-11-23 AM waiting L 9',
      '2026-11-23 AM waiting L 14',
      '2026-11-23 AM waiting L 19',
      '2026-11-23 AM waiting L 24',
      '2026-11-23 AM waiting L 28',
      '2026-11-23 AM proposed U 33',
    ]);
    expect(times(day)).toMatchObject([{ sources: ['kernel'], by: null }]);
  });
});

describe('over a thousand sign-ins before the time is known', () => {
  const many = Array.from({ length: 1_001 }, (_, index) => ({
    ...(pupils[0] as Pupil),
    key: `p${String(index)}`,
    misId: `mis-p${String(index)}`,
  }));
  test('all are decided, however many a commit holds', async () => {
    const time = bootableTime(instant('08:50'));
    time.set({ trusted: false });
    const day = await openDay({ time, pupils: many });
    for (const { key } of many) value(await day.late(key));
    expect(day.ledger.undecided.size).toBe(1_001);
    value(await confirm(day, '08:50'));
    await day.watch();
    expect(day.ledger.undecided.size).toBe(0);
    expect(day.ledger.sum().recorded).toBe(1_001);
  });
});

describe('the daemon starts again in the same boot', () => {
  test('and knows the time at once, by its own records', async () => {
    const day = await inTheDark();
    synchronise(day);
    await day.watch();
    day.on.machine.synchronised = 'not-yet';
    const next = await again(day);
    expect(next.time.clock.trusted()).toBe(true);
    expect(next.time.clock.sources()).toEqual(['record']);
    expect(value(await next.late('amara'))).toMatchObject({ time: '08:50', outcome: 'late' });
  });
});

describe('the time becomes known when the pupil has left the school, or is in another year', () => {
  test.each([
    ['has left', pupils.filter(({ key }) => key !== 'zara')],
    ['is in another year', pupils.map((one) => (one.key === 'zara' ? { ...one, yearGroup: 'Year 9' } : one))],
  ])('%s: what follows goes by the year group of then', async (_, roster) => {
    const day = await inTheDark('09:20');
    value(await day.late('zara'));
    const next = await again(day, 'second', hour, roster);
    synchronise(next);
    await next.watch();
    value(await confirm(next, '09:20', first(next)));
    expect([...next.ledger.undecided]).toEqual([]);
    expect(next.marks('zara')).toEqual([]); // Year 13 comes and goes
  });
});

test('another reason for a movement leaves the time that a person has said of it', async () => {
  const day = await inTheDark('09:20');
  const { movement } = value(await day.late('amara'));
  const next = await again(day, 'second', hour);
  synchronise(next);
  await next.watch();
  value(await confirm(next, '09:20', movement));
  const said = (): unknown => {
    const known = next.ledger.movements.get(movement);
    return known === undefined ? null : timeOf(next.box.school, known);
  };
  const before = said();
  const correction = { how: 'reason', reason: 'appointment' } as const;
  const input = { movement, correction, why: null, by: 'Ms Reed' };
  value(await next.box.staff.correct(next.box.command(input), input));
  expect(said()).toEqual(before);
});

describe('a box with a clock battery', () => {
  /** Switched on at ten to nine on Monday, synchronised, and switched off. */
  async function monday(rtcOffMs: number) {
    const day = await inTheDark();
    day.on.machine.rtcOffMs = rtcOffMs;
    synchronise(day);
    await day.watch();
    return day;
  }

  test('knows the time after a power cut without a network, since it was seen to be right', async () => {
    const day = await monday(500);
    await day.watch();
    expect(times(day)).toMatchObject([{ sources: ['kernel'] }]);
    const dark = await again(day, 'second', 10 * minute);
    dark.on.machine.wallOffMs = -hour;
    expect(dark.time.clock.sources()).toEqual(['rtc']);
    expect(value(await dark.late('amara'))).toMatchObject({ time: '09:00', outcome: 'late' });
    const next = await again(dark, 'third', hour);
    expect(next.time.clock.sources()).toEqual(['rtc']);
  });

  test('is believed only from when it was right: the kernel sets it minutes after the time is known', async () => {
    const day = await monday(-hour);
    const next = await again(day, 'second', minute);
    expect(next.time.clock.trusted()).toBe(false);
    synchronise(next);
    await next.watch();
    next.on.machine.rtcOffMs = 0;
    await next.watch();
    await next.watch();
    expect(times(next)).toMatchObject([{ sources: ['kernel'] }, { rtcOffMs: expect.any(Number) as number }]);
    expect((await again(next, 'third', minute)).time.clock.sources()).toEqual(['rtc']);
  });

  test('with an empty battery is as one without', async () => {
    const day = await monday(0);
    const dark = await again(day, 'second', minute);
    dark.on.machine.rtcOffMs = -instant('08:00');
    expect((await again(dark, 'third', minute)).time.clock.trusted()).toBe(false);
  });
});

describe('the power goes before the time comes', () => {
  test('between two times that are known, close enough together: decided, with the smaller minutes', async () => {
    const day = await inTheDark('08:45');
    synchronise(day);
    await day.watch();
    value(await day.late('ben'));
    const dark = await again(day, 'second', minute);
    await dark.pass(2 * minute);
    value(await dark.late('amara'));
    await dark.pass(minute);
    const light = await again(dark, 'third', minute);
    synchronise(light);
    await light.watch();
    await light.watch();
    expect(light.marks('amara')).toEqual(['2026-11-23 AM waiting L 7']);
  });

  test('with a register opening in between: held, listed, and decided when a person says when', async () => {
    const day = await inTheDark('08:30');
    synchronise(day);
    await day.watch();
    const dark = await again(day, 'second', 5 * minute);
    value(await dark.late('amara'));
    await dark.pass(3 * minute);
    value(await dark.late('ben'));
    const light = await again(dark, 'third', 20 * minute);
    synchronise(light);
    await light.watch();
    await light.watch();
    expect(light.ledger.sum()).toMatchObject({ recorded: 2, waiting: 2 });
    expect(detail(await confirm(light, '07:00', first(light)))).toMatch(
      /after 2026-11-23 08:30 and before 2026-11-23 08:55/,
    );
    expect(detail(await confirm(light, '08:58', first(light)))).toMatch(/cannot be/);
    expect(value(await confirm(light, '08:42', first(light)))).toEqual({ undecided: 0 });
    expect(light.marks('amara')).toEqual(['2026-11-23 AM waiting L 2']);
    // Three minutes later, by a word that may be a minute off: the smaller.
    expect(light.marks('ben')).toEqual(['2026-11-23 AM waiting L 3']);
  });

  test('or staff undo it: nothing stays for ever', async () => {
    const dark = await inTheDark();
    value(await dark.late('amara'));
    value(await dark.correct(first(dark)));
    expect(dark.ledger.sum()).toEqual({ recorded: 0, confirmed: 0, waiting: 0, needsPerson: 0 });
  });
});

describe('a person says what time it is', () => {
  test('and what waited is decided in the same commit; the box goes by it', async () => {
    const day = await inTheDark('08:45');
    value(await day.late('amara'));
    await day.pass(30 * minute);
    expect(value(await confirm(day, '09:15'))).toEqual({ undecided: 0 });
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 3']);
    expect(day.time.clock.sources()).toEqual(['person']);
    expect(value(await day.late('ben'))).toMatchObject({ outcome: 'after-close' });
    const next = await again(day);
    expect(next.time.clock.trusted()).toBe(true);
  });

  test('not before what is recorded, not while the box knows; better than the first time', async () => {
    const day = await inTheDark('08:30');
    synchronise(day);
    await day.watch();
    expect(detail(await confirm(day, '09:15'))).toMatch(/knows the time: it is 2026-11-23 08:30/);
    const dark = await again(day, 'second', hour);
    expect(detail(await confirm(dark, '08:20'))).toMatch(/after 2026-11-23 08:30/);
    value(await confirm(dark, '10:30'));
    expect(detail(await confirm(dark, '08:20'))).toMatch(/after 2026-11-23 08:30/);
    value(await confirm(dark, '09:31'));
    expect(new Date(dark.time.clock.now()).toISOString()).toMatch(/T09:3/);
  });

  test('a slip of years is refused, unless the wall clock says so too', async () => {
    const day = await inTheDark('08:30');
    synchronise(day);
    await day.watch();
    const dark = await again(day, 'second', hour);
    dark.on.machine.wallOffMs = -hour;
    expect(detail(await confirm(dark, '09:30', null, '2028-11-23'))).toMatch(/400 days after .* 2026-11-23/);
    expect(refusal(await confirm(dark, '09:30', null, '2028-11-23'))).toBe('invalid_input');
    const truth = dark.time.clock.now();
    dark.on.machine.wallOffMs = instant('09:31', '2028-11-23') - truth;
    value(await confirm(dark, '09:30', null, '2028-11-23'));
  });

  test('of an earlier boot only once the present is known', async () => {
    const day = await inTheDark();
    value(await day.late('amara'));
    const dark = await again(day, 'second', hour);
    expect(refusal(await confirm(dark, '08:52', first(dark)))).toBe('wrong_state');
    value(await confirm(dark, '09:52'));
    expect(value(await confirm(dark, '08:50', first(dark)))).toEqual({ undecided: 0 });
    expect(dark.marks('amara')).toEqual(['2026-11-23 AM waiting L 10']);
  });

  test('within a breath of the close: only a person can say on which side it was', async () => {
    const day = await inTheDark('09:09');
    synchronise(day);
    await day.watch();
    await day.pass(instant('09:10') - day.on.machine.wallOffMs - day.time.clock.now() - 20);
    expect(value(await day.late('amara'))).toMatchObject({ outcome: 'to-be-confirmed' });
    await day.pass(minute);
    await day.watch();
    expect(day.ledger.undecided.size).toBe(1);
    expect(detail(await confirm(day, '09:07', first(day)))).toMatch(/cannot be/);
    value(await confirm(day, '09:09', first(day)));
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 29']);
  });
});

describe('somebody lies', () => {
  test('the time server by a year: held, until the MIS says so too or a person does', async () => {
    const day = await inTheDark('08:30');
    synchronise(day);
    await day.watch();
    const next = await again(day, 'second', 20 * minute);
    synchronise(next, 365 * 24 * hour);
    expect(next.time.clock.trusted()).toBe(false);
    expect(value(await next.late('amara'))).toMatchObject({ outcome: 'to-be-confirmed' });
    const { clock } = next.on;
    const truth = (): number => Math.floor((instant('08:50') + 2 * minute) / 1000) * 1000;
    for (const askedAt of [clock.mono(), clock.mono() + 300]) {
      next.on.systemClock().heard({ date: truth(), askedAt, answeredAt: askedAt + 200 });
    }
    expect(clock.trusted()).toBe(false);
    value(await confirm(next, '08:52'));
    expect(clock.trusted()).toBe(true);
    expect(next.marks('amara').join()).toMatch(/^2026-11-23 AM waiting L/);
  });

  test('a wall clock that is set by hand while it runs changes nothing', async () => {
    const day = await inTheDark();
    synchronise(day);
    await day.watch();
    day.on.machine.synchronised = 'not-yet';
    day.on.machine.wallOffMs = -3 * hour;
    await day.pass(5 * minute);
    expect(value(await day.late('amara'))).toMatchObject({ time: '08:55', outcome: 'late' });
    day.on.machine.wallOffMs = 40 * hour;
    await day.pass(5 * minute);
    expect(value(await day.late('ben'))).toMatchObject({ time: '09:00', outcome: 'late' });
  });
});

describe('off over the weekend in which the clocks change', () => {
  test.each([
    ['back', '2026-10-23', '14:00', '2026-10-26', '08:55', '2026-10-26 AM waiting L 14'],
    ['forward', '2026-03-27', '15:00', '2026-03-30', '07:55', '2026-03-30 AM waiting L 14'],
  ])('%s: Monday has the right hour', async (_, friday, fridayUtc, monday, mondayUtc, mark) => {
    const day = await inTheDark(fridayUtc, friday, false);
    synchronise(day);
    await day.watch();
    const next = await again(day, 'second', instant(mondayUtc, monday) - instant(fridayUtc, friday) - minute);
    value(await next.late('amara'));
    await next.pass(minute);
    synchronise(next);
    await next.watch();
    expect(next.marks('amara')).toEqual([mark]);
  });
});
