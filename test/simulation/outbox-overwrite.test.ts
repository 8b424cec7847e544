/** What stands in the MIS is never overwritten where it may not be (product.md 4, durability.md 21 and 22). */
import { afterEach, describe, expect, test } from 'vitest';
import type { Settings } from '../../device/domain/settings.ts';
import { bus, hillView, hillViewWith } from '../unit/hill-view.ts';
import { monday, mondayMorning, openWorld } from '../support/outbox-world.ts';
import type { World, WorldOptions } from '../support/outbox-world.ts';

let world: World;
afterEach(() => world.stop());
const opened = async (options?: WorldOptions): Promise<World> => (world = await openWorld(options));

type Result = 'written' | 'theirs' | 'kept' | 'conflict' | 'urgent';
const afterClose = mondayMorning + 30 * 60_000;

/** What stands, and what becomes of an arrival: open and / \ may be replaced, open and they may not, after close (wants U). */
const table: readonly (readonly [string | null, Result, Result, Result])[] = [
  [null, 'written', 'written', 'written'],
  ['-', 'written', 'written', 'written'],
  ['N', 'written', 'written', 'written'],
  ['/', 'written', 'conflict', 'conflict'],
  ['\\', 'written', 'conflict', 'conflict'],
  ['L', 'theirs', 'theirs', 'theirs'],
  ['U', 'conflict', 'conflict', 'theirs'],
  // Never, whatever else applies.
  ['E', 'urgent', 'urgent', 'urgent'],
  ['X', 'conflict', 'conflict', 'conflict'],
  ['C', 'conflict', 'conflict', 'conflict'],
  ['C2', 'conflict', 'conflict', 'conflict'],
  ['D', 'conflict', 'conflict', 'conflict'],
  ['B', 'conflict', 'conflict', 'conflict'],
  ['V', 'conflict', 'conflict', 'conflict'],
  // Absences: an arrival after close leaves them, and says so.
  ...['M', 'I', 'O', 'G', 'R', 'S', 'T', 'C1', 'J1', 'Q', 'Y1', 'Y2', 'Y3', 'Y4', 'Y5', 'Y6', 'Y7'].map(
    (code) => [code, 'conflict', 'conflict', 'kept'] as const,
  ),
  // Somewhere else, or not a mark of a day: for a person.
  ...['P', 'W', 'K', 'Z', '#'].map((code) => [code, 'conflict', 'conflict', 'conflict'] as const),
];

const schools: readonly (readonly [string, Partial<Settings['late']>, number, 'L' | 'U'])[] = [
  ['the register open, / and \\ may be replaced', { replacePresent: true }, mondayMorning, 'L'],
  ['the register open, / and \\ stay', { replacePresent: false }, mondayMorning, 'L'],
  ['the register closed, the reason’s code is written', { replacePresent: true, afterClose: 'code' }, afterClose, 'U'],
];

describe('what stands and what the pupil gets', () => {
  test.each(schools)('%s', async (school, late, start, ours) => {
    const settings: Settings = {
      ...hillView,
      late: { ...hillView.late, ...late },
      lateReasons: [{ ...bus, afterClose: 'U' }],
    };
    await opened({ start, settings, pupils: table.length, sweeps: false });
    for (const [index, [standing]] of table.entries()) if (standing !== null) await world.teacher(index, standing);
    for (const index of table.keys()) await world.late(index);
    await world.minutes(3);

    const marks = new Map((await world.mis.marks()).map((mark) => [mark.upi, mark]));
    const column = schools.findIndex(([name]) => name === school);
    const got = table.map(([standing], index): readonly [string | null, string] => {
      const { settled, ours: known } = world.mark(index);
      const there = marks.get(world.pupil(index).key);
      const state = `${settled?.state ?? '-'} ${settled?.why ?? ''}`.trim();
      if (there?.code === ours && there.writes === 1 && state === 'confirmed') return [standing, 'written'];
      if (there?.writes !== 0 || there.code !== standing || known !== null) return [standing, `touched: ${state}`];
      if (state === 'confirmed not ours') return [standing, 'theirs'];
      if (state === 'confirmed theirs kept') return [standing, 'kept'];
      return [standing, state !== 'conflict' ? state : standing === 'E' ? 'urgent' : 'conflict'];
    });
    expect(got).toEqual(table.map((row) => [row[0], row[column + 1]]));
    const kept = table.filter((row) => row[column + 1] === 'kept').length;
    expect([...world.notes()].sort()).toEqual(['conflict (urgent)', ...Array<string>(kept).fill('kept-theirs')]);
    expect((await world.posts()).length).toBe(1);
  });

  test('the code is that of the event, however late it is sent', async () => {
    await opened();
    await world.mis.offline();
    await world.late(0);
    await world.minutes(5 * 60, 60_000);
    await world.mis.online();
    await world.teacher(0, '/');
    await world.minutes(90, 5_000);
    expect(await world.standing(0)).toMatchObject({ code: 'L', minutes_late: 10, writes: 1 });
  });
});

describe('a teacher who marks the pupil', () => {
  test('before the box reads: the tray, and nothing is written', async () => {
    await opened();
    await world.late(0);
    await world.teacher(0, 'M');
    await world.minutes(2);
    expect(world.state(0)).toBe('conflict');
    expect(world.mark(0).settled?.seen).toBe('M');
    expect((await world.requests()).post).toBe(0);
  });

  test('while a slow disk holds up the write: read again, as what was read is too old', async () => {
    await opened();
    await world.late(0);
    let slow = true;
    world.beforeCommit = async (bodies) => {
      if (!slow || !bodies.some(({ type }) => type === 'sending')) return;
      slow = false;
      world.time.pass(55_000);
      await world.teacher(0, 'M');
    };
    await world.minutes(3);
    expect(slow).toBe(false);
    expect(world.state(0)).toBe('conflict');
    expect((await world.posts()).length).toBe(0);
  });

  test('what a teacher wrote while the line was away for seconds stands: a register is read anew by each round that sends', async () => {
    await opened({ pupils: 4, settings: hillViewWith({ late: { holdSeconds: 0 } }) });
    await world.late(0);
    await world.late(1);
    await world.pass(7_000);
    await world.mis.offline();
    for (const pupil of [2, 3]) {
      await world.late(pupil);
      await world.teacher(pupil, 'C');
    }
    await world.mis.online();
    await world.minutes(2);
    expect(world.states()).toEqual({ confirmed: 2, conflict: 2 });
    expect((await world.mis.marks()).filter(({ code }) => code === 'C')).toHaveLength(2);
  });

  test('while a slow line takes over a minute for a whole register: pupils are read alone, each just before its write', async () => {
    await opened({ pupils: 4 });
    await world.mis.takeRegister({ date: monday, session: 'AM' });
    for (const index of world.roster.keys()) await world.teacher(index, null);
    // Twelve hundred pupils, two hundred a page.
    await world.mis.fault({ name: 'slow', ms: 9_000 });
    for (const index of world.roster.keys()) await world.late(index);
    await world.minutes(15);
    expect(world.states()).toEqual({ confirmed: 4 });
    expect((await world.posts()).map(({ rows }) => rows)).toEqual([1, 1, 1, 1]);
  });

  test('while the write is on its way: ours goes over it, a person hears of it and puts it back', async () => {
    await opened({ delayMs: 60_000 });
    await world.late(0);
    await world.pass(66_000);
    expect(world.state(0)).toBe('accepted');
    await world.teacher(0, 'M');
    await world.minutes(3);
    expect(await world.codeIn(0)).toBe('L');
    expect(world.state(0)).toBe('conflict');
    expect(world.mark(0).settled).toMatchObject({ seen: 'M', why: 'M was set meanwhile, and our L went over it.' });
    await world.settle(world.key(0), { kind: 'keep-theirs' });
    expect(world.state(0)).toBe('clear-by-hand');
    await world.teacher(0, 'M');
    await world.settle(world.key(0), { kind: 'cleared' });
    expect(world.state(0)).toBe('withdrawn');
    expect((await world.posts()).length).toBe(1);
  });

  test('while the write is on its way, and the MIS shows theirs for minutes after: it is not taken for a later change', async () => {
    await opened({ delayMs: 120_000 });
    await world.teacher(0, 'N');
    await world.minutes(4);
    await world.late(0);
    await world.pass(66_000);
    await world.teacher(0, 'M');
    await world.pass(20_000);
    await world.mis.fault({ name: 'stale-read', ms: 200_000 });
    await world.minutes(4);
    expect(await world.codeIn(0)).toBe('L');
    expect(world.state(0)).toBe('accepted');
    await world.minutes(4);
    expect(world.state(0)).toBe('conflict');
    expect(world.mark(0).settled?.seen).toBe('M');
  });

  test('or a person keeps ours: confirmed, without another write', async () => {
    await opened({ delayMs: 60_000 });
    await world.late(0);
    await world.pass(66_000);
    await world.teacher(0, 'M');
    await world.minutes(3);
    await world.settle(world.key(0), { kind: 'write', code: 'L', minutes: 10, seen: 'M' });
    await world.minutes(3);
    expect(world.state(0)).toBe('confirmed');
    expect((await world.posts()).length).toBe(1);
  });

  test('with / that may be replaced while the write is on its way: nothing to say', async () => {
    await opened({ delayMs: 60_000 });
    await world.late(0);
    await world.pass(66_000);
    await world.teacher(0, '/');
    await world.minutes(3);
    expect(world.state(0)).toBe('confirmed');
  });

  test('after ours was written and before it is read back: changed by school, not fought', async () => {
    await opened({ delayMs: 0 });
    await world.late(0);
    let taught = false;
    world.beforeCommit = async (bodies) => {
      if (taught || !bodies.some((body) => body.type === 'report' && body.rows[0]?.event === 'queued')) return;
      taught = true;
      await world.teacher(0, 'M');
    };
    await world.minutes(4);
    expect(taught).toBe(true);
    expect(world.state(0)).toBe('confirmed');
    expect(world.mark(0).settled).toMatchObject({ seen: 'M', why: 'changed by school' });
    expect(await world.codeIn(0)).toBe('M');
    expect((await world.posts()).length).toBe(1);
  });

  test('after it was confirmed: changed by school, seen within ten minutes, not fought', async () => {
    await opened();
    await world.late(0);
    await world.minutes(2);
    expect(world.state(0)).toBe('confirmed');
    await world.teacher(0, 'M');
    await world.minutes(11);
    expect(world.mark(0).settled).toMatchObject({ state: 'confirmed', seen: 'M', why: 'changed by school' });
    expect(world.mark(0).ours).toBeNull();
    await world.minutes(60);
    expect(await world.codeIn(0)).toBe('M');
    expect((await world.posts()).length).toBe(1);
  });

  test('and clears ours: believed at the second look, as a stale read looks the same', async () => {
    await opened();
    await world.late(0);
    await world.minutes(2);
    await world.mis.clearMark({ student: world.pupil(0).misId, date: '2026-11-23', session: 'AM' });
    await world.minutes(11);
    expect(world.mark(0).settled?.why).toBeNull();
    await world.minutes(11);
    expect(world.mark(0).settled?.why).toBe('changed by school');
  });
});

describe('the conflict tray', () => {
  const inTray = async (standing: string): Promise<void> => {
    await opened();
    await world.teacher(0, standing);
    await world.late(0);
    await world.minutes(2);
    expect(world.state(0)).toBe('conflict');
  };

  test('keep theirs: ours is withdrawn, nothing is written', async () => {
    await inTray('M');
    await world.settle(world.key(0), { kind: 'keep-theirs' });
    expect(world.state(0)).toBe('withdrawn');
    await world.minutes(5);
    expect(await world.standing(0)).toMatchObject({ code: 'M', writes: 0 });
  });

  test.each(['M', 'E', '#'])('use ours over %s: written, confirmed', async (standing) => {
    await inTray(standing);
    await world.settle(world.key(0), { kind: 'write', code: 'L', minutes: 10, seen: standing });
    await world.minutes(3);
    expect(world.state(0)).toBe('confirmed');
    expect(await world.standing(0)).toMatchObject({ code: 'L', minutes_late: 10, writes: 1 });
  });

  test('use ours, but it changed again: back to the tray with what stands now', async () => {
    await inTray('M');
    await world.settle(world.key(0), { kind: 'write', code: 'L', minutes: 10, seen: 'M' });
    await world.teacher(0, 'I');
    await world.minutes(3);
    expect(world.state(0)).toBe('conflict');
    expect(world.mark(0).settled?.seen).toBe('I');
    await world.settle(world.key(0), { kind: 'write', code: 'L', minutes: 10, seen: 'I' });
    await world.minutes(3);
    expect(world.state(0)).toBe('confirmed');
    expect(await world.codeIn(0)).toBe('L');
  });

  test('use ours, undone later: what we went over is for a person to put back', async () => {
    await opened();
    await world.teacher(0, 'M');
    const movement = await world.late(0);
    await world.minutes(2);
    await world.settle(world.key(0), { kind: 'write', code: 'L', minutes: 10, seen: 'M' });
    await world.minutes(3);
    await world.undoByStaff(movement);
    expect(world.state(0)).toBe('clear-by-hand');
  });

  test('a word on one arrival does not speak for the next', async () => {
    await opened();
    await world.teacher(0, 'M');
    const movement = await world.late(0);
    await world.minutes(2);
    await world.settle(world.key(0), { kind: 'keep-theirs' });
    await world.undoByStaff(movement);
    await world.late(0);
    await world.minutes(3);
    expect(world.state(0)).toBe('conflict');
  });
});

describe('a proposal', () => {
  const proposed = async (): Promise<void> => {
    await opened({ start: afterClose });
    await world.late(0);
    expect(world.state(0)).toBe('proposed');
  };

  test('is nobody’s but a person’s: nothing is read or written for it', async () => {
    await proposed();
    await world.mis.forgetRequests();
    await world.minutes(9);
    expect((await world.requests()).post).toBe(0);
    expect(world.state(0)).toBe('proposed');
  });

  test('decided: the chosen code is written by the usual rules', async () => {
    await proposed();
    await world.teacher(0, 'N');
    await world.settle(world.key(0), { kind: 'write', code: 'U', minutes: 40, seen: null });
    await world.minutes(3);
    expect(world.state(0)).toBe('confirmed');
    expect(await world.standing(0)).toMatchObject({ code: 'U', minutes_late: 40, writes: 1 });
  });

  test('decided as what stands there already: theirs', async () => {
    await proposed();
    await world.teacher(0, 'C');
    await world.settle(world.key(0), { kind: 'write', code: 'C', minutes: null, seen: null });
    await world.minutes(3);
    expect(world.mark(0).settled).toMatchObject({ state: 'confirmed', why: 'not ours' });
  });

  test('decided, but something else stands: theirs is kept or the tray, as for any arrival', async () => {
    await proposed();
    await world.teacher(0, 'V');
    await world.settle(world.key(0), { kind: 'write', code: 'U', minutes: 40, seen: null });
    await world.minutes(3);
    expect(world.state(0)).toBe('conflict');
  });
});
