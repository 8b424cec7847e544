/** What staff correct after the mark was confirmed: written again if it is still ours, and only then (durability.md 22). */
import { afterEach, describe, expect, test } from 'vitest';
import { mondayMorning, openWorld } from '../support/outbox-world.ts';
import type { World, WorldOptions } from '../support/outbox-world.ts';

let world: World;
afterEach(() => world.stop());
const opened = async (options?: WorldOptions): Promise<World> => (world = await openWorld(options));
const history = async (index = 0) =>
  (await world.standing(index))?.history.map(({ code, minutes_late }) => `${code ?? '-'} ${String(minutes_late)}`);

describe('another time, after the mark was confirmed', () => {
  test('other minutes: written over ours, once', async () => {
    await opened();
    const movement = await world.late(0);
    await world.minutes(2);
    await world.change(movement, { time: '08:45' });
    await world.minutes(3);
    expect(world.state(0)).toBe('confirmed');
    expect(await world.standing(0)).toMatchObject({ code: 'L', minutes_late: 5, writes: 2 });
    await world.minutes(30);
    expect((await world.posts()).length).toBe(2);
  });

  test('before the register opened: what stood before goes back, N', async () => {
    await opened();
    await world.teacher(0, 'N');
    const movement = await world.late(0);
    await world.minutes(2);
    await world.change(movement, { time: '08:30' });
    await world.minutes(3);
    expect(world.state(0)).toBe('withdrawn');
    expect(await world.codeIn(0)).toBe('N');
  });

  test('before the register opened, where no mark stood: a person clears it', async () => {
    await opened();
    const movement = await world.late(0);
    await world.minutes(2);
    await world.change(movement, { time: '08:30' });
    await world.minutes(3);
    expect(world.state(0)).toBe('clear-by-hand');
    expect((await world.posts()).length).toBe(1);
  });

  test.each(['M', '/', 'N'])(
    'but a teacher has made it %s since: a person decides, nothing is written',
    async (code) => {
      await opened({ start: mondayMorning });
      const movement = await world.late(0);
      await world.minutes(2);
      await world.teacher(0, code);
      await world.minutes(25);
      expect(world.mark(0).settled).toMatchObject({ state: 'confirmed', why: 'changed by school' });
      await world.change(movement, { time: '08:45' });
      await world.minutes(3);
      expect(world.state(0)).toBe('conflict');
      expect((await world.posts()).length).toBe(1);
      // Use ours: over what the person saw, and nothing else.
      await world.settle(world.key(0), { kind: 'write', code: 'L', minutes: 5, seen: code });
      await world.minutes(3);
      expect(world.state(0)).toBe('confirmed');
      expect(await world.standing(0)).toMatchObject({ code: 'L', minutes_late: 5 });
    },
  );

  test('use ours goes back to the tray when it has changed again meanwhile', async () => {
    await opened();
    await world.teacher(0, 'M');
    await world.late(0);
    await world.minutes(2);
    await world.settle(world.key(0), { kind: 'write', code: 'L', minutes: 10, seen: 'M' });
    await world.teacher(0, 'I');
    await world.minutes(2);
    expect(world.state(0)).toBe('conflict');
    expect(world.mark(0).settled?.seen).toBe('I');
    expect((await world.posts()).length).toBe(0);
  });

  test('found already as wanted and so never ours: never put back', async () => {
    await opened();
    await world.teacher(0, 'L');
    const movement = await world.late(0);
    await world.minutes(2);
    await world.undoByStaff(movement);
    await world.minutes(3);
    expect(world.state(0)).toBe('withdrawn');
    expect((await world.posts()).length).toBe(0);
  });

  test('while the first is on its way: it lands, then the corrected one goes', async () => {
    await opened({ delayMs: 60_000 });
    const movement = await world.late(0);
    await world.pass(66_000);
    expect(world.state(0)).toBe('accepted');
    await world.change(movement, { time: '08:45' });
    await world.minutes(8);
    expect(world.state(0)).toBe('confirmed');
    expect(await history()).toEqual(['L 10', 'L 5']);
  });
});

test('another reason, after the mark was confirmed: the comment is put right, the rest stays', async () => {
  await opened();
  const movement = await world.late(0);
  await world.minutes(2);
  expect((await world.standing(0))?.comment).toBe('Pupil said: Bus. Porter 1-000002');
  await world.change(movement, { reason: 'tell-staff' });
  await world.minutes(3);
  expect(world.state(0)).toBe('confirmed');
  expect(await world.standing(0)).toMatchObject({ code: 'L', minutes_late: 10, comment: null, writes: 2 });
});

test('withdrawn from the tray: theirs stays, ours is wanted no more', async () => {
  await opened();
  await world.teacher(0, 'M');
  await world.late(0);
  await world.minutes(2);
  await world.settle(world.key(0), { kind: 'withdraw' });
  expect(world.state(0)).toBe('withdrawn');
  await world.minutes(5);
  expect([await world.codeIn(0), (await world.posts()).length]).toEqual(['M', 0]);
});

test('staff make it a proposal while the sender reads: what it read settles nothing', async () => {
  await opened({ start: mondayMorning + 19 * 60_000 });
  const movement = await world.late(0);
  await world.teacher(0, 'L');
  await world.pass(59_000);
  const { registers } = world.sender;
  const read = registers.readNow.bind(registers);
  let times = 0;
  registers.readNow = async (...args) => {
    times += 1;
    if (times > 1) return read(...args);
    const answer = await read(...args);
    world.time.pass(3 * 60_000);
    await world.change(movement, { time: '09:11' });
    return answer;
  };
  await world.minutes(5);
  expect(times).toBeGreaterThan(0);
  expect(world.state(0)).toBe('proposed');
});
