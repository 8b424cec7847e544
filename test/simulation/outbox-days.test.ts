/** Days and weeks: what expires, what does not, and pupils who come and go meanwhile (product.md 4, mis.md 10). */
import { afterEach, describe, expect, test } from 'vitest';
import type { MisFault, MisFaultName } from '../../device/demo/mis-control.ts';
import { hillViewWith } from '../unit/hill-view.ts';
import { openWorld } from '../support/outbox-world.ts';
import type { World, WorldOptions } from '../support/outbox-world.ts';

let world: World;
afterEach(() => world.stop());
const settings = hillViewWith({ late: { holdSeconds: 0 } });
const opened = async (options: WorldOptions = {}): Promise<World> =>
  (world = await openWorld({ settings, pupils: 3, ...options }));

const day = 24 * 60 * 60_000;
const minuteMs = 60_000;
/** From now to the same time tomorrow, again and again; the box is asleep from six to seven. */
const days = async (count: number): Promise<void> => {
  for (let done = 0; done < count; done += 1) {
    await world.pass(9 * 60 * minuteMs, 10 * minuteMs);
    world.time.pass(13 * 60 * minuteMs);
    await world.pass(2 * 60 * minuteMs, 10 * minuteMs);
  }
};
/** So many marks that one page does not hold them. */
const endless = async (): Promise<void> => {
  for (const date of ['2026-11-19', '2026-11-20']) await world.mis.takeRegister({ date, session: 'AM' });
  await world.mis.fault('ignore-filters');
};
const everybodyLate = async (): Promise<void> => {
  for (const index of world.roster.keys()) await world.late(index);
};
const oncePerPupil = async (): Promise<void> => {
  expect(world.states()).toEqual({ confirmed: 3 });
  const marks = await world.mis.marks();
  expect(marks.map(({ date, code, writes }) => `${date} ${code ?? ''} ${String(writes)}`)).toEqual(
    Array(3).fill('2026-11-23 L 1'),
  );
};

describe('five school days', () => {
  // Monday 23 November; Friday 27 is an INSET day at Hill View.
  test.each<[MisFaultName | MisFault, RegExp]>([
    ['401', /token/],
    ['403', /permission/],
    ['no-writeback', /does not let Porter write/],
    [{ name: '429', seconds: 3600 }, /asks Porter to wait/],
  ])('%j all the time: tried on five of them, expired on the sixth, and a person is told why', async (fault, why) => {
    await opened();
    await world.mis.fault(fault);
    await everybodyLate();
    await days(7);
    expect(world.today().date).toBe('2026-11-30');
    expect(world.mark(0).putOffOn).toEqual(['2026-11-23', '2026-11-24', '2026-11-25', '2026-11-26', '2026-11-30']);
    expect(world.states()).toEqual({ waiting: 3 });
    await days(1);
    expect(world.states()).toEqual({ expired: 3 });
    expect(world.mark(0).settled?.why).toMatch(why);

    await world.mis.clearFaults();
    for (const index of world.roster.keys()) await world.settle(world.key(index), { kind: 'retry' });
    await world.pass(3 * 60 * minuteMs, 5_000);
    await oncePerPupil();
  });

  test.each<[MisFault, RegExp]>([
    [{ name: 'redirect', method: 'POST' }, /Marks cannot be written.*another address/],
    [{ name: 'redirect', path: 'attendance/session', method: 'GET' }, /Marks cannot be read.*another address/],
    [{ name: 'endless-next', path: 'attendance/session' }, /Marks cannot be read.*circle of pages/],
  ])('%j between good answers to other questions: the same', async (fault, why) => {
    await opened();
    await world.mis.fault(fault);
    if (fault.name === 'endless-next') await endless();
    await everybodyLate();
    for (let count = 0; count < 8; count += 1) {
      expect(world.states()).toEqual({ waiting: 3 });
      await world.pass(10 * minuteMs, minuteMs);
      world.time.pass(day - 10 * minuteMs);
    }
    await world.pass(10 * minuteMs, minuteMs);
    expect(world.states()).toEqual({ expired: 3 });
    expect(world.mark(0).settled?.why).toMatch(why);
    expect(world.mark(0).putOffOn).toHaveLength(5);
  });

  test('restarts in between change nothing', async () => {
    await opened();
    await world.mis.fault('401');
    await everybodyLate();
    for (let count = 0; count < 8; count += 1) {
      await days(1);
      await world.restart();
    }
    await world.pass(60 * minuteMs, 5 * minuteMs);
    expect(world.states()).toEqual({ expired: 3 });
  });

  test.each<MisFaultName | 'offline'>(['offline', '503', 'html', 'tls', 'redirect'])(
    '%s for ten days expires nothing: sent with the date of the event',
    async (fault) => {
      await opened();
      if (fault === 'offline') await world.mis.offline();
      else await world.mis.fault(fault);
      await everybodyLate();
      await days(10);
      expect(world.states()).toEqual({ waiting: 3 });
      await world.mis.online();
      await world.mis.clearFaults();
      await world.pass(30 * minuteMs, 5_000);
      await oncePerPupil();
    },
  );

  test('a school that is offline for ten days expires nothing', async () => {
    await opened();
    await world.mis.schoolOnline(false);
    await everybodyLate();
    await days(10);
    expect(world.states()).toEqual({ waiting: 3 });
    await world.mis.schoolOnline(true);
    await world.pass(30 * minuteMs, 5_000);
    await oncePerPupil();
  });

  test('five bad days are soon forgotten where the sixth is a good one', async () => {
    await opened();
    await world.mis.fault('401');
    await everybodyLate();
    await days(7);
    await world.mis.clearFaults();
    await world.pass(30 * minuteMs, 5_000);
    await oncePerPupil();
  });
});

describe('pupils who come and go', () => {
  test('off the roster: rejected in words, not tried; the others are written', async () => {
    await opened();
    await world.mis.offline();
    await everybodyLate();
    const [gone, ...others] = world.roster;
    world.roster = others;
    await world.mis.online();
    await world.minutes(5);
    expect(world.states()).toEqual({ confirmed: 2, rejected: 1 });
    const mark = [...world.ledger.marks.values()].find(({ pupil }) => pupil === gone?.key);
    expect(mark?.settled).toMatchObject({ state: 'rejected', why: 'The pupil is no longer on the roster.' });
    expect((await world.mis.marks()).length).toBe(2);
  });

  test('off the roster while the write is on its way: a person, as nobody can read it back', async () => {
    await opened({ delayMs: 60_000 });
    await everybodyLate();
    await world.pass(5_000);
    world.roster = world.roster.slice(1);
    await world.minutes(5);
    expect(world.states()).toEqual({ confirmed: 2, rejected: 1 });
  });

  test('without any roster nothing is rejected: it waits', async () => {
    await opened();
    const { roster } = world;
    await everybodyLate();
    world.roster = [];
    await world.minutes(30);
    expect(world.states()).toEqual({ waiting: 3 });
    expect((await world.requests()).all).toBe(0);
    world.roster = roster;
    await world.minutes(3);
    await oncePerPupil();
  });

  test.each([0, 60_000])(
    're-enrolled under a new id: written to that one, read back there (delay %i ms)',
    async (delayMs) => {
      await opened({ delayMs });
      if (delayMs === 0) await world.mis.offline();
      await everybodyLate();
      await world.pass(5_000);
      const old = world.pupil(0).misId;
      const { id } = await world.mis.pupil({ action: 're-enrol', student: old });
      expect(id).not.toBe(old);
      world.roster = world.roster.map((pupil) => (pupil.misId === old ? { ...pupil, misId: id } : pupil));
      await world.mis.online();
      await world.minutes(5);
      await oncePerPupil();
      expect((await world.standing(0))?.student_id).toBe(id);
    },
  );
});

describe('the calendar', () => {
  test('while the time is not known nothing is sent, but the MIS is asked: its answers say what time it is', async () => {
    await opened();
    world.time.set({ trusted: false });
    await everybodyLate();
    await world.minutes(20, minuteMs);
    expect(world.states()).toEqual({ waiting: 3 });
    const { all, post } = await world.requests();
    expect([all > 0, post]).toEqual([true, 0]);
    world.time.set({ trusted: true });
    await world.minutes(5);
    expect(world.states()).toEqual({ confirmed: 3 });
  });

  test('a clock that was ahead sends nothing of the future', async () => {
    await opened();
    await world.mis.offline();
    world.time.set({ now: world.time.clock.now() + day });
    await everybodyLate();
    world.time.set({ now: world.time.clock.now() - day });
    await world.mis.online();
    await world.minutes(120, minuteMs);
    expect(world.states()).toEqual({ waiting: 3 });
    expect((await world.requests()).post).toBe(0);
    await world.pass(day, 5 * minuteMs);
    expect(world.states()).toEqual({ confirmed: 3 });
  });
});
