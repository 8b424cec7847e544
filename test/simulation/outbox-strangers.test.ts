/** An MIS that is not as the reference has it: what it does not tell must not stop the marks. */
import { afterEach, describe, expect, test } from 'vitest';
import type { MisFaultName } from '../../device/demo/mis-control.ts';
import { hillViewWith } from '../unit/hill-view.ts';
import { openWorld } from '../support/outbox-world.ts';
import type { World } from '../support/outbox-world.ts';

let world: World;
afterEach(() => world.stop());
const opened = async (pupils: number): Promise<World> =>
  (world = await openWorld({ settings: hillViewWith({ late: { holdSeconds: 0 } }), pupils }));

const untold: readonly MisFaultName[] = ['400', '500', 'html'];

describe('write-backs that cannot be asked about', () => {
  test.each(untold)('%s: reading back confirms, and later marks are sent too', async (fault) => {
    await opened(6);
    await world.mis.fault({ name: fault, path: '/writebacks', method: 'GET' });
    for (const index of [0, 1, 2]) await world.late(index);
    await world.minutes(3);
    expect(world.states()).toEqual({ confirmed: 3 });
    for (const index of [3, 4, 5]) await world.late(index);
    await world.minutes(3);
    expect(world.states()).toEqual({ confirmed: 6 });
    expect((await world.mis.marks()).map(({ writes }) => writes)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test.each(untold)('%s: a write that was lost is sent again, and holds up nobody', async (fault) => {
    await opened(6);
    await world.mis.fault({ name: fault, path: '/writebacks', method: 'GET' });
    await world.mis.fault({ name: 'reset-before', method: 'POST', times: 1 });
    for (const index of [0, 1, 2]) await world.late(index);
    await world.minutes(2);
    expect(world.states()).toEqual({ unknown: 3 });
    for (const index of [3, 4, 5]) await world.late(index);
    await world.minutes(5);
    expect(world.states()).toEqual({ unknown: 3, confirmed: 3 });
    await world.minutes(40);
    expect(world.states()).toEqual({ confirmed: 6 });
    expect((await world.mis.marks()).map(({ writes }) => writes)).toEqual([1, 1, 1, 1, 1, 1]);
  });
});

test('our L with other minutes beside it is still ours: undone later, a person is asked to clear it', async () => {
  await opened(1);
  await world.mis.setWritebacks({ delay_ms: 1000 });
  const movement = await world.late(0);
  for (let tries = 0; tries < 40 && world.state(0) !== 'accepted'; tries += 1) await world.pass(250, 250);
  expect(world.state(0)).toBe('accepted');
  const at = world.time.clock.mono();
  // As an MIS that rounds minutes: the mark stands with another number before anybody reads it back.
  while ((await world.mis.marks()).length === 0 && world.time.clock.mono() - at < 60_000) await world.pass(100, 100);
  await world.mis.teacher({
    student: world.pupil(0).misId,
    date: '2026-11-23',
    session: 'AM',
    code: 'L',
    minutes_late: 37,
  });
  await world.minutes(5);
  expect(world.state(0)).toBe('confirmed');
  await world.undoByStaff(movement);
  await world.minutes(5);
  expect(world.state(0)).toBe('clear-by-hand');
  expect(world.ledger.sum()).toMatchObject({ recorded: 1, needsPerson: 1 });
});

test('a pupil whom the MIS has not been asked about is never written to; when found, the mark goes', async () => {
  await opened(2);
  const { misId } = world.pupil(0);
  const found = (id: string): void => {
    world.roster = world.roster.map((pupil, index) => (index === 0 ? { ...pupil, misId: id } : pupil));
  };
  found('');
  await world.late(0);
  await world.late(1);
  await world.minutes(10);
  expect(world.states()).toEqual({ waiting: 1, confirmed: 1 });
  expect(await world.posts()).toHaveLength(1);
  found(misId);
  await world.minutes(3);
  expect(world.states()).toEqual({ confirmed: 2 });
});

test('a pupil whom the MIS does not know goes to a person, without a write', async () => {
  await opened(2);
  world.roster = world.roster.map((pupil, index) => (index === 0 ? { ...pupil, misId: '' } : pupil));
  world.unmatched = new Set([world.pupil(0).key]);
  await world.late(0);
  await world.late(1);
  await world.minutes(3);
  expect(world.states()).toEqual({ rejected: 1, confirmed: 1 });
  expect((await world.posts()).map(({ rows }) => rows)).toEqual([1]);
});
