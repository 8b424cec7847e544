/** Sent, and no answer: nothing is lost, nothing is written twice (durability.md 20). */
import { afterEach, describe, expect, test } from 'vitest';
import type { MisFault, MisFaultName } from '../../device/demo/mis-control.ts';
import { hillViewWith } from '../unit/hill-view.ts';
import { openWorld } from '../support/outbox-world.ts';
import type { World, WorldOptions } from '../support/outbox-world.ts';

let world: World;
afterEach(() => world.stop());
const settings = hillViewWith({ late: { holdSeconds: 0 } });
const opened = async (options: WorldOptions = {}): Promise<World> =>
  (world = await openWorld({ settings, pupils: 3, sweeps: false, ...options }));

const everybodyLate = async (): Promise<void> => {
  for (const index of world.roster.keys()) await world.late(index);
};
const oncePerPupil = async (): Promise<void> => {
  expect(world.states()).toEqual({ confirmed: 3 });
  expect((await world.mis.marks()).map(({ code, writes }) => `${code ?? ''} ${String(writes)}`)).toEqual(
    Array(3).fill('L 1'),
  );
};
/** Until the MIS has had so many writes. */
const untilPosts = async (count: number): Promise<void> => {
  while ((await world.posts()).length < count) await world.pass(500);
};
const hangs = (stored: boolean): MisFault => ({ name: 'hang', method: 'POST', times: 1, stored });

describe('SIGKILL between the sending and the answer', () => {
  const killedWhileItHangs = async (stored: boolean): Promise<void> => {
    await opened();
    await world.mis.fault(hangs(stored));
    await everybodyLate();
    await world.pass(8_000);
    expect(world.states()).toEqual({ sending: 3 });
    await world.restart();
    expect(world.states()).toEqual({ unknown: 3 });
  };

  test('the MIS had stored it: read back and confirmed at once', async () => {
    await killedWhileItHangs(true);
    await world.pass(10_000);
    await oncePerPupil();
    expect((await world.posts()).length).toBe(1);
  });

  test('the MIS had not: sent again after a quarter of an hour, and not before', async () => {
    await killedWhileItHangs(false);
    await world.minutes(14);
    expect((await world.posts()).length).toBe(1);
    expect(world.states()).toEqual({ unknown: 3 });
    await world.minutes(4);
    expect((await world.posts()).length).toBe(2);
    await oncePerPupil();
  });

  test('killed again and again meanwhile: still once', async () => {
    await killedWhileItHangs(false);
    for (let restarts = 0; restarts < 4; restarts += 1) {
      await world.minutes(10);
      await world.restart();
    }
    await world.minutes(20);
    expect((await world.posts()).length).toBe(2);
    await oncePerPupil();
  });

  test('undone meanwhile, and it turns out to stand: put back where it can be', async () => {
    await opened();
    await world.teacher(0, 'N');
    await world.mis.fault(hangs(true));
    const movement = await world.late(0);
    await world.pass(8_000);
    await world.restart();
    await world.undoByStaff(movement);
    expect(world.state(0)).toBe('unknown');
    await world.minutes(3);
    expect(world.state(0)).toBe('withdrawn');
    expect((await world.standing(0))?.history.map(({ code }) => code)).toEqual(['N', 'L', 'N']);
  });

  test('undone meanwhile, and it never arrived: nothing more is sent', async () => {
    await opened();
    await world.mis.fault(hangs(false));
    const movement = await world.late(0);
    await world.pass(8_000);
    await world.restart();
    await world.undoByStaff(movement);
    await world.minutes(20);
    expect(world.state(0)).toBe('withdrawn');
    expect(await world.standing(0)).toBeNull();
    expect((await world.posts()).length).toBe(1);
  });
});

test('a stop in the middle of a write does not wait for it, and records that nobody knows', async () => {
  await opened();
  await world.mis.fault(hangs(true));
  await everybodyLate();
  await world.pass(8_000);
  expect(world.states()).toEqual({ sending: 3 });
  const before = world.time.clock.mono();
  await world.sender.stop();
  await world.idle();
  expect(world.time.clock.mono()).toBe(before);
  expect(world.states()).toEqual({ unknown: 3 });
  await world.restart();
  await world.pass(10_000);
  await oncePerPupil();
});

describe('a write that fails', () => {
  test('failed before its first byte left: sent again within seconds', async () => {
    await opened();
    world.unreachableWrites = 2;
    await everybodyLate();
    await world.pass(25_000);
    await oncePerPupil();
    const held = world.records.flatMap((record) => (record.type === 'report' ? (record.rows[0]?.event ?? []) : []));
    expect(held).toEqual(['held-back', 'held-back', 'queued', 'seen']);
  });

  test('read back at once, and then once a minute at least', async () => {
    await opened();
    await world.mis.fault({ name: 'reset-before', method: 'POST', times: 1 });
    await everybodyLate();
    await world.minutes(13, 1_000);
    const { log } = await world.mis.requests();
    const sentAt = Date.parse(log.find(({ method }) => method === 'POST')?.at ?? '');
    const reads = log.filter(({ path }) => path.includes('attendance/session')).map(({ at }) => Date.parse(at));
    const after = [sentAt, ...reads.filter((at) => at > sentAt)];
    const gaps = after.slice(1).map((at, index) => (at - (after[index] ?? 0)) / 1000);
    expect(gaps[0]).toBeLessThanOrEqual(5);
    expect(gaps.slice(0, 6).reduce((sum, gap) => sum + gap, 0)).toBeLessThanOrEqual(90);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(63);
  });
});

describe('the quarter of an hour', () => {
  test('runs only while the MIS answers', async () => {
    await opened();
    await world.mis.fault({ name: 'reset-before', method: 'POST', times: 1 });
    await everybodyLate();
    await world.minutes(5);
    await world.mis.offline();
    await world.minutes(300, 30_000);
    await world.mis.online();
    // Up to a quarter of an hour until it is noticed, and ten minutes are left.
    await world.minutes(9);
    expect((await world.posts()).length).toBe(1);
    await world.minutes(30);
    expect((await world.posts()).length).toBe(2);
    await oncePerPupil();
  });

  test('is longer at a school whose MIS once took longer, restart or not', async () => {
    const am = { opens: 480, starts: 520, closes: 720, ends: 735 };
    await opened({ delayMs: 900_000, settings: hillViewWith({ late: { holdSeconds: 0 }, times: { am } }) });
    await world.late(0);
    await world.minutes(20);
    await world.restart();
    expect(world.table.data.longestDelayMs).toBeGreaterThan(15 * 60_000);
    await world.table.write({ ...world.table.data, longestDelayMs: 40 * 60_000 });
    await world.mis.fault({ name: 'reset-before', method: 'POST', times: 1 });
    await world.late(1);
    await world.minutes(38);
    expect((await world.posts()).length).toBe(2);
    await world.minutes(25);
    expect((await world.posts()).length).toBe(3);
  });

  test('and not even then while the MIS has a write of unknown origin on its way', async () => {
    await opened({ delayMs: 25 * 60_000 });
    await world.mis.fault({ name: 'reset-after', times: 1 });
    await everybodyLate();
    await world.minutes(24);
    expect(world.states()).toEqual({ unknown: 3 });
    await world.minutes(4);
    expect((await world.posts()).length).toBe(1);
    await oncePerPupil();
  });

  test('nor where it is done but does not show yet', async () => {
    await opened({ delayMs: 870_000 });
    await world.mis.fault({ name: 'reset-after', times: 1 });
    await everybodyLate();
    await world.mis.fault({ name: 'stale-read', ms: 300_000, for_ms: 30 * 60_000 });
    await world.minutes(40);
    expect((await world.posts()).length).toBe(1);
    await oncePerPupil();
  });

  test('a trace of it, complete, that never shows: a person, not a second write', async () => {
    await opened();
    await world.mis.fault({ name: 'not-stored', times: 1 });
    await world.mis.fault({ name: 'reset-after', times: 1 });
    await everybodyLate();
    await world.minutes(44);
    expect(world.states()).toEqual({ unknown: 3 });
    await world.minutes(5);
    expect(world.states()).toEqual({ rejected: 3 });
    expect((await world.posts()).length).toBe(1);
  });

  test('marks made while the token was refused go at once when it is there again; only what is in doubt waits', async () => {
    await opened({ pupils: 12 });
    await world.mis.fault(hangs(false));
    for (const index of [0, 1, 2]) await world.late(index);
    await world.pass(8_000);
    await world.mis.fault({ name: '401' });
    await world.pass(60_000);
    expect(world.states()).toEqual({ unknown: 3 });
    for (const index of [3, 4, 5, 6, 7, 8, 9, 10, 11]) await world.late(index);
    await world.pass(8_000);
    await world.mis.clearFaults('401');
    await world.restart();
    await world.minutes(1);
    expect(world.states()).toEqual({ unknown: 3, confirmed: 9 });
    await world.minutes(20);
    expect(world.states()).toEqual({ confirmed: 12 });
  });

  test('a write after one that was refused with an answer is in doubt like any other', async () => {
    await opened({ pupils: 2 });
    await world.mis.fault({ name: '422', times: 1 });
    for (const index of [0, 1]) await world.late(index);
    await untilPosts(1);
    await world.mis.fault({ name: 'reset-before', method: 'POST', times: 2 });
    await world.minutes(10);
    expect(world.states()).toEqual({ unknown: 2 });
    expect((await world.posts()).length).toBe(3);
    await world.minutes(20);
    expect(world.states()).toEqual({ confirmed: 2 });
  });

  test('other batches around it do not look like a trace', async () => {
    await opened({ pupils: 6 });
    for (const index of [0, 1]) await world.late(index);
    await world.pass(6_000);
    await world.mis.fault({ name: 'reset-before', method: 'POST', times: 1 });
    for (const index of [2, 3]) await world.late(index);
    await world.pass(6_000);
    for (const index of [4, 5]) await world.late(index);
    await world.minutes(1);
    await world.restart();
    await world.minutes(18);
    expect(world.states()).toEqual({ confirmed: 6 });
    expect((await world.mis.marks()).map(({ writes }) => writes)).toEqual(Array(6).fill(1));
  });
});

describe('a teacher meanwhile', () => {
  test('marks the pupil, and ours never arrives: the tray', async () => {
    await opened();
    await world.mis.fault({ name: 'reset-before', method: 'POST', times: 1 });
    await world.late(0);
    await world.minutes(2);
    await world.teacher(0, 'M');
    await world.minutes(20);
    expect(world.state(0)).toBe('conflict');
    expect(await world.codeIn(0)).toBe('M');
    expect((await world.posts()).length).toBe(1);
  });

  test('marks the pupil, and ours arrives after all: the tray, with what ours went over', async () => {
    await opened({ delayMs: 300_000 });
    await world.mis.fault({ name: 'reset-after', times: 1 });
    await world.late(0);
    await world.minutes(2);
    await world.teacher(0, 'M');
    await world.minutes(10);
    expect(world.state(0)).toBe('conflict');
    expect(world.mark(0).settled?.seen).toBe('M');
    expect(await world.codeIn(0)).toBe('L');
  });

  test('marks a pupil between two looks, and others are read back then: the tray, with what ours went over', async () => {
    await opened({ delayMs: 4_000 });
    await world.teacher(2, 'N');
    for (const index of [0, 1]) await world.late(index);
    await untilPosts(1);
    await world.late(2);
    await untilPosts(2);
    await world.teacher(2, 'C');
    await world.minutes(2, 500);
    expect(world.states()).toEqual({ confirmed: 2, conflict: 1 });
    expect(world.mark(2).settled?.seen).toBe('C');
    expect(await world.codeIn(2)).toBe('L');
  });

  test('sets the same code with a word of their own: theirs, never undone by us', async () => {
    await opened();
    await world.mis.fault({ name: 'reset-before', method: 'POST', times: 1 });
    const movement = await world.late(0);
    await world.minutes(2);
    await world.mis.teacher({
      student: world.pupil(0).misId,
      date: '2026-11-23',
      session: 'AM',
      code: 'L',
      comment: 'train',
    });
    await world.minutes(20);
    expect(world.mark(0).settled).toMatchObject({ state: 'confirmed', why: 'not ours' });
    await world.undoByStaff(movement);
    await world.minutes(3);
    expect(world.state(0)).toBe('withdrawn');
    expect(await world.codeIn(0)).toBe('L');
  });
});

describe('accepted', () => {
  test('waits while the school is offline, and counts none of it', async () => {
    await opened({ delayMs: 60_000 });
    await everybodyLate();
    await world.pass(5_000);
    await world.mis.schoolOnline(false);
    await world.minutes(40 * 60, 60_000);
    expect(world.states()).toEqual({ accepted: 3 });
    await world.mis.schoolOnline(true);
    await world.minutes(10);
    await oncePerPupil();
  });

  test('longer than a day of the MIS being online: a person', async () => {
    await opened();
    await world.mis.fault('odd-status');
    await world.mis.setWritebacks({ delay_ms: 900_000 });
    await everybodyLate();
    await world.minutes(5);
    await world.mis.schoolOnline(false);
    // It says that it is there, and never writes.
    await world.mis.fault({ name: '404', path: '/meta/' });
    await world.minutes(23 * 60, 300_000);
    expect(world.states()).toEqual({ accepted: 3 });
    await world.minutes(90, 60_000);
    expect(world.states()).toEqual({ rejected: 3 });
    expect(world.mark(0).settled?.why).toMatch(/over a day ago/);
  });

  test('by an MIS that is switched off with the box every night: a person after five days', async () => {
    await opened();
    await world.mis.setWritebacks({ delay_ms: 900_000 });
    await everybodyLate();
    await world.minutes(5);
    await world.mis.schoolOnline(false);
    await world.mis.fault({ name: '404', path: '/meta/' });
    for (let day = 0; day < 4; day += 1) {
      await world.minutes(8 * 60, 300_000);
      world.time.pass(16 * 60 * 60_000);
      await world.restart();
    }
    await world.minutes(3 * 60, 300_000);
    expect(world.states()).toEqual({ accepted: 3 });
    world.time.pass(24 * 60 * 60_000);
    await world.minutes(3 * 60, 300_000);
    expect(world.states()).toEqual({ rejected: 3 });
  });

  test.each<MisFaultName>(['503', 'html', 'reset-before', '404', '401', '400', '429'])(
    'and then every request fails for an hour (%s): asked less and less often, and confirmed afterwards',
    async (fault) => {
      await opened({ pupils: 4 });
      for (const index of [0, 1, 2]) await world.late(index);
      await world.pass(3_000);
      await world.mis.fault({ name: fault, path: '/v1.0' });
      await world.mis.forgetRequests();
      await world.late(3);
      await world.minutes(60);
      expect((await world.requests()).all).toBeLessThanOrEqual(120);
      expect(world.ledger.sum()).toMatchObject({ recorded: 4, waiting: 4 });
      await world.mis.clearFaults();
      await world.minutes(40);
      expect(world.states()).toEqual({ confirmed: 4 });
      expect((await world.mis.marks()).map(({ writes }) => writes)).toEqual([1, 1, 1, 1]);
    },
  );

  test.each<MisFaultName>(['500', 'html', '400', '404'])(
    'and the MIS neither tells of it (%s) nor shows it: after half an hour a person looks',
    async (fault) => {
      await opened();
      await world.mis.fault({ name: fault, path: '/writebacks' });
      await world.mis.fault('not-stored');
      await everybodyLate();
      await world.minutes(28);
      expect(world.states()).toEqual({ accepted: 3 });
      await world.minutes(5);
      expect(world.states()).toEqual({ rejected: 3 });
      expect((await world.posts()).length).toBe(1);
    },
  );

  test('under a name that the MIS then does not know: read back, and sent again only when that is sure', async () => {
    await opened();
    await world.mis.fault({ name: '404', path: '/writebacks/' });
    await everybodyLate();
    await world.minutes(2);
    await oncePerPupil();
    expect((await world.posts()).length).toBe(1);
  });
});
