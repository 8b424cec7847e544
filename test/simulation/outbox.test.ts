/** What a school gets of the outbox on a usual day, with the real desk, sender and connector, and the simulated MIS. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Body } from '../../device/domain/record.ts';
import { hillViewWith } from '../unit/hill-view.ts';
import { monday, mondayMorning, openWorld } from '../support/outbox-world.ts';
import type { World, WorldOptions } from '../support/outbox-world.ts';

let world: World;
afterEach(() => world.stop());
const opened = async (options?: WorldOptions): Promise<World> => (world = await openWorld(options));

/** Numbers from `from`, `count` of them. */
const numbers = (count: number, from = 0): readonly number[] =>
  Array.from({ length: count }, (_, index) => from + index);

describe('a late pupil', () => {
  test('is L in the MIS with minutes and reason, and confirmed by reading it back', async () => {
    await opened();
    await world.late(0);
    expect(world.state(0)).toBe('waiting');
    await world.minutes(2);
    expect(world.state(0)).toBe('confirmed');
    expect(await world.standing(0)).toMatchObject({ code: 'L', minutes_late: 10, writes: 1 });
    expect((await world.standing(0))?.comment).toBe('Pupil said: Bus. Porter 1-000002');
    expect(world.mark(0).history.map(({ what, code }) => `${what} ${code ?? '-'}`)).toEqual([
      'while-open L',
      'read -',
      'wrote L',
      'queued -',
      'seen L',
    ]);
  });

  test('who would rather tell a member of staff has no comment', async () => {
    await opened();
    await world.late(0, 'tell-staff');
    await world.minutes(2);
    expect(await world.standing(0)).toMatchObject({ code: 'L', comment: null, writes: 1 });
  });

  test('is held for sixty seconds, not sent before, and sent soon after', async () => {
    await opened();
    await world.late(0);
    await world.pass(59_000);
    expect((await world.requests()).post).toBe(0);
    await world.pass(4_000);
    expect((await world.requests()).post).toBe(1);
  });

  test('held for as long as the school sets', async () => {
    await opened({ settings: hillViewWith({ late: { holdSeconds: 0 } }) });
    await world.late(0);
    await world.pass(3_000);
    expect((await world.requests()).post).toBe(1);
  });

  test('from before a restart is not held again', async () => {
    await opened();
    await world.late(0);
    await world.pass(50_000);
    await world.restart();
    await world.pass(14_000);
    expect((await world.requests()).post).toBe(1);
  });

  test('undone in time is never sent', async () => {
    await opened();
    const movement = await world.late(0);
    await world.pass(20_000);
    await world.undo(movement);
    expect(world.state(0)).toBe('withdrawn');
    expect(world.ledger.sum()).toEqual({ recorded: 0, confirmed: 0, waiting: 0, needsPerson: 0 });
    await world.minutes(5);
    expect((await world.requests()).post).toBe(0);
    expect(await world.standing(0)).toBeNull();
  });

  test('undone while the batch is being claimed: the journal decides which came first', async () => {
    await opened();
    const first = await world.late(0);
    await world.late(1);
    let undone: Promise<void> | null = null;
    world.beforeCommit = (bodies) => {
      // The undo gets its number just before the claim does; neither is on the disk yet.
      if (bodies.some(({ type }) => type === 'sending')) undone ??= world.undoByStaff(first);
    };
    await world.minutes(2);
    expect(undone).not.toBeNull();
    expect([world.state(0), world.state(1)]).toEqual(['withdrawn', 'confirmed']);
    expect((await world.posts()).map(({ rows }) => rows)).toEqual([1]);
    expect(await world.standing(0)).toBeNull();
  });
});

describe('undone after it was confirmed', () => {
  test('N goes back where N stood', async () => {
    await opened();
    await world.teacher(0, 'N');
    const movement = await world.late(0);
    await world.minutes(2);
    expect(await world.codeIn(0)).toBe('L');
    await world.undoByStaff(movement);
    expect(world.state(0)).toBe('waiting');
    await world.minutes(2);
    expect(world.state(0)).toBe('withdrawn');
    expect((await world.standing(0))?.history.map(({ code }) => code)).toEqual(['N', 'L', 'N']);
    expect(world.ledger.sum().recorded).toBe(0);
  });

  test('where no mark stood a person clears it, and ticks it off', async () => {
    await opened();
    const movement = await world.late(0);
    await world.minutes(2);
    await world.undoByStaff(movement);
    expect(world.state(0)).toBe('clear-by-hand');
    expect(world.ledger.sum()).toEqual({ recorded: 1, confirmed: 0, waiting: 0, needsPerson: 1 });
    await world.minutes(5);
    expect((await world.posts()).length).toBe(1);
    await world.settle(world.key(0), { kind: 'cleared' });
    expect(world.state(0)).toBe('withdrawn');
  });

  test('a mark of theirs is left alone', async () => {
    await opened();
    await world.teacher(0, 'L');
    const movement = await world.late(0);
    await world.minutes(2);
    expect(world.state(0)).toBe('confirmed');
    expect(world.mark(0).settled?.why).toBe('not ours');
    await world.undoByStaff(movement);
    await world.minutes(3);
    expect(world.state(0)).toBe('withdrawn');
    expect((await world.requests()).post).toBe(0);
    expect(await world.codeIn(0)).toBe('L');
  });

  test('and changed by a teacher meanwhile: nothing is put back', async () => {
    await opened();
    await world.teacher(0, 'N');
    const movement = await world.late(0);
    await world.minutes(2);
    await world.teacher(0, 'M');
    await world.undoByStaff(movement);
    await world.minutes(3);
    expect(world.state(0)).toBe('withdrawn');
    expect(await world.codeIn(0)).toBe('M');
  });

  test('a wish that changes while the write flies waits, and then is carried out', async () => {
    await opened({ delayMs: 30_000 });
    await world.teacher(0, 'N');
    const movement = await world.late(0);
    await world.pass(65_000);
    expect(world.state(0)).toBe('accepted');
    await world.undoByStaff(movement);
    expect(world.state(0)).toBe('accepted');
    await world.minutes(4);
    expect(world.state(0)).toBe('withdrawn');
    expect((await world.standing(0))?.history.map(({ code }) => code)).toEqual(['N', 'L', 'N']);
    const [one, two] = await world.posts();
    // Never two unsettled writes of one mark: the second left after the first stood there.
    expect((two?.at ?? 0) - (one?.at ?? 0)).toBeGreaterThan(30_000);
  });
});

describe('an outage', () => {
  test('sixty sign-ins, ten sign-outs, five returns with the MIS cut, a kill in between: all confirmed, once each', async () => {
    await opened({ pupils: 75, sweeps: false });
    await world.mis.offline();
    for (const pupil of numbers(30)) await world.late(pupil);
    const badges: string[] = [];
    for (const pupil of numbers(10, 60)) badges.push(await world.leave(pupil));
    await world.minutes(3);
    await world.restart();
    for (const pupil of numbers(30, 30)) await world.late(pupil);
    for (const badge of badges.slice(0, 5)) await world.back(badge);
    await world.minutes(12);
    expect(world.ledger.sum()).toEqual({ recorded: 60, confirmed: 0, waiting: 60, needsPerson: 0 });
    expect(world.ledger.out.size).toBe(5);
    expect(world.sender.view().state).toBe('offline');

    await world.mis.online();
    await world.mis.forgetRequests();
    await world.minutes(15);
    expect(world.states()).toEqual({ confirmed: 60 });
    const marks = await world.mis.marks();
    expect(marks).toHaveLength(60);
    expect(new Set(marks.map(({ code, writes }) => `${code ?? ''} ${String(writes)}`))).toEqual(new Set(['L 1']));
    expect((await world.posts()).map(({ rows }) => rows)).toEqual([50, 10]);
    // Two batches: a read before, one after, and two POSTs; school, its state and its codes once.
    expect(await world.requests()).toEqual({ read: 2, post: 2, polls: 0, all: 7 });
  });

  test('nothing is lost when the kill comes at any record', async () => {
    for (const event of ['sending', 'queued', 'seen']) {
      await opened({ pupils: 5, sweeps: false });
      for (const pupil of numbers(5)) await world.late(pupil);
      let kills = 0;
      world.killAfter = (records) => {
        const matches = records.some(
          (record) => record.type === event || (record.type === 'report' && record.rows[0]?.event === event),
        );
        return matches && (kills += 1) === 1;
      };
      await world.minutes(2);
      expect(kills).toBe(1);
      await world.restart();
      await world.minutes(20);
      expect(world.states()).toEqual({ confirmed: 5 });
      expect((await world.mis.marks()).map(({ writes }) => writes)).toEqual([1, 1, 1, 1, 1]);
      await world.stop();
    }
  });
});

describe('the order', () => {
  test("today's marks go first, then day by day", async () => {
    const times = { closes: 17 * 60 };
    await opened({
      pupils: 60,
      start: mondayMorning,
      settings: hillViewWith({
        late: { holdSeconds: 0 },
        times: { am: { opens: 0, starts: 0, ends: 1080, ...times } },
      }),
      sweeps: false,
    });
    await world.mis.offline();
    for (const pupil of numbers(5)) await world.late(pupil);
    await world.minutes(24 * 60, 60_000);
    for (const pupil of numbers(60)) await world.late(pupil);
    await world.minutes(24 * 60, 60_000);
    for (const pupil of numbers(60)) await world.late(pupil);
    await world.mis.online();
    await world.minutes(60, 5_000);
    const sent = world.records.flatMap((record) =>
      record.type === 'sending' ? [`${record.items[0]?.key.split('|')[1] ?? ''} ${String(record.items.length)}`] : [],
    );
    expect(sent).toEqual(['2026-11-25 50', '2026-11-25 10', '2026-11-23 5', '2026-11-24 50', '2026-11-24 10']);
    expect(world.states()).toEqual({ confirmed: 125 });
  });

  test('a long backlog of today does not hold up the oldest for ever', async () => {
    await opened({ pupils: 205, settings: hillViewWith({ late: { holdSeconds: 0 } }), sweeps: false });
    await world.mis.offline();
    await world.late(204);
    await world.minutes(24 * 60, 60_000);
    for (const pupil of numbers(200)) await world.late(pupil);
    await world.mis.online();
    await world.minutes(40, 1_000);
    const days = world.records.flatMap((record) =>
      record.type === 'sending' ? [record.items[0]?.key.split('|')[1] ?? ''] : [],
    );
    expect(days.indexOf(monday)).toBe(3);
    expect(world.states()).toEqual({ confirmed: 201 });
  });
});

describe('a pupil at the kiosk', () => {
  test('each commit of the outbox is one batch at most, and one at a time', async () => {
    await opened({ pupils: 130, settings: hillViewWith({ late: { holdSeconds: 0 } }), sweeps: true });
    const rows: number[] = [];
    let under = 0;
    let most = 0;
    world.beforeCommit = (bodies) => {
      under += 1;
      most = Math.max(most, under);
      const count = (body: Body): number =>
        body.type === 'report' ? body.rows.length : body.type === 'sending' ? body.items.length : 0;
      rows.push(bodies.reduce((sum, body) => sum + count(body), 0));
      queueMicrotask(() => (under -= 1));
    };
    // Said of all that wait, sent, queued, read back together.
    await world.mis.fault('401');
    for (const pupil of numbers(130)) await world.late(pupil);
    await world.minutes(1);
    expect(rows).toEqual([50, 50, 30]);
    await world.mis.clearFaults();
    await world.minutes(25);
    expect(world.states()).toEqual({ confirmed: 130 });
    expect(Math.max(...rows)).toBe(50);
    expect(most).toBe(1);
  });
});

describe('what it costs', () => {
  test('fifty marks of one register: three requests', async () => {
    await opened({ pupils: 60, sweeps: false });
    await world.late(50);
    await world.minutes(2);
    await world.mis.forgetRequests();
    for (const pupil of numbers(50)) await world.late(pupil);
    await world.minutes(2);
    expect(world.states()).toEqual({ confirmed: 51 });
    expect(await world.requests()).toEqual({ read: 2, post: 1, polls: 0, all: 3 });
  });

  test('two hundred marks of one register: one read before, and one for all that have come', async () => {
    await opened({ pupils: 200, settings: hillViewWith({ late: { holdSeconds: 0 } }), sweeps: false });
    await world.mis.offline();
    for (const pupil of numbers(200)) await world.late(pupil);
    await world.mis.online();
    await world.minutes(2, 500);
    expect(world.states()).toEqual({ confirmed: 200 });
    const { read, post, polls } = await world.requests();
    expect({ read, post, polls }).toEqual({ read: 2, post: 4, polls: 0 });
  });

  test('the same of a register of six pages, which takes three seconds to read', async () => {
    await opened({ pupils: 200, settings: hillViewWith({ late: { holdSeconds: 0 } }), sweeps: false });
    await world.mis.offline();
    for (const pupil of numbers(200)) await world.late(pupil);
    await world.mis.takeRegister({ date: monday, session: 'AM', code: 'N' });
    await world.mis.online();
    await world.minutes(2, 500);
    expect(world.states()).toEqual({ confirmed: 200 });
    const { read, post, polls } = await world.requests();
    expect({ read, post, polls }).toEqual({ read: 2 * 6, post: 4, polls: 0 });
  });

  test('a write that takes its time is asked about, and no longer once it shows', async () => {
    await opened({ pupils: 5, delayMs: 60_000, settings: hillViewWith({ late: { holdSeconds: 0 } }), sweeps: false });
    for (const pupil of numbers(5)) await world.late(pupil);
    await world.minutes(3, 500);
    expect(world.states()).toEqual({ confirmed: 5 });
    const { read, post, polls } = await world.requests();
    // Before, and with each question but the last; the last shows them.
    expect({ post, read }).toEqual({ post: 1, read: polls + 2 });
  });

  test('nothing to do: no request, no record', async () => {
    await opened({ sweeps: false });
    await world.late(0);
    await world.minutes(2);
    await world.mis.forgetRequests();
    const before = world.records.length;
    await world.minutes(120, 500);
    expect(await world.requests()).toEqual({ read: 0, post: 0, polls: 0, all: 0 });
    expect(world.records).toHaveLength(before);
  });

  test('in school hours the present register is read every ten minutes, and nothing else', async () => {
    await opened();
    await world.minutes(60, 1_000);
    const { read, post } = await world.requests();
    expect(read).toBe(6);
    expect(post).toBe(0);
  });

  test('at most two requests a second', async () => {
    await opened({ pupils: 120, settings: hillViewWith({ late: { holdSeconds: 0 } }) });
    for (const pupil of numbers(120)) await world.late(pupil);
    await world.minutes(5, 100);
    expect(world.states()).toEqual({ confirmed: 120 });
    const { log, most_at_once: atOnce } = await world.mis.requests();
    const times = log.map(({ at }) => Date.parse(at));
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500);
    expect(atOnce).toBe(1);
  });
});
