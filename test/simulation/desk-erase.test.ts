/** Erasing a pupil: what it asks for, what goes, and that everybody else is as if the pupil had never been there. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eraseDesk } from '../../device/desk/erasing.ts';
import type { Erasure } from '../../device/desk/erasing.ts';
import { ledgerLines } from '../../device/domain/checkpoint.ts';
import { isKnown } from '../../device/domain/known-records.ts';
import { Ledger } from '../../device/domain/ledger.ts';
import { stateOf } from '../../device/domain/mark.ts';
import { pupilsOf } from '../../device/domain/personal.ts';
import type { Recorded } from '../../device/domain/record.ts';
import { JournalError } from '../../device/journal/error.ts';
import { FrameKeys } from '../../device/journal/frame-keys.ts';
import { openWith, recordsIn } from '../../device/journal/reading.ts';
import { segmentsOf } from '../../device/journal/segments.ts';
import { verify } from '../../device/journal/verify.ts';
import { readIn } from '../../device/read-in.ts';
import { silent } from '../support/box.ts';
import { badgeOf, monday, openDay, pupils, refusal, restart, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';
import { testMasters, testRandom } from '../support/keys.ts';

/** The desk that erases, and what it asked to be forgotten beside the records. */
function erasing(day: Day) {
  const kept = new Set<string>();
  const forgotten: string[] = [];
  const card = { refuses: false, slowMs: 0 };
  const { school, desk, journal, command } = day.box;
  const desks = eraseDesk({
    school,
    desk,
    journal,
    photos: {
      put: (visit) => Promise.resolve(void kept.add(visit)),
      get: () => Promise.resolve(null),
      destroy: (visit) =>
        card.refuses
          ? Promise.reject(new JournalError('refused', 'the key of a photo is still on the card'))
          : Promise.resolve(void kept.delete(visit)),
      list: () => Promise.resolve([...kept]),
    },
    checkpoints: {
      forget: () => {
        day.time.pass(card.slowMs);
        return Promise.resolve(void forgotten.push('checkpoint'));
      },
      keepAgain: () => void forgotten.push('kept again'),
    },
    roster: { forget: (keys) => Promise.resolve(void forgotten.push(...keys)) },
    timers: day.time.timers,
    forgetCopies: (badges) => Promise.resolve(void forgotten.push(...badges)),
  });
  const erase = (input: Partial<Erasure> = {}) => {
    const whole = { pupil: 'amara', by: 'Ms Reed', second: 'Mr Shah', why: 'asked for in writing', ...input };
    return desks.erase(command(whole), whole);
  };
  return { erase, kept, forgotten, card, desks };
}

const adopt = async (day: Day, from: string, to: string) => {
  const input = { from, to, by: 'Ms Reed' };
  return value(await day.box.staff.adopt(day.box.command(input), input));
};

async function all(day: Day): Promise<readonly Recorded[]> {
  const records: Recorded[] = [];
  for await (const some of day.box.journal.replay()) records.push(...some);
  return records;
}

/** As the app begins, with these photos in the vault: what it forgot, and which are left. */
async function startAgain({ box: { desk, journal } }: Day, photos: readonly string[]) {
  const kept = new Set(photos);
  let forgotten = 0;
  await readIn(
    {
      journal,
      photos: { list: () => Promise.resolve([...kept]), destroy: (visit) => Promise.resolve(void kept.delete(visit)) },
      checkpoints: null,
      clockPupil: { recorded: () => undefined, begin: () => undefined },
      erasedBefore: { keys: [], done: () => Promise.resolve() },
      forgetCopies: () => Promise.resolve(void (forgotten += 1)),
      log: silent,
    },
    desk,
  );
  return { forgotten, kept: [...kept] };
}

/** The MIS holds everything that is on its way, and staff have settled the rest. */
async function settle(day: Day): Promise<void> {
  const { desk } = day.box;
  const rows = [...desk.durable.marks.values()].map(({ key }) => ({ key, event: 'theirs' as const, seen: 'L' }));
  if (rows.length > 0) await desk.commit([{ type: 'report', v: 1, date: monday, rows }]);
  for (const mark of [...desk.durable.marks.values()]) {
    if (!['confirmed', 'withdrawn'].includes(stateOf(mark))) {
      await desk.commit([{ type: 'verdict', v: 1, key: mark.key, verdict: { kind: 'withdraw' }, by: 'Ms Reed' }]);
    }
  }
}

const added = (records: readonly Recorded[]): readonly string[] => {
  const ledger = new Ledger();
  for (const record of records) if (isKnown(record)) ledger.apply(record);
  return [...ledgerLines(ledger)];
};

/** As the journal would read if nothing had ever been known of this pupil but that something was recorded. */
function without(pupil: string, records: readonly Recorded[]): readonly Recorded[] {
  const named = (record: Recorded): boolean => pupilsOf(record).includes(pupil);
  const commands = new Set(records.filter(named).map(({ command }) => command?.id));
  return records.map((record) => {
    const { command, ...rest } = record;
    const plain = { ...rest, ...(command !== undefined && !commands.has(command.id) && { command }) } as Recorded;
    if (plain.type === 'sending')
      return { ...plain, items: plain.items.filter(({ key }) => !key.startsWith(`${pupil}|`)) };
    if (plain.type === 'report')
      return { ...plain, rows: plain.rows.filter(({ key }) => !key.startsWith(`${pupil}|`)) };
    if (!named(record)) return plain;
    const { ref, n, run, at } = record;
    const serial = record.type === 'badge' ? { serial: record.serial } : {};
    return { type: 'erased', v: 1, keys: [], ...serial, ref, n, run, at };
  });
}

describe('what it would come to', () => {
  const previewOf = (day: Day) => erasing(day).desks.preview('amara');

  test('says what is in the way and what to do; then the numbers that the receipt has', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    await day.late('ben');
    await day.until('10:30');
    const badge = badgeOf(await day.early('amara', { photo: 'taken' }));
    expect(value(await previewOf(day)).blocks).toEqual([
      { words: 'the pupil is out', todo: 'record the return under Now' },
    ]);
    await day.pass(60_000);
    await day.type(badge);
    expect(value(await previewOf(day)).blocks.map(({ todo }) => todo)).toEqual(['settle it under Marks']);
    await settle(day);
    const { erase, desks, kept } = erasing(day);
    for (const visit of day.ledger.visits.keys()) kept.add(visit);
    const before = value(await desks.preview('amara'));
    expect(before).toMatchObject({ movements: 3, badges: 1, photos: 3, onRoster: true, blocks: [] });
    const receipt = value(await erase());
    expect(before.records).toBe(receipt.records);
    expect([...kept]).toEqual([...day.box.desk.durable.visits.keys()]); // of the others
    expect(refusal(await previewOf(day))).toBe('not_found');
  });
});

describe('erasing a pupil', () => {
  test('leaves numbers, the chain and everybody else as they were, and nothing of the pupil', async () => {
    const day = await openDay({ at: '09:02' });
    const { erase, kept, forgotten } = erasing(day);
    value(await day.late('amara'));
    value(await day.late('ben'));
    await day.until('11:00');
    const badge = badgeOf(await day.early('amara'));
    kept.add(day.box.desk.durable.movementsOf('amara')[1]?.record.visit ?? '').add('a visit of somebody else');
    await day.until('13:20');
    value(await day.type(badge));
    badgeOf(await day.early('ben'));
    await settle(day);
    const before = await all(day);

    const receipt = value(await erase());
    expect(receipt).toMatchObject({ by: 'Ms Reed', second: 'Mr Shah', why: 'asked for in writing', remaining: 0 });
    expect(receipt.keys).toHaveLength(1);
    expect(receipt.records).toBe(
      before.filter((one) => one.type !== 'report' && pupilsOf(one).includes('amara')).length,
    );
    expect([...kept]).toEqual(['a visit of somebody else']);
    expect(forgotten).toHaveLength(2 + 1 + 3);
    expect(forgotten).toContain('amara');

    const after = await all(day);
    expect(JSON.stringify(after)).not.toContain('amara');
    expect(after.map(({ n }) => n)).toEqual([...before.map(({ n }) => n), before.length + 1]);
    expect(after.at(-1)).toMatchObject({ type: 'erase', keys: receipt.keys });
    expect(added(after.slice(0, -1))).toEqual(added(without('amara', before)));
    expect([...ledgerLines(day.box.desk.durable)]).toEqual(added(after));
    expect(day.box.desk.durable.movementsOf('ben')).toHaveLength(2);
    const found = verify(day.box.disk);
    expect([found.problems, found.records, found.head]).toEqual([[], after.length, receipt.head]);

    const again = await restart(day);
    expect([...ledgerLines(again.ledger)].slice(1)).toEqual(added(await all(again)).slice(1));
    expect(JSON.stringify(again.box.replayed)).not.toContain('amara');
  });

  test('cannot be undone with the master key and what is left in the folder', async () => {
    const day = await openDay();
    value(await day.late('amara'));
    await settle(day);
    const open = (): string => {
      const payload = openWith(day.box.disk, new FrameKeys(testMasters, testRandom()));
      const segments = segmentsOf(day.box.disk);
      return JSON.stringify(
        segments.map((segment) => [...recordsIn(day.box.disk.read(segment.name), segment, payload)]),
      );
    };
    expect(open()).toContain('amara');
    value(await erasing(day).erase());
    expect(open()).not.toContain('amara');
  });

  test('wants two people, and a reason that does not name the pupil', async () => {
    const day = await openDay();
    const { erase } = erasing(day);
    value(await day.late('amara'));
    await settle(day);
    expect(refusal(await erase({ second: ' ms reed' }))).toBe('invalid_input');
    for (const why of ['Okafor has moved', 'amara asked', 'it is about mis-amara']) {
      expect(refusal(await erase({ why }))).toBe('invalid_input');
    }
    expect(refusal(await erase({ pupil: 'ben' }))).toBe('not_found');
    expect(day.box.desk.durable.movementsOf('amara')).toHaveLength(1);
  });

  test('is refused while the pupil is out, waits to be let go, or has a mark that is not settled', async () => {
    const day = await openDay();
    const { erase, forgotten } = erasing(day);
    value(await day.late('amara'));
    expect(refusal(await erase())).toBe('wrong_state');
    await settle(day);
    badgeOf(await day.early('amara'));
    expect(refusal(await erase())).toBe('wrong_state');
    value(await day.early('eli'));
    expect(refusal(await erase({ pupil: 'eli' }))).toBe('wrong_state');
    expect(forgotten).toEqual([]);
  });

  test('is refused while a mark that was written under another key by mistake stands there: nobody would take it back', async () => {
    const day = await openDay();
    const { erase, desks } = erasing(day);
    await day.late('amara');
    day.box.state.pupils = pupils.filter(({ key }) => key !== 'amara');
    await adopt(day, 'amara', 'ben');
    const items = [{ key: `ben|${monday}|AM`, code: 'L', minutes: 22, comment: null, before: null }];
    await day.box.desk.commit([{ type: 'sending', v: 1, batch: 'one', items }]);
    const rows = [{ key: `ben|${monday}|AM`, event: 'seen' as const, seen: 'L' }];
    await day.box.desk.commit([{ type: 'report', v: 1, date: monday, rows }]);
    day.box.state.pupils = pupils;
    await adopt(day, 'ben', 'amara');
    const own = [{ key: `amara|${monday}|AM`, event: 'theirs' as const, seen: 'L' }];
    await day.box.desk.commit([{ type: 'report', v: 1, date: monday, rows: own }]);
    expect(day.marks('amara')[0]).toContain('confirmed');
    expect(refusal(await erase())).toBe('wrong_state');
    expect(value(await desks.preview('amara')).blocks.map(({ todo }) => todo)).toEqual(['settle it under Marks']);
    await day.box.desk.commit([
      { type: 'verdict', v: 1, key: `ben|${monday}|AM`, verdict: { kind: 'cleared' }, by: 'Ms Reed' },
    ]);
    value(await erase());
  });

  test('who comes again is recorded under another key', async () => {
    const day = await openDay();
    value(await day.late('amara'));
    await settle(day);
    const first = value(await erasing(day).erase());
    value(await day.late('amara'));
    expect(day.box.desk.durable.movementsOf('amara')).toHaveLength(1);
    await settle(day);
    const second = value(await erasing(day).erase());
    expect(second.keys).not.toEqual(first.keys);
    expect(JSON.stringify(await all(day))).not.toContain('amara');
  });

  test('what was asked for one pupil is never carried out for another', async () => {
    const day = await openDay();
    value(await day.late('amara'));
    value(await day.late('ben'));
    await settle(day);
    const { desks, forgotten } = erasing(day);
    const input = { by: 'Ms Reed', second: 'Mr Shah', why: 'asked for' };
    const asked = day.box.command(input);
    const first = value(await desks.erase(asked, { ...input, pupil: 'amara' }));
    expect(value(await desks.erase(asked, { ...input, pupil: 'amara' })).record).toBe(first.record);
    forgotten.splice(0);
    expect(refusal(await desks.erase(asked, { ...input, pupil: 'ben' }))).toBe('invalid_input');
    expect(forgotten).toEqual([]);
    expect(day.box.desk.durable.movementsOf('ben')).toHaveLength(1);
  });

  test('asked for again after the pupil has signed in anew, it is answered as it was, and what is new stays', async () => {
    const day = await openDay();
    value(await day.late('amara'));
    await settle(day);
    const { desks, kept } = erasing(day);
    const input = { pupil: 'amara', by: 'Ms Reed', second: 'Mr Shah', why: 'asked for' };
    const asked = day.box.command(input);
    const first = value(await desks.erase(asked, input));
    value(await day.late('amara'));
    const visits = day.box.desk.durable.movementsOf('amara').map(({ record }) => record.visit);
    for (const visit of visits) kept.add(visit);
    expect(value(await desks.erase(asked, input))).toMatchObject({ record: first.record, records: first.records });
    expect(visits).toHaveLength(1);
    expect([...kept]).toEqual(visits);
    expect(day.box.desk.durable.movementsOf('amara')).toHaveLength(1);
  });

  test('takes the pupil with the key of before, where the pupil was enrolled anew', async () => {
    const day = await openDay();
    value(await day.late('cai'));
    await settle(day);
    day.box.state.pupils = day.box.state.pupils.filter(({ key }) => key !== 'cai');
    const input = { from: 'cai', to: 'ben', by: 'Ms Reed' };
    value(await day.box.staff.adopt(day.box.command(input), input));
    await day.until('11:00');
    value(await day.type(badgeOf(await day.early('ben'))));
    await settle(day);
    expect(value(await erasing(day).erase({ pupil: 'ben' })).keys).toHaveLength(2);
    expect(JSON.stringify(await all(day))).not.toMatch(/ben|cai/);
  });

  test('a photo taken under the wrong name is of whom staff say it is: it goes with that pupil, and with no other', async () => {
    const day = await openDay({ at: '11:00' });
    const { erase, kept } = erasing(day);
    badgeOf(await day.early('amara'));
    const [departure] = day.box.desk.durable.movementsOf('amara');
    const { visit, ref } = departure?.record ?? { visit: '', ref: '' };
    kept.add(visit);
    value(await day.correct(ref, 'ben'));
    await settle(day);
    value(await erase());
    expect([...kept]).toEqual([visit]);
    value(await day.backByName('ben'));
    await settle(day);
    value(await erase({ pupil: 'ben' }));
    expect([...kept]).toEqual([]);
  });

  test('a key that is still there at a start goes then, and what it opened is read once more without it', async () => {
    const day = await openDay();
    value(await day.late('amara'));
    value(await day.late('ben'));
    await settle(day);
    const names = day.box.disk.list().filter((name) => name.startsWith('pupil-keys'));
    const copies = names.map((name) => [name, day.box.disk.read(name)] as const);
    value(await erasing(day).erase());
    await day.box.journal.close();
    // As a power cut leaves it, or a backup brings it back.
    for (const [name, bytes] of copies) day.box.disk.put(name, bytes);
    const again = await openDay({ ...day.options, time: day.time, disk: day.box.disk });
    expect(JSON.stringify(again.box.replayed)).toContain('amara');
    expect(await startAgain(again, [])).toEqual({ forgotten: 1, kept: [] });
    expect(again.box.desk.durable.movementsOf('amara')).toEqual([]);
    expect(again.box.desk.durable.movementsOf('ben')).toHaveLength(1);
    expect(await again.box.journal.keysOf(['amara', 'ben'])).toHaveLength(1);
    expect(JSON.stringify(await all(again))).not.toContain('amara');
  });

  test('cut off before the photos went: the next start destroys them, also one taken under another name', async () => {
    const day = await openDay({ at: '11:00' });
    const { erase, card, kept } = erasing(day);
    badgeOf(await day.early('amara'));
    const [departure] = day.box.desk.durable.movementsOf('amara');
    const { visit, ref } = departure?.record ?? { visit: '', ref: '' };
    kept.add(visit).add('a visit of somebody else');
    value(await day.correct(ref, 'ben'));
    value(await day.backByName('ben'));
    await settle(day);
    card.refuses = true;
    expect(refusal(await erase({ pupil: 'ben' }))).toBe('storage_failed');
    expect(kept).toContain(visit);
    const after = await startAgain(await restart(day), [...kept]);
    expect(after.kept).toEqual(['a visit of somebody else']);
  });

  test('that the card does not take at once is told to staff, tried again, and gives its receipt then', async () => {
    const day = await openDay();
    const { erase, forgotten, card, desks } = erasing(day);
    value(await day.late('amara'));
    await settle(day);
    const before = await all(day);
    card.refuses = true;
    const answer = await erase();
    expect(refusal(answer)).toBe('storage_failed');
    const record = /receipt (\S+)/.exec(JSON.stringify(answer))?.[1]?.replace(/"?}*$/, '') ?? '';
    expect(desks.words()).toEqual([expect.stringContaining('has not taken all of it')]);
    await day.pass(150_000);
    expect(refusal(await desks.receipt(record))).toBe('wrong_state');
    card.refuses = false;
    await day.pass(60_000);
    expect(desks.words()).toEqual([expect.stringContaining(`receipt ${record}`)]);
    const receipt = value(await desks.receipt(record));
    const gone = before.filter((one) => one.type !== 'report' && pupilsOf(one).includes('amara')).length;
    expect(receipt).toMatchObject({ record, by: 'Ms Reed', records: gone, remaining: 0, onRoster: true });
    expect(desks.words()).toEqual([]);
    expect(day.box.desk.durable.movementsOf('amara')).toEqual([]);
    expect(forgotten.at(-1)).toBe('kept again');
    // And after a start, as far as the records tell.
    const again = erasing(await restart(day)).desks;
    const { upTo: _upTo, head: _head, ...same } = receipt;
    expect(value(await again.receipt(record))).toMatchObject({ ...same, remaining: null, onRoster: null });
    expect(refusal(await again.receipt('nobody:1'))).toBe('not_found');
  });

  test('is not begun over a minute after it was asked for, however slow the card was until then', async () => {
    const day = await openDay({ at: '09:02' });
    const { erase, card } = erasing(day);
    value(await day.late('amara'));
    await settle(day);
    card.slowMs = 61_000;
    expect(refusal(await erase())).toBe('too_late');
    card.slowMs = 0;
    value(await erase());
  });

  test('random days: everybody else adds up to what they would without the pupil', async () => {
    const who = fc.constantFrom('amara', 'ben', 'cai', 'fay');
    let erased = 0;
    const step = fc.tuple(fc.constantFrom('late', 'early', 'back', 'undo', 'other', 'note'), who, who);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), who, async (steps, gone) => {
        const day = await openDay({ at: '08:50' });
        for (const [what, one, other] of steps) {
          await day.pass(5 * 60_000);
          await carryOut(day, what, one, other);
        }
        for (const one of ['amara', 'ben', 'cai', 'fay']) await day.backByName(one);
        await settle(day);
        const before = await all(day);
        const result = await erasing(day).erase({ pupil: gone });
        if (!result.ok) {
          expect(['not_found', 'wrong_state']).toContain(result.error.code);
          return;
        }
        erased += 1;
        const after = await all(day);
        expect(JSON.stringify(after)).not.toContain(gone);
        expect(added(after.slice(0, -1))).toEqual(added(without(gone, before)));
        expect(verify(day.box.disk).problems).toEqual([]);
      }),
      { numRuns: 30 },
    );
    expect(erased).toBeGreaterThan(0);
  });
});

async function carryOut(day: Day, what: string, one: string, other: string): Promise<void> {
  const last = day.box.desk.durable.movementsOf(one).at(-1)?.record.ref;
  if (what === 'late') await day.late(one);
  else if (what === 'early') await day.early(one);
  else if (what === 'back') await day.backByName(one);
  else if (what === 'note') {
    const about = { urgent: false, visit: null, pupil: one, detail: null };
    await day.box.desk.commit([{ type: 'note', v: 1, kind: 'see-reception', ...about }]);
  } else if (last !== undefined) await day.correct(last, what === 'undo' ? null : other);
}
