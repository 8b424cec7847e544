/** What the school does with our marks afterwards is noticed, in earlier registers too, at a cost that is known (durability.md 21, 25). */
import { afterEach, describe, expect, test } from 'vitest';
import { offsetOf } from '../../device/mis/roster-schedule.ts';
import { hillViewWith } from '../unit/hill-view.ts';
import { monday, openWorld } from '../support/outbox-world.ts';
import type { World, WorldOptions } from '../support/outbox-world.ts';

let world: World;
afterEach(() => world.stop());
const minute = 60_000;
const settings = hillViewWith({ late: { holdSeconds: 0 } });
const opened = async (options: WorldOptions = {}): Promise<World> =>
  (world = await openWorld({ settings, pupils: 4, ...options }));

/** To a local time of the day, the outbox at work; `days` later where given. */
const until = async (time: string, days = 0): Promise<void> => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const now = world.time.clock.now();
  const midnight = now - (now % (24 * 60 * minute)) + days * 24 * 60 * minute;
  await world.pass(midnight + (hours * 60 + minutes) * minute - now, minute);
};
const why = (index: number, session: 'AM' | 'PM' = 'AM'): string | null | undefined =>
  world.mark(index, session).settled?.why;
/** Reads of marks of another register than the present one, `2026-11-23 AM 10:05`. */
const earlierReads = async (): Promise<readonly string[]> => {
  const { log } = await world.mis.requests();
  return log.flatMap(({ at, path }) => {
    const query = new URL(path, 'http://x').searchParams;
    const [date, session] = [query.get('date'), query.get('session')];
    if (date === null || session === null) return [];
    const isPresent = date === at.slice(0, 10) && session === (at.slice(11, 16) < '12:15' ? 'AM' : 'PM');
    return isPresent ? [] : [`${date} ${session} ${at.slice(11, 16)}`];
  });
};

describe('a mark of an earlier register that the school changes', () => {
  test('in the afternoon, for the morning: changed by school, not fought', async () => {
    await opened();
    await world.late(0);
    await until('13:20');
    expect(why(0)).toBeNull();
    await world.teacher(0, 'M');
    await until('15:15');
    expect(world.mark(0).settled).toMatchObject({ state: 'confirmed', seen: 'M', why: 'changed by school' });
    expect(await world.codeIn(0)).toBe('M');
    expect(await world.posts()).toHaveLength(1);
  });

  test('two days later: noticed on that day; another day’s correction then goes to a person', async () => {
    await opened();
    const movement = await world.late(0);
    await until('09:00', 2);
    await world.teacher(0, 'I', 'AM', monday);
    await until('15:15');
    expect(why(0)).toBe('changed by school');
    await world.change(movement, { time: '08:45' });
    await world.minutes(3);
    expect(world.state(0)).toBe('conflict');
  });

  test('cleared: looked at again a quarter of an hour later, and then believed', async () => {
    await opened();
    await world.late(0);
    await until('13:20');
    await world.mis.clearMark({ student: world.pupil(0).misId, date: monday, session: 'AM' });
    await world.mis.forgetRequests();
    await until('15:19');
    expect(why(0)).toBe('changed by school');
    const times = (await earlierReads()).map((read) => read.slice(-5));
    const [first = '', second = ''] = times;
    const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
    expect(minutes(second) - minutes(first)).toBeGreaterThanOrEqual(15);
    expect(minutes(second) - minutes(first)).toBeLessThanOrEqual(17);
  });

  test('a write of ours that the MIS applies again after the undo, a day late: put back again', async () => {
    await opened();
    await world.teacher(0, 'N');
    await world.mis.fault({ name: 'duplicates', ms: 26 * 60 * minute, times: 1 });
    const movement = await world.late(0);
    await world.minutes(2);
    await world.undoByStaff(movement);
    await world.minutes(3);
    expect(await world.codeIn(0)).toBe('N');
    await until('15:15', 1);
    expect((await world.standing(0))?.history.map(({ code }) => code)).toEqual(['N', 'L', 'N', 'L', 'N']);
    expect(world.state(0)).toBe('withdrawn');
  });
});

describe('what it costs', () => {
  test('one register every quarter of an hour, each every two hours, none before 09:45 or outside school hours', async () => {
    const am = { opens: 480, starts: 520, closes: 720, ends: 735 };
    await opened({ settings: hillViewWith({ late: { holdSeconds: 0 }, times: { am } }), pupils: 6 });
    // Marks on six school days, so that more than five dates have some. Friday is an INSET day.
    for (const days of [0, 1, 1, 1, 4, 1]) {
      if (days > 0) await until('08:50', days);
      await world.late(world.records.length % 6);
      await world.minutes(3);
    }
    await world.mis.forgetRequests();
    await until('17:00');
    const reads = await earlierReads();
    const times = reads.map((read) => read.slice(-5)).sort();
    expect([times.at(0) ?? '', times.at(-1) ?? ''].map((time) => time >= '09:45' && time < '15:20')).toEqual([
      true,
      true,
    ]);
    expect(reads.length).toBeGreaterThanOrEqual(10);
    expect(reads.length).toBeLessThanOrEqual(22);
    const registers = reads.filter((read) => read.slice(-5) > '12:30').map((read) => read.slice(0, 13));
    const lastFive = ['2026-11-24 AM', '2026-11-25 AM', '2026-11-26 AM', '2026-11-30 AM', '2026-12-01 AM'];
    expect([...new Set(registers)].sort()).toEqual(lastFive);
  });

  test('nothing while marks wait, and nothing where none of ours stands', async () => {
    await opened();
    await until('15:15');
    expect(await earlierReads()).toEqual([]);
    await world.late(0);
    await until('09:50', 1);
    await world.mis.forgetRequests();
    await world.mis.fault({ name: '403', method: 'POST' });
    await world.late(1);
    await until('15:15');
    expect(await earlierReads()).toEqual([]);
  });

  test('boxes that start together, or whose schools open together, do not ask together', () => {
    const minutesOf = (count: number, of: number): ReadonlySet<number> =>
      new Set(
        Array.from({ length: count }, (_, box) =>
          Math.floor((offsetOf(`journal ${String(box)}`) % (of * minute)) / minute),
        ),
      );
    expect(minutesOf(300, 10).size).toBe(10);
    expect(minutesOf(300, 15).size).toBe(15);
  });

  test('the present register is not read at the stroke of opening, when every school opens', async () => {
    await opened({ start: Date.UTC(2026, 10, 23, 7, 0) });
    await until('08:00');
    const { log } = await world.mis.requests();
    const first = log.find(({ path }) => path.includes('attendance/session'))?.at.slice(11, 19);
    const place = (offsetOf(world.box.journal.id) % (10 * minute)) / minute;
    expect(place).toBeGreaterThan(1);
    expect(first?.slice(0, 5)).toBe(`07:${String(30 + Math.ceil(place)).padStart(2, '0')}`);
  });
});

describe('the present register', () => {
  /** Reads of all of it since they were forgotten. */
  const looks = async (): Promise<number> => {
    const { log } = await world.mis.requests();
    return log.filter(({ path }) => path.includes('attendance/session?') && !path.includes('student_id')).length;
  };

  test('is not read once more where marks have just been read back', async () => {
    await opened();
    await until('08:59');
    await world.mis.forgetRequests();
    await world.late(0);
    await world.late(1);
    await until('09:09');
    expect(world.states()).toEqual({ confirmed: 2 });
    expect(await looks()).toBe(2);
  });

  test('is read every twenty minutes while the MIS refuses or comes back: marks go first', async () => {
    await opened();
    await until('08:55');
    await world.mis.fault({ name: '429-bare', times: 1 });
    await world.mis.forgetRequests();
    await world.late(0);
    await until('09:09');
    expect(world.state(0)).toBe('confirmed');
    expect(await looks()).toBe(0);
    await until('09:12');
    expect(await looks()).toBe(1);
    await until('09:32');
    expect(await looks()).toBe(3);
  });
});

test('where the MIS gives no dates, two looks at the present register tell of a change, with looks at earlier ones between', async () => {
  await opened({ sweeps: true });
  await world.late(0);
  await world.late(1);
  await until('08:50', 1);
  const { registers } = world.sender;
  const read = registers.readNow.bind(registers);
  let looks = 0;
  registers.readNow = async (date, session, pupils) => {
    if (date === '2026-11-24' && pupils.length > 1) looks += 1;
    const seen = await read(date, session, pupils);
    if (!seen.ok) return seen;
    const undated = [...seen.value.marks].map(([key, mark]) => [key, mark && { ...mark, changedAt: null }] as const);
    return { ok: true, value: { ...seen.value, marks: new Map(undated) } };
  };
  await world.late(2);
  await until('10:10');
  await world.teacher(2, 'M', 'AM', '2026-11-24');
  looks = 0;
  for (
    let minutes = 0;
    minutes < 60 && world.mark(2, 'AM', '2026-11-24').settled?.why !== 'changed by school';
    minutes += 1
  )
    await world.minutes(1);
  expect(looks).toBe(2);
});
