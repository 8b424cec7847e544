/** An MIS with ways of its own, one bad mark among good ones, a disk that is full: no mark lost, none doubled. */
import { afterEach, describe, expect, test } from 'vitest';
import type { MisFaultName } from '../../device/demo/mis-control.ts';
import { bus, dentist, hillView, hillViewWith } from '../unit/hill-view.ts';
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
describe('an MIS with ways of its own', () => {
  test.each<MisFaultName>([
    'odd-status',
    'ignore-filters',
    'date-object',
    'no-comment',
    'no-minutes',
    'padded-codes',
    'per-page-number',
    'stale-read',
    'out-of-order',
    'slow',
  ])('%s: all there, once each', async (fault) => {
    await opened();
    await world.mis.fault(fault);
    await everybodyLate();
    await world.minutes(10);
    await allWell();
    expect((await world.posts()).length).toBe(1);
  });

  test('accepted, complete and not there: after half an hour a person looks', async () => {
    await opened();
    await world.mis.fault('not-stored');
    await everybodyLate();
    await world.minutes(28);
    expect(world.states()).toEqual({ accepted: 6 });
    await world.minutes(5);
    expect(world.states()).toEqual({ rejected: 6 });
    expect(world.mark(0).settled?.why).toMatch(/took the mark, but it is not there/);
    expect((await world.posts()).length).toBe(1);
    await world.mis.clearFaults();
    for (const index of world.roster.keys()) await world.settle(world.key(index), { kind: 'retry' });
    await world.minutes(3);
    await allWell();
  });

  test('and not there while the MIS is away: the half hour does not run', async () => {
    await opened();
    await world.mis.fault('not-stored');
    await everybodyLate();
    await world.minutes(10);
    await world.mis.offline();
    await world.minutes(240);
    expect(world.states()).toEqual({ accepted: 6 });
    await world.mis.online();
    // The next probe may be a quarter of an hour away, and twenty minutes are left of the half hour.
    await world.minutes(18);
    expect(world.states()).toEqual({ accepted: 6 });
    await world.minutes(30);
    expect(world.states()).toEqual({ rejected: 6 });
  });

  test('duplicates, late and in reverse: one write of ours, the right mark at the end', async () => {
    await opened();
    await world.mis.fault({ name: 'duplicates', ms: 30_000 });
    await everybodyLate();
    await world.minutes(10);
    expect(world.states()).toEqual({ confirmed: 6 });
    expect((await world.posts()).length).toBe(1);
    expect((await world.mis.marks()).map(({ code }) => code)).toEqual(world.roster.map(() => 'L'));
  });

  test('a duplicate that comes after the undo is undone again', async () => {
    await opened();
    await world.teacher(0, 'N');
    await world.mis.fault({ name: 'duplicates', ms: 120_000, times: 1 });
    const movement = await world.late(0);
    await world.minutes(1);
    await world.undoByStaff(movement);
    await world.minutes(1);
    expect(world.state(0)).toBe('withdrawn');
    expect(await world.codeIn(0)).toBe('N');
    await world.minutes(1);
    expect(await world.codeIn(0)).toBe('L');
    await world.minutes(12);
    expect(await world.codeIn(0)).toBe('N');
    expect(world.state(0)).toBe('withdrawn');
  });

  test('no U in this MIS: to a person, with the code by name, never another code; the others are written', async () => {
    const afterClose = Date.UTC(2026, 10, 23, 9, 20);
    await opened({
      start: afterClose,
      settings: {
        ...settings,
        late: { ...settings.late, afterClose: 'code' },
        lateReasons: [{ ...bus, afterClose: 'U' }, dentist],
      },
    });
    await world.mis.fault('no-u');
    await world.late(0);
    await world.late(1, 'appointment');
    await world.minutes(2);
    expect(world.state(0)).toBe('rejected');
    expect(world.mark(0).settled?.why).toBe('The MIS of this school has no code U.');
    expect(await world.standing(0)).toBeNull();
    expect(world.state(1)).toBe('confirmed');
    expect(await world.standing(1)).toMatchObject({ code: 'M', writes: 1 });
  });

  test('a code of the school’s own instead of L: to a person, never a substitute', async () => {
    await opened();
    await world.mis.fault('custom-l1');
    await everybodyLate();
    await world.minutes(2);
    expect(world.states()).toEqual({ rejected: 6 });
    expect(world.mark(0).settled?.why).toBe('The MIS of this school has no code L.');
    expect((await world.posts()).length).toBe(0);
  });

  test('a very long reason, with emoji and markup: cut, written, confirmed', async () => {
    const label = { en: `<b>"The bus", it's 😀</b> ${'and the driver said so '.repeat(20)}` };
    await opened({
      settings: { ...hillView, late: { ...hillView.late, holdSeconds: 0 }, lateReasons: [{ ...bus, label }] },
    });
    await world.late(0);
    await world.minutes(2);
    expect(world.state(0)).toBe('confirmed');
    const { comment } = (await world.standing(0)) ?? {};
    expect([...(comment ?? '')].length).toBeLessThanOrEqual(100);
    expect(comment).toMatch(/^Pupil said: <b>"The bus", it's 😀<\/b> and the driver/);
  });
});

describe('one bad mark never holds up good ones', () => {
  const bad = 3;
  test.each([false, true])('422 for one of six, the good rows stored all the same: %s', async (partial) => {
    await opened({ delayMs: 20_000 });
    await world.mis.fault({ name: '422', student_id: world.pupil(bad).misId });
    if (partial) await world.mis.fault('partial');
    await everybodyLate();
    await world.minutes(6);
    expect(world.states()).toEqual({ confirmed: 5, rejected: 1 });
    expect(world.state(bad)).toBe('rejected');
    expect(world.mark(bad).settled?.why).toMatch(/^The MIS does not accept this mark: /);
    const marks = await world.mis.marks();
    expect(marks.map(({ code, writes }) => `${code ?? ''} ${String(writes)}`)).toEqual(Array(5).fill('L 1'));
    // Not tried again by itself.
    const posts = (await world.posts()).length;
    await world.minutes(60);
    expect((await world.posts()).length).toBe(posts);
    // And after it was put right.
    await world.mis.clearFaults();
    await world.settle(world.key(bad), { kind: 'retry' });
    await world.minutes(3);
    await allWell();
  });

  test('one of fifty is found in a few writes', async () => {
    await opened({ pupils: 50 });
    await world.mis.fault({ name: '422', student_id: world.pupil(33).misId });
    await everybodyLate();
    await world.minutes(5);
    expect(world.states()).toEqual({ confirmed: 49, rejected: 1 });
    expect((await world.posts()).length).toBeLessThanOrEqual(13);
    expect((await world.mis.marks()).every(({ writes }) => writes === 1)).toBe(true);
  });

  test('marks that come meanwhile are not held up', async () => {
    await opened({ pupils: 12 });
    await world.mis.fault({ name: '422', student_id: world.pupil(0).misId });
    for (let index = 0; index < 11; index += 1) await world.late(index);
    await world.pass(3_000);
    await world.late(11);
    await world.minutes(2);
    expect(world.states()).toEqual({ confirmed: 11, rejected: 1 });
  });

  test('the write-back fails as a whole: halves, until every mark has gone or is with a person', async () => {
    await opened();
    await world.mis.fault({ name: 'writeback-failed', times: 2, message: 'The register is locked' });
    await everybodyLate();
    await world.minutes(5);
    await allWell();
    await world.mis.fault('writeback-failed');
    await world.stop();

    await opened();
    await world.mis.fault({ name: 'writeback-failed', message: 'The register is locked' });
    await everybodyLate();
    await world.minutes(10);
    expect(world.states()).toEqual({ rejected: 6 });
    expect(world.mark(0).settled?.why).toBe('The MIS could not write it: The register is locked');
    expect(await world.mis.marks()).toEqual([]);
    const posts = (await world.posts()).length;
    await world.minutes(60);
    expect((await world.posts()).length).toBe(posts);
  });

  test('a pupil who has left: rejected, once; the others are written', async () => {
    await opened();
    await world.mis.pupil({ action: 'leave', student: world.pupil(2).misId });
    await everybodyLate();
    await world.minutes(5);
    expect(world.states()).toEqual({ confirmed: 5, rejected: 1 });
    expect(world.state(2)).toBe('rejected');
    const posts = (await world.posts()).length;
    await world.minutes(120);
    expect((await world.posts()).length).toBe(posts);
  });
});

describe('the disk is full while marks are on their way', () => {
  test('nothing is sent that cannot be recorded; well again with room', async () => {
    await opened();
    await everybodyLate();
    world.box.disk.capacity = 0;
    await world.minutes(10);
    expect((await world.posts()).length).toBe(0);
    expect((await world.requests()).read).toBeLessThanOrEqual(12);
    world.box.disk.capacity = Infinity;
    await world.minutes(3);
    await allWell();
  });

  test('full just after the write: read back, not sent again', async () => {
    await opened();
    await everybodyLate();
    world.beforeCommit = (bodies) => {
      world.box.disk.capacity = bodies.some(({ type }) => type === 'report') ? 0 : Infinity;
    };
    await world.minutes(3);
    world.beforeCommit = () => undefined;
    world.box.disk.capacity = Infinity;
    await world.minutes(5);
    await allWell();
    expect((await world.posts()).length).toBe(1);
  });
});
