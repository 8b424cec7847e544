/** What is kept no longer than the school said, and what is kept all the same (durability.md 14, 15, product.md 10). */
import { describe, expect, test } from 'vitest';
import { eraseDesk } from '../../device/desk/erasing.ts';
import { Retention } from '../../device/desk/retention.ts';
import type { RetentionPorts } from '../../device/desk/retention.ts';
import { ledgerLines } from '../../device/domain/checkpoint.ts';
import type { Ledger } from '../../device/domain/ledger.ts';
import type { Recorded } from '../../device/domain/record.ts';
import type { PhotoVault } from '../../device/journal/photo-vault.ts';
import { segmentsOf } from '../../device/journal/segments.ts';
import { verify } from '../../device/journal/verify.ts';
import { silent } from '../support/box.ts';
import { badgeOf, instant, monday, openDay, refusal, restart, school, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';

const hour = 3_600_000;
const settings = { ...school, keep: { photos: 'same-day', events: 40 } } as const;
/** The first day on which Monday may go. */
const over = '2027-01-03';

/** A Monday of which one mark is confirmed and one waits, one pupil is back and one still out; then the box starts anew. */
async function aMonday() {
  const day = await openDay({ settings });
  const arrival = value(await day.late('amara')).movement;
  value(await day.late('fay'));
  const badge = badgeOf(await day.early('ben', { reason: 'lunch' }));
  badgeOf(await day.early('cai', { reason: 'lunch' }));
  await day.pass(20 * 60_000);
  value(await day.type(badge));
  const confirmed = [...day.ledger.marks.keys()].filter((key) => !key.startsWith('fay'));
  const rows = confirmed.map((key) => ({ key, event: 'theirs', seen: 'L' }) as const);
  await day.box.desk.commit([{ type: 'report', v: 1, date: monday, rows }]);
  return { day: await restart(day, 'second-boot'), arrival };
}
const exported = async (day: Day, date = monday) =>
  value(await day.box.staff.exported(day.box.command({ date }), { date, by: 'Ms Reed' }));

const journalOf = ({ box: { journal } }: Day): RetentionPorts['journal'] => ({
  opened: journal.opened,
  closed: () => journal.closed(),
  remove: (segments, removal) => journal.remove(segments, removal),
  replay: (from, without) => journal.replay(from, without),
});

function retentionOf(day: Day, journal = journalOf(day)): Retention {
  const { school: here, desk } = day.box;
  // Timers of a millisecond or two: nobody waits for them here.
  const timers = { ...day.time.timers, after: (_: number, run: () => void) => (queueMicrotask(run), () => undefined) };
  return new Retention({ school: here, desk, journal, timers, log: silent });
}
/** Lets the box run so long, and looks every hour. */
async function runs(day: Day, hours: number): Promise<void> {
  const retention = retentionOf(day);
  for (let ran = 0; ran < hours; ran += 1) {
    await day.pass(hour);
    await day.watch();
    await retention.look();
  }
}
/** Weeks later: what is finished has left the ledger. */
async function weeksLater(day: Day): Promise<void> {
  for (const date of ['2026-12-30', '2026-12-31']) {
    day.time.set({ now: instant('08:00', date) });
    await day.watch();
  }
  day.time.set({ now: instant('08:00', over) });
}
function erase(day: Day, pupil: string) {
  const input = { pupil, by: 'Ms Reed', second: 'Mr Shah', why: 'asked for in writing' };
  const photos = { list: () => Promise.resolve([]), destroy: () => Promise.resolve() } as unknown as PhotoVault;
  const { school: here, desk, journal } = day.box;
  const erasing = eraseDesk({
    school: here,
    desk,
    journal,
    photos,
    roster: { forget: () => Promise.resolve() },
    timers: day.time.timers,
    checkpoints: null,
    forgetCopies: () => Promise.resolve(),
  });
  return erasing.erase(day.box.command(input), input);
}
const firstSegments = (day: Day): readonly number[] => segmentsOf(day.box.disk).map(({ number }) => number);
const linesOf = (day: Day): readonly string[] => [...ledgerLines(day.ledger)];

describe('a segment whose days are over and exported', () => {
  test('goes after the box has run for a day; who is out, what waits and the sum stay, in a restart too', async () => {
    const { day } = await aMonday();
    expect(await exported(day)).toEqual({ movements: 5 });
    await weeksLater(day);
    await runs(day, 23);
    expect(firstSegments(day)).toEqual([1, 2]);
    const before = { sum: day.ledger.sum(), days: day.ledger.days.get(monday) };
    await runs(day, 3);
    expect(firstSegments(day)).toEqual([2]);
    expect([day.out(), day.marks('fay').length]).toEqual([['cai'], 1]);
    expect({ sum: day.ledger.sum(), days: day.ledger.days.get(monday) }).toEqual(before);
    expect(verify(day.box.disk)).toMatchObject({
      problems: [],
      removed: [{ from: 1, why: 'retention', by: 'Porter' }],
    });
    const again = await restart(day);
    expect(again.ledger.serial).toBe(day.ledger.serial);
    expect(again.out()).toEqual(['cai']);
    expect([again.marks('fay'), again.ledger.sum()]).toEqual([day.marks('fay'), day.ledger.sum()]);
  });

  test('is told again whole: the ledger that ran on and the one read back are one', async () => {
    const { day } = await aMonday();
    await exported(day);
    await weeksLater(day);
    await runs(day, 26);
    const ran = linesOf(day);
    const again = await restart(day);
    const [run] = again.box.replayed.filter(({ type }) => type === 'run').slice(-1);
    expect(run?.n).toBe(day.ledger.last + 1);
    const mine = linesOf(again).filter((line) => !/^\[\["(last|running|runs|timeline|unsettled)"/.test(line));
    for (const line of ran.filter((one) => !/^\[\["(last|running|runs|timeline|unsettled)"/.test(one)))
      expect(mine).toContain(line);
  });

  test('cut off between the record and the files: gone after the next look', async () => {
    const { day } = await aMonday();
    await exported(day);
    await weeksLater(day);
    await runs(day, 23);
    const stops = { ...journalOf(day), remove: () => new Promise<void>(() => undefined) };
    const hangs = retentionOf(day, stops);
    await day.pass(2 * hour);
    void hangs.look();
    await day.pass(hour);
    expect(day.ledger.removing?.segments).toEqual([1]);
    expect(firstSegments(day)).toEqual([1, 2]);
    const again = await restart(day, 'third-boot');
    expect(verify(again.box.disk).problems).toEqual([]);
    await retentionOf(again).look();
    expect(firstSegments(again)).toEqual([2, 3]);
    expect(again.out()).toEqual(['cai']);
  });

  test('stays while the box is switched off: only its running counts', async () => {
    let { day } = await aMonday();
    await exported(day);
    await weeksLater(day);
    for (let night = 0; night < 3; night += 1) {
      await runs(day, 6);
      day = await restart(day, `boot-${String(night)}`);
      day.time.set({ now: day.time.clock.now() + 18 * hour });
    }
    expect(firstSegments(day)).toContain(1);
    await runs(day, 8);
    expect(firstSegments(day)).not.toContain(1);
  });

  test('stays where the clock was a year ahead and steps back before the day is over, and where it is not trusted', async () => {
    const { day } = await aMonday();
    await exported(day);
    await weeksLater(day);
    await runs(day, 20);
    expect(day.ledger.expiring.size).toBe(1);
    day.time.set({ now: instant('08:00', '2026-12-31') });
    await runs(day, 10);
    expect([day.ledger.expiring.size, firstSegments(day)]).toEqual([0, [1, 2]]);
    day.time.set({ now: instant('08:00', '2027-02-01'), trusted: false });
    await runs(day, 30);
    expect(firstSegments(day)).toEqual([1, 2]);
  });
});

describe('it stays, however old,', () => {
  test('while its day is not exported, or something was recorded of the day since', async () => {
    const { day, arrival } = await aMonday();
    await weeksLater(day);
    await runs(day, 30);
    expect([day.ledger.expiring.size, firstSegments(day)]).toEqual([0, [1, 2]]);
    await exported(day);
    expect(day.ledger.exported.has(monday)).toBe(true);
    const fay = day.ledger.movementsOf('fay')[0]?.record.ref ?? '';
    value(await day.correct(fay));
    expect([day.ledger.exported.has(monday), arrival.length > 0]).toEqual([false, true]);
    await runs(day, 30);
    expect(firstSegments(day)).toEqual([1, 2]);
  });

  test('while a movement of it is held, and goes when that is lifted', async () => {
    const { day } = await aMonday();
    await exported(day);
    await weeksLater(day);
    const movement = day.ledger.movementsOf('cai')[0]?.record.ref ?? '';
    const say = (days: number | null, why: string | null) => {
      const input = { movement, days, why, by: 'Ms Reed' };
      return day.box.staff.holdMovement(day.box.command(input), input);
    };
    expect(refusal(await say(20, null))).toBe('invalid_input');
    value(await say(20, 'a matter of custody'));
    await runs(day, 30);
    expect(firstSegments(day)).toEqual([1, 2]);
    value(await say(null, null));
    await runs(day, 30);
    expect(firstSegments(day)).toEqual([2]);
  });
});

describe('a mark that nothing has come of', () => {
  test('for 90 days is for a person, who says what became of it', async () => {
    const { day } = await aMonday();
    day.time.set({ now: instant('08:00', '2027-02-20') });
    await day.watch();
    expect(day.marks('fay')[0]).toContain('waiting');
    day.time.set({ now: instant('08:00', '2027-02-22') });
    await day.watch();
    await day.watch();
    expect(day.marks('fay')[0]).toContain('expired');
    expect(day.ledger.sum()).toMatchObject({ waiting: 0, needsPerson: 1 });
    expect([...day.ledger.marks.values()].find(({ pupil }) => pupil === 'fay')?.settled?.why).toContain('90 days');
    const key = [...day.ledger.marks.keys()].find((one) => one.startsWith('fay')) ?? '';
    const judged = { key, verdict: { kind: 'retry' }, by: 'Ms Reed' } as const;
    value(await day.box.staff.settle(day.box.command(judged), judged));
    await day.watch();
    expect(day.marks('fay')[0]).toContain('waiting');
    day.time.set({ now: instant('08:00', '2027-05-24') });
    await day.watch();
    const kept = { key, verdict: { kind: 'keep-theirs' }, by: 'Ms Reed' } as const;
    value(await day.box.staff.settle(day.box.command(kept), kept));
    expect(day.ledger.sum()).toMatchObject({ waiting: 0, needsPerson: 0 });
  });
});

test('whoever is erased after a mark of theirs was carried counts no more', async () => {
  const { day } = await aMonday();
  await exported(day);
  await weeksLater(day);
  await runs(day, 26);
  expect(firstSegments(day)).not.toContain(1);
  const rows = [...day.ledger.marks.keys()].map((key) => ({ key, event: 'theirs', seen: 'L' }) as const);
  await day.box.desk.commit([{ type: 'report', v: 1, date: monday, rows }]);
  const { confirmed } = day.ledger.sum();
  const of = (ledger: Ledger): number => [...ledger.marks.values()].filter(({ pupil }) => pupil === 'fay').length;
  expect(of(day.ledger)).toBe(1);
  value(await erase(day, 'fay'));
  // Another object since: everything was taken in anew.
  const { durable } = day.box.desk;
  expect(of(durable)).toBe(0);
  expect(durable.sum()).toEqual({ recorded: confirmed - 1, confirmed: confirmed - 1, waiting: 0, needsPerson: 0 });
});

test('whoever is erased while segments go is not carried on', async () => {
  const { day } = await aMonday();
  await exported(day);
  await weeksLater(day);
  value(await day.late('amara'));
  await runs(day, 23);
  await day.pass(2 * hour);
  // The look has read what stays, and goes on when the gate opens.
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  let reached = (): void => undefined;
  const read = new Promise<void>((resolve) => (reached = resolve));
  const journal = journalOf(day);
  const slow: RetentionPorts['journal'] = {
    ...journal,
    async *replay(from, without) {
      yield* journal.replay(from, without);
      reached();
      await gate;
    },
  };
  const looked = retentionOf(day, slow).look();
  await read;
  expect(refusal(await erase(day, 'amara'))).toBe('busy');
  open();
  await looked;
  const erased = erase(day, 'amara');
  await retentionOf(day).look();
  value(await erased);
  const records: Recorded[] = [];
  for await (const some of day.box.journal.replay()) records.push(...some);
  expect(firstSegments(day)).not.toContain(1);
  expect(JSON.stringify(records)).not.toContain('amara');
});

test('an export of a day to come is refused', async () => {
  const day = await openDay({ settings });
  const input = { date: '2026-11-24', by: 'Ms Reed' };
  expect(refusal(await day.box.staff.exported(day.box.command(input), input))).toBe('invalid_input');
});
