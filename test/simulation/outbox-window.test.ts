/**
 * A teacher's mark at awkward moments: between our read and the MIS's writing, or the same code over ours. As much is noticed as
 * the MIS tells (durability.md 21 and 22).
 */
import { afterEach, describe, expect, test } from 'vitest';
import { monday, openWorld } from '../support/outbox-world.ts';
import type { World, WorldOptions } from '../support/outbox-world.ts';

let world: World;
afterEach(() => world.stop());
const opened = async (options?: WorldOptions): Promise<World> =>
  (world = await openWorld({ delayMs: 2_000, ...options }));

/** The box has seen once how this MIS dates a mark that it wrote for us. */
const another = async (): Promise<void> => {
  await world.late(9);
  await world.minutes(3);
  expect(world.state(9)).toBe('confirmed');
};
/** Just after the write has left, and before the MIS has applied it or anybody looks. */
const taughtMeanwhile = async (index: number, code: string | null): Promise<void> => {
  let taught = false;
  world.beforeCommit = async (bodies) => {
    if (taught || !bodies.some((body) => body.type === 'report' && body.rows[0]?.event === 'queued')) return;
    taught = true;
    await world.teacher(index, code);
  };
  await world.minutes(4);
  expect(taught).toBe(true);
};

describe('made after our read, and written over before anybody saw it', () => {
  test('where no mark stood: the tray, since the MIS has had a mark for longer than ours', async () => {
    await opened();
    await another();
    await world.late(0);
    await taughtMeanwhile(0, 'M');
    expect(await world.codeIn(0)).toBe('L');
    expect(world.state(0)).toBe('conflict');
    expect(world.mark(0).settled).toMatchObject({ seen: '?' });
    expect(world.mark(0).settled?.why).toMatch(/made there while ours was on its way, and our L went over it/);
    // Keep theirs: nobody knows what it was, so a person puts it back.
    await world.settle(world.key(0), { kind: 'keep-theirs' });
    expect(world.state(0)).toBe('clear-by-hand');
    expect(await world.posts()).toHaveLength(2);
  });

  test('and staff keep ours: confirmed, without another write', async () => {
    await opened();
    await another();
    await world.late(0);
    await taughtMeanwhile(0, 'M');
    await world.settle(world.key(0), { kind: 'write', code: 'L', minutes: 13, seen: '?' });
    await world.minutes(3);
    expect(world.state(0)).toBe('confirmed');
    expect(await world.posts()).toHaveLength(2);
  });

  test('one that a teacher had made and cleared long before is nothing to say', async () => {
    await opened();
    await another();
    await world.teacher(0, 'M');
    await world.teacher(0, null);
    await world.minutes(4);
    await world.late(0);
    await world.minutes(3);
    expect(world.state(0)).toBe('confirmed');
    expect(world.mark(0).settled?.why).toBeNull();
  });

  test('an MIS that dates each mark otherwise is not believed in this: confirmed, and not every mark in the tray', async () => {
    await opened();
    await world.late(0);
    await taughtMeanwhile(0, 'N');
    expect(world.state(0)).toBe('confirmed');
    expect(world.table.data.datesMarks).toBe(false);
  });

  test('where N stood the MIS tells nothing of it: the window that is left', async () => {
    await opened();
    await another();
    await world.teacher(0, 'N');
    await world.late(0);
    await taughtMeanwhile(0, 'M');
    expect(await world.codeIn(0)).toBe('L');
    expect(world.state(0)).toBe('confirmed');
  });
});

describe('the same code over ours', () => {
  const overOurs = async (options: WorldOptions & { readonly before?: string } = {}): Promise<string> => {
    await opened(options);
    if (options.before !== undefined) await world.teacher(0, options.before);
    const movement = await world.late(0);
    await world.minutes(2);
    expect(world.state(0)).toBe('confirmed');
    await world.teacher(0, 'L');
    return movement;
  };

  test('seen by the sweep: still confirmed; undone later, a person is asked, and theirs is not cleared', async () => {
    const movement = await overOurs({ before: 'N' });
    await world.minutes(11);
    expect(world.mark(0).settled).toMatchObject({ state: 'confirmed', seen: 'L', why: 'changed by school' });
    await world.minutes(30);
    await world.undoByStaff(movement);
    await world.minutes(3);
    expect(world.state(0)).toBe('clear-by-hand');
    expect((await world.standing(0))?.history.map(({ code }) => code)).toEqual(['N', 'L', 'L']);
  });

  test('seen by the read before an undo is written: the same', async () => {
    const movement = await overOurs({ before: 'N', sweeps: false });
    await world.undoByStaff(movement);
    expect(world.state(0)).toBe('waiting');
    await world.minutes(3);
    expect(world.state(0)).toBe('clear-by-hand');
    expect(await world.codeIn(0)).toBe('L');
    expect(await world.posts()).toHaveLength(1);
  });

  test('seen by the read before a correction is written: theirs stays, as where they were first', async () => {
    const movement = await overOurs({ sweeps: false });
    await world.change(movement, { time: '08:45' });
    await world.minutes(3);
    expect(world.mark(0).settled).toMatchObject({ state: 'confirmed', why: 'not ours' });
    expect(await world.posts()).toHaveLength(1);
  });

  test('and with other minutes than the corrected ones: the tray', async () => {
    const movement = await overOurs({ sweeps: false });
    const student = world.pupil(0).misId;
    await world.mis.teacher({ student, date: monday, session: 'AM', code: 'L', minutes_late: 12 });
    await world.change(movement, { time: '08:45' });
    await world.minutes(3);
    expect(world.state(0)).toBe('conflict');
    await world.settle(world.key(0), { kind: 'write', code: 'L', minutes: 5, seen: 'L' });
    await world.minutes(3);
    expect(world.state(0)).toBe('confirmed');
    expect(await world.standing(0)).toMatchObject({ code: 'L', minutes_late: 5, writes: 2 });
  });

  test('by an MIS that tells neither when nor who: it counts as ours', async () => {
    const movement = await overOurs({ before: 'N', sweeps: false });
    await world.mis.fault('undated');
    await world.undoByStaff(movement);
    await world.minutes(3);
    expect(world.state(0)).toBe('withdrawn');
    expect(await world.codeIn(0)).toBe('N');
  });

  test('which was ours, applied once more by the MIS: still ours, and N goes back', async () => {
    await opened();
    await world.teacher(0, 'N');
    await world.mis.fault({ name: 'duplicates', ms: 90_000, times: 1 });
    const movement = await world.late(0);
    await world.minutes(15);
    expect((await world.standing(0))?.writes).toBe(2);
    expect(world.mark(0).settled?.why).toBeNull();
    await world.undoByStaff(movement);
    await world.minutes(3);
    expect(world.state(0)).toBe('withdrawn');
    expect(await world.codeIn(0)).toBe('N');
  });

  test('signed by a teacher while our write got no answer and never arrived: theirs, never undone by us', async () => {
    await opened();
    await world.mis.fault({ name: 'reset-before', method: 'POST', times: 1 });
    const movement = await world.late(0);
    await world.minutes(2);
    expect(world.state(0)).toBe('unknown');
    await world.teacher(0, 'L');
    await world.minutes(20);
    expect(world.mark(0).settled).toMatchObject({ state: 'confirmed', why: 'not ours' });
    await world.undoByStaff(movement);
    await world.minutes(3);
    expect(world.state(0)).toBe('withdrawn');
    expect(await world.codeIn(0)).toBe('L');
  });
});

test('after a restart the journal still knows which of two marks is the older: a stale read changes nothing', async () => {
  await opened();
  await world.teacher(0, 'N');
  await world.minutes(1);
  await world.late(0);
  await world.minutes(3);
  expect(world.state(0)).toBe('confirmed');
  await world.restart();
  await world.mis.fault({ name: 'stale-read', ms: 4 * 60_000, for_ms: 25 * 60_000 });
  world.time.pass(30_000);
  await world.pass(2_000);
  expect(world.sender.registers.lastCode(world.pupil(0).key, monday, 'AM')).toBe('N');
  await world.minutes(24);
  expect(world.mark(0).settled?.why).toBeNull();
  await world.teacher(0, 'M');
  await world.minutes(20);
  expect(world.mark(0).settled).toMatchObject({ seen: 'M', why: 'changed by school' });
});

describe('a pupil who gets another number in the MIS after the mark was confirmed', () => {
  const renumbered = async (before?: string): Promise<string> => {
    await opened();
    if (before !== undefined) await world.teacher(0, before);
    const movement = await world.late(0);
    await world.minutes(2);
    const old = world.pupil(0).misId;
    const { id } = await world.mis.pupil({ action: 're-enrol', student: old });
    world.roster = world.roster.map((pupil) => (pupil.misId === old ? { ...pupil, misId: id } : pupil));
    return movement;
  };

  test('a correction is written under the new number', async () => {
    const movement = await renumbered();
    await world.change(movement, { time: '08:45' });
    await world.minutes(3);
    expect(world.state(0)).toBe('confirmed');
    expect(await world.standing(0)).toMatchObject({
      student_id: world.pupil(0).misId,
      code: 'L',
      minutes_late: 5,
      writes: 2,
    });
  });

  test('an undo puts back what stood before, under the new number', async () => {
    const movement = await renumbered('N');
    await world.undoByStaff(movement);
    await world.minutes(3);
    expect(world.state(0)).toBe('withdrawn');
    expect((await world.standing(0))?.history.map(({ code }) => code)).toEqual(['N', 'L', 'N']);
    expect((await world.posts()).map(({ status }) => status)).toEqual([200, 200]);
  });

  test('and a change by a teacher under the new number is seen', async () => {
    await renumbered();
    await world.teacher(0, 'M');
    await world.minutes(11);
    expect(world.mark(0).settled).toMatchObject({ seen: 'M', why: 'changed by school' });
  });
});
