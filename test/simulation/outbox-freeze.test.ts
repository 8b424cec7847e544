/** Where pupils' numbers may mean others now, nothing goes out; sign-ins go on (mis.md 10, rows 36 and 37). */
import { afterEach, describe, expect, test } from 'vitest';
import { freezing } from '../../device/mis/freeze.ts';
import { openWorld } from '../support/outbox-world.ts';
import type { World, WorldOptions } from '../support/outbox-world.ts';

let world: World;
afterEach(() => world.stop());
const opened = async (options?: WorldOptions): Promise<World> => (world = await openWorld(options));
const by = { by: 'Ms Green' };
const thaw = () => world.box.staff.thaw(world.box.command(by), by);

describe('a frozen outbox', () => {
  test('sends and asks nothing, takes sign-ins, and goes on when a person says so', async () => {
    await opened();
    expect(await world.box.staff.freeze(world.box.command(by), by)).toMatchObject({ ok: true });
    await world.late(0);
    await world.minutes(10);
    expect(world.state(0)).toBe('waiting');
    expect((await world.requests()).all).toBe(0);
    expect(await thaw()).toMatchObject({ ok: true });
    await world.minutes(2);
    expect(world.state(0)).toBe('confirmed');
  });

  test('stays so over a restart; what was on its way is read back only afterwards', async () => {
    await opened({ delayMs: 60_000 });
    await world.late(0);
    await world.pass(66_000);
    expect(world.state(0)).toBe('accepted');
    await world.box.desk.commit(freezing('mis-changed'));
    await world.restart();
    await world.mis.forgetRequests();
    await world.minutes(20);
    expect(world.state(0)).toBe('accepted');
    expect((await world.requests()).all).toBe(0);
    expect(world.notes()).toEqual(['outbox-frozen']);
    await thaw();
    expect(world.notes()).toEqual([]);
    await world.minutes(3);
    expect(world.state(0)).toBe('confirmed');
    expect((await world.posts()).length).toBe(0);
  });

  test('is not thawed while a roster waits for somebody, nor when it is not frozen', async () => {
    await opened();
    expect(await thaw()).toMatchObject({ ok: false, error: { code: 'wrong_state' } });
    await world.box.desk.commit([
      ...freezing('mis-changed'),
      { type: 'note', v: 1, kind: 'roster-held', urgent: false, visit: null, pupil: null, detail: null },
    ]);
    expect(await thaw()).toMatchObject({ ok: false, error: { code: 'wrong_state' } });
  });
});

test('the MIS names itself otherwise than yesterday: frozen before anything is written', async () => {
  await opened();
  await world.late(0);
  await world.minutes(2);
  expect(world.table.data.mis).not.toBeNull();
  await world.table.write({ ...world.table.data, mis: 'Another MIS' });
  await world.restart();
  await world.late(1);
  await world.minutes(5);
  expect([world.state(1), (await world.posts()).length]).toEqual(['waiting', 1]);
  expect(world.ledger.frozen?.why).toBe('mis-changed');
  await thaw();
  await world.minutes(2);
  expect(world.state(1)).toBe('confirmed');
});

describe('the first of September', () => {
  const start = Date.parse('2026-09-01T07:50:00Z'); // 08:50 at the school
  test('nothing is sent before the pupils have been read in the new school year', async () => {
    await opened({ start });
    world.pulledAt = Date.parse('2026-08-31T22:59:00Z');
    await world.late(0);
    await world.minutes(5);
    expect([world.state(0, 'AM', '2026-09-01'), (await world.requests()).post]).toEqual(['waiting', 0]);
    world.pulledAt = Date.parse('2026-08-31T23:00:00Z');
    await world.minutes(2);
    expect(world.state(0, 'AM', '2026-09-01')).toBe('confirmed');
  });

  test('nor before its codes have', async () => {
    await opened({ start });
    await world.table.write({ ...world.table.data, codesYear: 2025 });
    const codes = async (): Promise<number> => (await world.mis.requests()).counts['GET attendance-codes'] ?? 0;
    await world.late(0);
    await world.minutes(2);
    expect(world.state(0, 'AM', '2026-09-01')).toBe('confirmed');
    expect(world.table.data.codesYear).toBe(2026);
    expect(await codes()).toBeGreaterThan(0);
  });
});
