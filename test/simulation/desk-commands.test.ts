/** Commands that are sent again, come too late, or meet a disk that is full or slow (durability.md 4 and 6). */
import { describe, expect, test } from 'vitest';
import { Desk } from '../../device/desk/desk.ts';
import type { DeskCommand, JournalPort } from '../../device/desk/desk.ts';
import { arrivals } from '../../device/desk/arrivals.ts';
import { envelope } from '../../device/journal/records.ts';
import { JournalError } from '../../device/journal/error.ts';
import { Ledger } from '../../device/domain/ledger.ts';
import { rosterOf } from '../support/box.ts';
import { MemoryDisk } from '../support/memory-disk.ts';
import {
  badgeOf,
  bootableTime,
  instant,
  openDay,
  pupils,
  refusal,
  restart,
  school,
  value,
} from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';

/** Each command of the kiosk and of staff, ready to be sent as often as one likes. */
async function everyCommand(
  day: Day,
): Promise<Readonly<Record<string, (again?: Partial<DeskCommand>) => Promise<unknown>>>> {
  const { box } = day;
  const badge = badgeOf(await day.early('ben'));
  const undone = { visit: day.visit(), movement: '' };
  undone.movement = value(await day.late('fay', { visit: undone.visit })).movement;
  const asked = day.visit();
  await day.early('eli', { visit: asked });
  const proposal = '2026-11-23 AM';
  await day.late('cai');
  const visit = (name: string): string => `${box.journal.run.slice(0, 6)}-${name}`;
  const late = { visit: visit('late'), pupil: 'amara', reason: 'bus', touchAgoMs: 0 };
  const early = {
    visit: visit('early'),
    pupil: 'dina',
    reason: 'medical',
    back: 'not-today',
    withWhom: null,
    photo: 'none',
    touchAgoMs: 0,
  } as const;
  const back = { visit: visit('back'), by: 'typed', badge, touchAgoMs: 0 } as const;
  const answer = { visit: asked, answer: 'let-go', adult: null, by: 'Ms Reed' } as const;
  const note = { visit: visit('note'), kind: 'not-on-list', yearGroup: 'Year 9', month: 3, touchAgoMs: 0 } as const;
  const hold = { hold: { reason: 'bus', agoMs: 0 }, by: 'Ms Reed' };
  const key = [...day.ledger.marks.keys()].find((one) => one.startsWith('cai|')) ?? proposal;
  const settle = { key, verdict: { kind: 'keep-theirs' }, by: 'Ms Reed' } as const;
  const sendable = <T>(input: T, run: (command: DeskCommand, input: T) => Promise<unknown>) => {
    const command = box.command(input);
    return (again: Partial<DeskCommand> = {}) => run({ ...command, ...again }, input);
  };
  return {
    late: sendable(late, (command, input) => box.arrivals.late(command, input)),
    undo: sendable(undone, (command, input) => box.arrivals.undo(command, input)),
    early: sendable(early, (command, input) => box.departures.early(command, input)),
    return: sendable(back, (command, input) => box.returns.back(command, input)),
    answer: sendable(answer, (command, input) => box.departures.answer(command, input)),
    note: sendable(note, (command, input) => box.picker.note(command, input)),
    settle: sendable(settle, (command, input) => box.staff.settle(command, input)),
    hold: sendable(hold, (command, input) => box.staff.holdArrivals(command, input)),
  };
}
const names = ['late', 'undo', 'early', 'return', 'answer', 'note', 'settle', 'hold'] as const;

describe.each(names)('the command %s', (name) => {
  test('sent twice at once, and again later: one set of records, the same answer', async () => {
    const day = await openDay({ at: '09:40' });
    const send = (await everyCommand(day))[name];
    if (send === undefined) throw new Error('no such command');
    const before = day.records.length;
    const [first, second] = await Promise.all([send(), send()]);
    expect(first).toMatchObject({ ok: true });
    expect(second).toEqual(first);
    const records = day.records.length;
    expect(records).toBeGreaterThan(before);
    await day.pass(30_000);
    expect(await send({ ageMs: 30_000 })).toEqual(first);
    expect(await send({ ageMs: 90_000 })).toEqual(first); // old, but known
    expect(day.records).toHaveLength(records);
  });

  test('the same id with another input is refused', async () => {
    const day = await openDay({ at: '09:40' });
    const send = (await everyCommand(day))[name];
    const first = send?.();
    expect(await send?.({ hash: 'another' })).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
    await first;
    expect(await send?.({ hash: 'another' })).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
  });

  test('older than a minute: too late, and nothing is done', async () => {
    const day = await openDay({ at: '09:40' });
    const send = (await everyCommand(day))[name];
    const before = day.records.length;
    expect(await send?.({ ageMs: 60_001 })).toMatchObject({ ok: false, error: { code: 'too_late' } });
    expect(day.records).toHaveLength(before);
    expect(await send?.({ ageMs: 60_000 })).toMatchObject({ ok: true });
  });
});

describe('after a restart', () => {
  test('the same answer from the journal: signed in, signed out with the badge, waiting, back', async () => {
    const day = await openDay({ at: '09:02' });
    const late = { visit: 'v-late', pupil: 'amara', reason: 'bus', touchAgoMs: 0 };
    const out = { pupil: 'ben', reason: 'medical', back: null, withWhom: null, photo: 'none', touchAgoMs: 0 } as const;
    const [early, waits] = [
      { ...out, visit: 'v-early' },
      { ...out, visit: 'v-waits', pupil: 'eli' },
    ];
    const commands = [late, early, waits].map((input) => day.box.command(input));
    const [lateCommand, earlyCommand, waitsCommand] = commands;
    if (lateCommand === undefined || earlyCommand === undefined || waitsCommand === undefined) throw new Error('none');
    const ask = async (box: Day['box']) => [
      await box.arrivals.late(lateCommand, late),
      await box.departures.early(earlyCommand, early),
      await box.departures.early(waitsCommand, waits),
    ];
    const before = await ask(day.box);
    expect(before.map((one) => one.ok)).toEqual([true, true, true]);
    const again = await restart(day);
    expect(await ask(again.box)).toEqual(before);
    expect(again.records).toEqual([]);
    expect(await again.box.arrivals.late({ ...lateCommand, hash: 'another' }, late)).toMatchObject({ ok: false });
  });
});

describe('made in another run of the daemon', () => {
  const input = { visit: 'v-late', pupil: 'amara', reason: 'bus', touchAgoMs: 0 };
  const late = (day: Day, more: Partial<DeskCommand>) =>
    day.box.arrivals.late({ ...day.box.command(input), ...more }, input);

  test('the daemon restarted in the middle of the visit: carried out once, and answered the same', async () => {
    const day = await openDay({ at: '09:02' });
    const made = { id: 'c-1', runId: day.box.journal.run, ageMs: 20_000 };
    const again = await restart(await restart(day)); // and ended at once a second time
    const first = value(await late(again, made));
    expect(first.outcome).toBe('late');
    expect(value(await late(again, { ...made, ageMs: 59_000 }))).toEqual(first);
    const third = await restart(again);
    expect(value(await late(third, { ...made, ageMs: 90_000 }))).toEqual(first); // old, but known
  });

  test('too late, and nothing is done: older than a minute, an unknown run, a run before the machine was off', async () => {
    const day = await openDay({ at: '09:02' });
    const { run } = day.box.journal;
    const again = await restart(day);
    expect(refusal(await late(again, { runId: run, ageMs: 60_001 }))).toBe('too_late');
    expect(refusal(await late(again, { runId: 'of-another-box', ageMs: 0 }))).toBe('too_late');
    const booted = await restart(again, 'second-boot');
    expect(refusal(await late(booted, { runId: run, ageMs: 0 }))).toBe('too_late');
    expect(booted.marks('amara')).toEqual([]);
    expect(value(await late(booted, { runId: booted.box.journal.run })).outcome).toBe('late');
  });
});

describe('refused commands', () => {
  test('change nothing, and may be answered otherwise when they come again', async () => {
    const day = await openDay({ at: '10:40' });
    const badge = badgeOf(await day.early('amara'));
    const input = { visit: day.visit(), pupil: 'amara', reason: 'bus', touchAgoMs: 0 };
    const command = day.box.command(input);
    expect(refusal(await day.box.arrivals.late(command, input))).toBe('wrong_state');
    await day.type(badge);
    await day.until('13:20');
    expect(value(await day.box.arrivals.late(command, input)).outcome).toBe('late');
  });
});

describe('a full card', () => {
  const full = (day: Day): void => {
    day.box.disk.capacity = 0;
  };
  const free = (day: Day): void => {
    day.box.disk.capacity = Infinity;
  };

  test('who taps twice while it fills up is refused twice, and nothing is carried out with the age of the first tap', async () => {
    const day = await openDay({ at: '09:40' });
    const input = { visit: day.visit(), pupil: 'ben', reason: 'bus', touchAgoMs: 0 };
    const command = day.box.command(input);
    day.box.disk.faults.write = 'ENOSPC'; // once
    const first = day.box.arrivals.late(command, input);
    const second = day.box.arrivals.late(command, input);
    expect(await first).toEqual({ ok: false, error: { code: 'storage_failed' } });
    expect(await second).toEqual({ ok: false, error: { code: 'storage_failed' } });
    expect(day.marks('ben')).toEqual([]);
  });

  test('every command says so, nothing is half done, and all is well when there is room again', async () => {
    const day = await openDay({ at: '09:40' });
    const all = await everyCommand(day);
    const [records, before] = [day.records.length, day.ledger.copy()];
    full(day);
    for (const name of names) expect(await all[name]?.()).toEqual({ ok: false, error: { code: 'storage_failed' } });
    expect(day.records).toHaveLength(records);
    expect(day.ledger).toEqual(before);
    free(day);
    for (const name of names) expect(await all[name]?.()).toMatchObject({ ok: true });
    const again = (await restart(day)).ledger;
    again.last = day.ledger.last; // its `run` record is the only other one
    again.runs.delete([...again.runs.keys()].at(-1) ?? '');
    expect(again).toEqual(day.ledger);
  });

  test('what was decided on top of a refused record does not stand: the pupil may sign in', async () => {
    const day = await openDay({ at: '09:02' });
    full(day);
    const both = await Promise.all([day.late('amara'), day.late('ben')]);
    expect(both.map(refusal)).toEqual(['storage_failed', 'storage_failed']);
    free(day);
    expect(value(await day.late('amara')).outcome).toBe('late');
    expect(value(await day.late('ben')).outcome).toBe('late');
    expect(new Set([...day.ledger.movements.keys()]).size).toBe(2);
  });

  test('nobody’s guess, idle visit or watch ends the box, and staff hear of them when there is room again', async () => {
    const day = await openDay({ at: '11:00' });
    badgeOf(await day.early('amara'));
    for (let done = 0; done < 29; done += 1) {
      await day.type('00000000');
      await day.pass(16_000);
    }
    await day.until('13:20');
    full(day);
    expect(value(await day.type('00000000')).state).toBe('mistyped');
    for (let visits = 0; visits < 3; visits += 1) {
      const visit = day.visit();
      value(day.box.picker.names({ visit, yearGroup: 'Year 9', month: 5 }));
      await day.box.picker.ended(visit);
    }
    await day.watch();
    free(day);
    await day.watch();
    expect(day.marks('amara')).toEqual(['2026-11-23 PM proposed M']);
    await day.pass(60_000);
    await day.type('00000000');
    await day.box.picker.ended(day.visit());
    await day.box.picker.ended(day.visit());
    expect(day.notes()).toEqual(['badge-guesses!', 'lists-opened']);
  });

  test('records that cannot be read anew leave nothing behind that grows', async () => {
    const day = await openDay();
    const broken = (async function* () {
      await Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }));
      yield [];
    })();
    await expect(day.box.desk.takeInAnew(broken)).rejects.toThrow('EIO');
    value(await day.late('amara'));
    expect(Reflect.get(day.box.desk, 'since')).toBeNull();
  });
});

/** A journal whose disk takes its time: a commit is durable when the test says so. */
class SlowJournal implements JournalPort {
  readonly id = 'slow';
  next = 1;
  onRefused: () => void = () => undefined;
  private waiting: { readonly first: number; readonly done: () => void; readonly fail: (error: Error) => void }[] = [];

  readonly run = 'run';

  commit: JournalPort['commit'] = (bodies, command) => {
    const first = this.next;
    const at = { earliest: instant('09:02'), latest: instant('09:02'), mono: 1_000_000, boot: 'first-boot' };
    const records = bodies.map((body, index) =>
      envelope(body, { journal: this.id, run: 'run', n: first + index }, at, command),
    );
    this.next += bodies.length;
    const durable = new Promise<void>((done, fail) => this.waiting.push({ first, done, fail }));
    return { records, durable };
  };

  /** The oldest commit is on the disk. */
  sync(): void {
    this.waiting.shift()?.done();
  }

  /** As the real one: it and everything behind it is void, in the same turn. */
  refuse(): void {
    const voided = this.waiting.splice(0);
    this.next = voided[0]?.first ?? this.next;
    this.onRefused();
    for (const { fail } of voided) fail(new JournalError('refused', 'full'));
  }
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a slow disk', () => {
  function slowBox() {
    const journal = new SlowJournal();
    const desk = new Desk(journal);
    journal.onRefused = () => {
      desk.refused();
    };
    const { clock } = bootableTime(instant('09:02'));
    const random = { uniform: () => 0.5, bytes: (count: number) => new Uint8Array(count), id: () => 'id' };
    const roster = rosterOf(pupils);
    const flow = arrivals(
      {
        settings: school,
        clock,
        random,
        roster,
        badgeHash: () => new Uint8Array(32),
        observed: () => null,
        observedAt: () => null,
        mayDecide: () => true,
      },
      desk,
    );
    let ids = 0;
    const late = (pupil: string) => {
      const input = { visit: `v-${pupil}`, pupil, reason: 'bus', touchAgoMs: 0 };
      return flow.late({ id: `c-${String((ids += 1))}`, hash: pupil, ageMs: 0 }, input);
    };
    return { journal, desk, late };
  }

  test('nobody is answered, and nothing is shown, before the record is on it', async () => {
    const { journal, desk, late } = slowBox();
    const shown: number[] = [];
    desk.onDurable((records) => shown.push(records.length));
    let answered = false;
    const answer = late('amara').finally(() => (answered = true));
    await turn();
    expect([answered, shown, desk.durable.movements.size]).toEqual([false, [], 0]);
    journal.sync();
    expect(value(await answer).outcome).toBe('late');
    expect([shown, desk.durable.movements.size]).toEqual([[2], 1]);
  });

  test('one commit durable, the next refused in the same turn: the first stands, the second may come again', async () => {
    const { journal, desk, late } = slowBox();
    const [first, second] = [late('amara'), late('ben')];
    await turn();
    journal.sync();
    journal.refuse();
    // Decided in between, on what stands: Amara cannot be in twice, nor can Ben's void record keep him out.
    const [again, other] = [late('amara'), late('ben')];
    expect(value(await first).outcome).toBe('late');
    expect(refusal(await second)).toBe('storage_failed');
    expect(refusal(await again)).toBe('wrong_state');
    await turn();
    journal.sync();
    expect(value(await other).outcome).toBe('late');
    expect([...desk.durable.movements.values()].map(({ record }) => record.pupil)).toEqual(['amara', 'ben']);
  });
});

test('a disk that was filled up and freed holds what was acknowledged, and nothing else', async () => {
  const disk = new MemoryDisk();
  const day = await openDay({ at: '09:02', disk });
  const signedIn: string[] = [];
  for (const [index, { key }] of pupils.slice(0, 6).entries()) {
    disk.capacity = index % 2 === 1 ? 0 : Infinity;
    if ((await day.late(key, { forRegistration: true })).ok) signedIn.push(key);
  }
  disk.capacity = Infinity;
  expect(signedIn).toEqual(['amara', 'cai', 'eli']);
  const again = await restart(day);
  expect([...again.ledger.byPupil.keys()]).toEqual(signedIn);
  expect(again.ledger).toBeInstanceOf(Ledger);
});
