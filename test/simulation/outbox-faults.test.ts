/** Every fault of an MIS (mis.md 9.2): no mark lost, none doubled, the right words, and well again when it ends. */
import { afterEach, describe, expect, test } from 'vitest';
import type { MisFault, MisFaultName } from '../../device/demo/mis-control.ts';
import { hillViewWith } from '../unit/hill-view.ts';
import { openWorld } from '../support/outbox-world.ts';
import type { World, WorldOptions } from '../support/outbox-world.ts';

let world: World;
afterEach(() => world.stop());
const settings = hillViewWith({ late: { holdSeconds: 0 } });
const opened = async (options: WorldOptions = {}): Promise<World> =>
  (world = await openWorld({ settings, pupils: 6, ...options }));

const everybodyLate = async (): Promise<void> => {
  for (const index of world.roster.keys()) await world.late(index);
};
/** All there, once each. */
const allWell = async (): Promise<void> => {
  expect(world.states()).toEqual({ confirmed: world.roster.length });
  const marks = await world.mis.marks();
  expect(marks.map(({ code, writes }) => `${code ?? ''} ${String(writes)}`)).toEqual(world.roster.map(() => 'L 1'));
};
const posting = (fault: MisFaultName, more: Partial<MisFault> = {}): MisFault => ({
  name: fault,
  method: 'POST',
  ...more,
});

/** The fault, what the staff page says meanwhile, and how many requests an hour of it costs at most. */
const everything: readonly (readonly [MisFaultName, string, RegExp, number])[] = [
  ['401', 'refused', /does not accept the token/, 6],
  ['404', 'refused', /Check school_id/, 12],
  ['400', 'offline', /does not expect \(400\)/, 60],
  ['429', 'paused', /asks Porter to wait/, 120],
  ['429-date', 'paused', /asks Porter to wait/, 120],
  ['429-bare', 'paused', /asks Porter to wait/, 120],
  ['500', 'offline', /fault of its own \(500\)/, 60],
  ['502', 'offline', /fault of its own \(502\)/, 60],
  ['503', 'offline', /fault of its own \(503\)/, 60],
  ['504', 'offline', /fault of its own \(504\)/, 60],
  ['html', 'offline', /not its data/, 60],
  ['empty', 'offline', /not its data/, 60],
  ['truncated', 'offline', /not its data/, 60],
  ['half-answer', 'offline', /did not answer to the end/, 60],
  ['reset-before', 'offline', /did not answer to the end/, 120],
  ['hang', 'offline', /did not answer to the end/, 60],
  ['tls', 'offline', /did not answer to the end/, 60],
  ['redirect', 'offline', /another address/, 60],
];

describe('an hour in which every request fails, before the box has ever spoken to the MIS', () => {
  test.each(everything)('%s: %s', async (fault, state, words, requestsMax) => {
    await opened();
    await world.mis.fault(fault);
    await everybodyLate();
    await world.minutes(60);
    expect(world.ledger.sum()).toEqual({ recorded: 6, confirmed: 0, waiting: 6, needsPerson: 0 });
    expect(world.sender.view().state).toBe(state);
    expect(world.sender.view().words).toMatch(words);
    const { all } = await world.requests();
    expect(all).toBeGreaterThanOrEqual(4);
    expect(all).toBeLessThanOrEqual(requestsMax);

    await world.mis.clearFaults();
    await world.minutes(30);
    expect(world.sender.view()).toMatchObject({ state: 'online', words: 'The MIS answers.' });
    await allWell();
    expect((await world.mis.state()).foreign).toEqual({ requests: 0, with_token: 0 });
  });
});

describe('a write without an answer that the MIS has stored: read back, never sent again', () => {
  const stored: readonly MisFault[] = [
    posting('500', { stored: true }),
    posting('503', { stored: true }),
    posting('html', { stored: true }),
    posting('empty'),
    posting('truncated'),
    posting('half-answer'),
    posting('reset-after'),
    posting('hang', { stored: true }),
  ];
  test.each(stored)('$name', async (fault) => {
    await opened();
    await world.mis.fault({ ...fault, times: 1 });
    await everybodyLate();
    await world.minutes(1);
    await world.minutes(2);
    expect((await world.posts()).length).toBe(1);
    await allWell();
  });
});

describe('a write without an answer that the MIS has not stored: sent again when that is sure, and once', () => {
  const notStored: readonly MisFault[] = [
    posting('500'),
    posting('504'),
    posting('html'),
    posting('reset-before'),
    posting('hang'),
  ];
  test.each(notStored)('$name', async (fault) => {
    await opened();
    await world.mis.fault({ ...fault, times: 1 });
    await everybodyLate();
    await world.minutes(14);
    expect((await world.posts()).length).toBe(1);
    expect(world.states()).toEqual({ unknown: 6 });
    await world.minutes(6);
    expect((await world.posts()).length).toBe(2);
    await allWell();
  });

  test.each(notStored)('$name, again and again for an hour: a try every quarter of an hour', async (fault) => {
    await opened();
    await world.mis.fault(fault);
    await everybodyLate();
    await world.minutes(60);
    expect((await world.posts()).length).toBeLessThanOrEqual(5);
    await world.mis.clearFaults();
    await world.minutes(30);
    await allWell();
  });
});

describe('a fault that lasts, between good answers to other questions', () => {
  /** What the staff page shows, minute by minute, once it has been noticed. */
  const shown = async (minutes: number): Promise<readonly string[]> => {
    await world.minutes(3);
    const views: string[] = [];
    for (let minute = 0; minute < minutes; minute += 1) {
      await world.minutes(1);
      const { state, words } = world.sender.view();
      views.push(`${state}: ${words}`);
    }
    return views;
  };
  const lasting: readonly (readonly [string, MisFault, RegExp])[] = [
    ['every write is sent elsewhere', posting('redirect'), /Check base_url/],
    ['no write is ever answered', posting('hang'), /did not answer to the end/],
    ['the registers cannot be read', { name: 'html', path: 'attendance/session', method: 'GET' }, /not its data/],
    [
      'a list of all marks, without filters and without an end',
      { name: 'endless-next', path: 'attendance/session' },
      /circle of pages/,
    ],
  ];
  test.each(lasting)(
    '%s: never called online, tried less and less often; well again when it ends',
    async (_, fault, words) => {
      await opened();
      if (fault.name === 'endless-next') {
        for (const date of ['2026-11-19', '2026-11-20']) await world.mis.takeRegister({ date, session: 'AM' });
        await world.mis.fault('ignore-filters');
      }
      await world.mis.fault(fault);
      await everybodyLate();
      for (const view of await shown(50)) expect(view).toMatch(words);
      expect(world.sender.view().state).toMatch(/refused|offline/);
      const { read, post, all } = await world.requests();
      expect(read).toBeLessThanOrEqual(120);
      expect(post).toBeLessThanOrEqual(60);
      expect(all).toBeLessThanOrEqual(250);
      await world.mis.clearFaults();
      await world.minutes(35);
      expect(world.sender.view()).toMatchObject({ state: 'online', words: 'The MIS answers.' });
      expect(world.states()).toEqual({ confirmed: 6 });
    },
  );

  test('one failure is a blip: online again with the next good answer', async () => {
    await opened();
    await world.mis.fault({ ...posting('redirect'), times: 1 });
    await everybodyLate();
    await world.minutes(2);
    expect(world.sender.view()).toMatchObject({ state: 'online', words: 'The MIS answers.' });
  });
});

describe('refused', () => {
  test('403: writing pauses and says so, reading goes on; well again without a person at the box', async () => {
    await opened({ pupils: 7 });
    await world.mis.fault('403');
    for (let index = 0; index < 6; index += 1) await world.late(index);
    await world.minutes(60);
    expect(world.sender.view()).toMatchObject({ state: 'refused' });
    expect(world.sender.view().words).toMatch(/must approve the permission/);
    expect((await world.posts()).length).toBeLessThanOrEqual(5);
    expect(world.states()).toEqual({ waiting: 6 });
    // The register is still read for everybody every ten minutes.
    await world.mis.forgetRequests();
    await world.teacher(6, 'E');
    await world.minutes(11);
    expect((await world.requests()).read).toBeGreaterThanOrEqual(1);
    expect(world.sender.registers.lastCode(world.pupil(6).key, '2026-11-23', 'AM')).toBe('E');
    await world.mis.clearFaults();
    await world.minutes(20);
    expect(world.states()).toEqual({ confirmed: 6 });
    expect(world.sender.view().state).toBe('online');
  });

  test('403 settles what was on its way', async () => {
    await opened({ delayMs: 120_000 });
    await everybodyLate();
    await world.pass(10_000);
    await world.mis.fault('403');
    await world.minutes(5);
    await allWell();
  });

  test('a school that does not let Porter write: said at once, nothing is tried', async () => {
    await opened();
    await world.mis.fault('no-writeback');
    await everybodyLate();
    await world.minutes(30);
    expect((await world.requests()).post).toBe(0);
    expect(world.sender.view()).toMatchObject({ state: 'refused' });
    expect(world.sender.view().words).toMatch(/does not let Porter write/);
    await world.mis.clearFaults();
    await world.minutes(80);
    await allWell();
  });

  test('401 with hundreds of marks waiting: each is told why, and all go when it ends', async () => {
    await opened({ pupils: 450 });
    await world.mis.fault('401');
    await everybodyLate();
    await world.minutes(1);
    expect(world.mark(449).putOffOn).toEqual(['2026-11-23']);
    await world.mis.clearFaults();
    await world.minutes(25);
    await allWell();
  });

  test('401 with a new token after a restart: at once', async () => {
    await opened();
    await world.mis.fault('401');
    await everybodyLate();
    await world.minutes(20);
    await world.mis.clearFaults();
    await world.restart();
    await world.pass(20_000);
    await allWell();
  });

  test('since when the token is refused is told, however often it is tried again', async () => {
    await opened();
    await world.late(0);
    await world.minutes(1);
    expect(world.sender.view().since).toBeNull();
    await world.mis.fault('401');
    await world.late(1);
    await world.minutes(1);
    const { since } = world.sender.view();
    expect(Math.abs((since ?? 0) - world.time.clock.now())).toBeLessThanOrEqual(60_000);
    await world.minutes(20);
    expect(world.sender.view().since).toBe(since);
    await world.mis.clearFaults();
    await world.mis.fault('503');
    await world.minutes(60);
    expect(world.sender.view().words).toMatch(/503/);
    expect(world.sender.view().since).toBeGreaterThan(since ?? 0);
  });

  test('after an outage the MIS is asked anew whether it reaches the school', async () => {
    await opened();
    await world.late(0);
    await world.pass(10_000);
    expect(world.state(0)).toBe('confirmed');
    await world.mis.offline();
    await world.late(1);
    await world.pass(20_000);
    await world.mis.schoolOnline(false);
    await world.mis.online();
    await world.minutes(2);
    expect((await world.posts()).length).toBe(1);
    expect(world.sender.view().words).toBe('The MIS says that it cannot reach the school.');
  });

  test('the school cannot be reached by the MIS: nothing is sent, asked for less and less often', async () => {
    await opened();
    await world.mis.schoolOnline(false);
    await everybodyLate();
    await world.minutes(30);
    expect((await world.requests()).post).toBe(0);
    expect((await world.requests()).all).toBeLessThanOrEqual(45);
    expect(world.sender.view()).toMatchObject({
      state: 'offline',
      words: 'The MIS says that it cannot reach the school.',
    });
    await world.mis.schoolOnline(true);
    await world.minutes(10);
    await allWell();
  });
});

describe('asked to wait', () => {
  const waited = async (fault: MisFault): Promise<number> => {
    await opened();
    await world.mis.fault({ ...fault, times: 1 });
    await everybodyLate();
    await world.minutes(10, 500);
    await allWell();
    const { log } = await world.mis.requests();
    const [refused, next] = log.slice(log.findIndex(({ status }) => status === 429));
    return (Date.parse(next?.at ?? '') - Date.parse(refused?.at ?? '')) / 1000;
  };
  test.each<MisFault>([
    { name: '429', seconds: 45 },
    { name: '429-date', seconds: 45 },
    { name: '429', seconds: 45, method: 'POST' },
  ])('%j: at least so long, and at most so much more', async (fault) => {
    const seconds = await waited(fault);
    expect(seconds).toBeGreaterThanOrEqual(44);
    expect(seconds).toBeLessThanOrEqual(95);
  });
  test('without a time: a second or a few', async () => {
    expect(await waited({ name: '429-bare' })).toBeLessThanOrEqual(4);
  });
  test('in the middle of a batch: it goes on where it was, and the school is not asked about anew', async () => {
    await opened({ pupils: 3 });
    await world.late(0);
    await world.pass(30_000);
    await world.mis.forgetRequests();
    await world.mis.fault({ name: '429-bare', method: 'POST', times: 1 });
    await world.late(1);
    await world.late(2);
    await world.pass(30_000);
    await allWell();
    // Read, refused, read anew, written, read back.
    expect(await world.requests()).toEqual({ read: 3, post: 2, polls: 0, all: 5 });
  });
  test('for ten minutes without a time: less and less often', async () => {
    await opened();
    await world.mis.fault('429-long');
    await everybodyLate();
    await world.minutes(9);
    expect((await world.requests()).all).toBeLessThanOrEqual(30);
    await world.minutes(6);
    await allWell();
  });
  const waits = 'Porter waits before it asks the MIS again, as it did before it was started.';
  test('a long outage is not asked about the sooner for a restart', async () => {
    await opened();
    await world.mis.offline();
    await everybodyLate();
    await world.minutes(100);
    const until = world.table.data.waitUntil ?? 0;
    // Whether chance gave it a wait worth keeping: it does, with this seed.
    const left = until - world.time.clock.now();
    expect(left).toBeGreaterThan(0);
    await world.mis.forgetRequests();
    await world.restart();
    expect(world.sender.view()).toMatchObject({ state: 'paused', words: waits });
    await world.mis.online();
    await world.pass(left - 5_000, 5_000);
    expect((await world.requests()).all).toBe(0);
    await world.minutes(5);
    await allWell();
  });
  test('the wait outlives a restart', async () => {
    await opened();
    await world.mis.fault({ name: '429', seconds: 600, times: 1 });
    await everybodyLate();
    await world.minutes(1);
    await world.mis.forgetRequests();
    await world.restart();
    expect(world.sender.view()).toMatchObject({ state: 'paused', words: waits });
    await world.minutes(8);
    expect((await world.requests()).all).toBe(0);
    await world.minutes(20);
    await allWell();
    expect(world.table.data.waitUntil).toBeNull();
  });
  test('one with a clock that is not set yet too: it shows the time of the newest record', async () => {
    await opened();
    await world.mis.fault({ name: '429', seconds: 600, times: 1 });
    await everybodyLate();
    await world.minutes(1);
    world.time.set({ trusted: false });
    await world.restart();
    await world.mis.forgetRequests();
    await world.minutes(8);
    expect((await world.requests()).all).toBe(0);
    world.time.set({ trusted: true });
    await world.minutes(20);
    await allWell();
  });
});
