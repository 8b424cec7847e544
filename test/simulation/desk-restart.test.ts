/** The journal is the one truth: whatever happened, a box that starts from it is the box that stopped. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ledgerFrom, ledgerLines } from '../../device/domain/checkpoint.ts';
import type { Ledger } from '../../device/domain/ledger.ts';
import { bucketOf, stateOf } from '../../device/domain/mark.ts';
import type { Body, MarkEvent, VerdictBody } from '../../device/domain/record.ts';
import { qrText } from '../../device/domain/badge.ts';
import { seededRandom } from '../support/box.ts';
import { badgeOfBox, monday, openDay, pupils, restart, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';

const kinds = [
  ...['late', 'late', 'late', 'sibling', 'undo', 'early', 'early', 'early', 'answer', 'typed', 'typed', 'scan', 'name'],
  ...[
    'note',
    'correct',
    'move',
    'settle',
    'hold',
    'note-done',
    'void',
    'send',
    'report',
    'print',
    'watch',
    'clock',
    'card',
  ],
] as const;

const crowd = Array.from({ length: 4 }, (_, copy) =>
  pupils.map((pupil) => ({ ...pupil, key: `${pupil.key}${String(copy)}`, misId: `${pupil.misId}${String(copy)}` })),
).flat();
/** A badge of another box. */
const elsewhere = badgeOfBox(2);

/** One more thing that happens; most are as they should be, some are nonsense. */
async function happen(day: Day, uniform: () => number): Promise<unknown> {
  const { box, ledger, time } = day;
  const pick = <T>(all: Iterable<T>): T | undefined => {
    const list = [...all];
    return list[Math.floor(uniform() * list.length)];
  };
  const who = (): string => pick(box.state.pupils)?.key ?? '';
  const touchAgoMs = Math.floor(uniform() * 60_000);
  const badge = pick(ledger.badges.values())?.record;
  const key = pick(ledger.marks.keys()) ?? '';
  const by = pick(['Ms Reed', 'Mr Hall']) ?? '';
  switch (pick(kinds)) {
    case 'late':
      return day.late(who(), { touchAgoMs, forRegistration: uniform() < 0.5 });
    case 'sibling':
      return day.late(who(), { withVisit: pick(ledger.visits.keys()) ?? 'none' });
    case 'undo': {
      const arrival = pick(ledger.movements.values())?.record;
      return day.undo(arrival?.visit ?? '', arrival?.ref ?? '');
    }
    case 'early':
      return day.early(who(), { reason: pick(['medical', 'unwell', 'lunch', 'home']) ?? '', touchAgoMs });
    case 'answer':
      return day.answer(pick(ledger.requests.keys()) ?? '', uniform() < 0.7 ? 'let-go' : 'no', by);
    case 'typed':
      return day.type(pick([badge?.id ?? '', badge?.id ?? '', elsewhere, '12345678']) ?? '');
    case 'scan':
      return day.scan(badge === undefined ? 'nothing' : qrText(badge.id, badge.token));
    case 'name':
      return day.backByName(who());
    case 'note': {
      const input = { visit: day.visit(), kind: 'not-on-list', month: 4, touchAgoMs } as const;
      return box.picker.note(box.command(input), input);
    }
    case 'correct':
      return day.correct(pick(ledger.movements.keys()) ?? '', null, by);
    case 'move':
      return day.correct(pick(ledger.movements.keys()) ?? '', who(), by);
    case 'settle': {
      const verdict: VerdictBody['verdict'] =
        uniform() < 0.5
          ? { kind: 'write', code: pick(['L', 'U', 'M']) ?? 'L', minutes: 5, seen: null }
          : { kind: pick(['keep-theirs', 'retry', 'cleared'] as const) ?? 'retry' };
      return box.staff.settle(box.command({ key, verdict }), { key, verdict, by });
    }
    case 'hold': {
      const input = { hold: uniform() < 0.5 ? null : { reason: 'bus', agoMs: touchAgoMs }, by };
      return box.staff.holdArrivals(box.command(input), input);
    }
    case 'note-done': {
      const input = { note: pick(ledger.notes.keys()) ?? '', by };
      return box.staff.noteDone(box.command(input), input);
    }
    case 'void': {
      const input = { badge: pick(ledger.badges.keys()) ?? '', by };
      return box.staff.voidBadge(box.command(input), input);
    }
    case 'send': {
      if (ledger.mark(key)?.flight !== null || stateOf(ledger.mark(key) ?? raise()) !== 'waiting') return;
      const item = { key, code: 'L', minutes: 5, comment: null, before: pick([null, 'N']) ?? null };
      return box.desk.record(() => [{ type: 'sending', v: 1, batch: 'b', items: [item] }]);
    }
    case 'report': {
      const events: readonly MarkEvent[] = [
        'held-back',
        'put-off',
        'lost',
        'queued',
        'seen',
        'theirs',
        'foreign',
        'refused',
      ];
      const row = { key, event: pick(events) ?? 'lost', seen: pick(['L', 'N', 'I']) ?? null };
      return box.desk.record(() => [{ type: 'report', v: 1, date: monday, rows: [row] }]);
    }
    case 'print': {
      const ref = pick(ledger.badges.keys());
      if (ref === undefined) return;
      const print: Body = { type: 'print', v: 1, badge: ref, attempt: 1, state: 'printed', why: null };
      return box.desk.record(() => [print]);
    }
    case 'watch':
      return day.watch();
    case 'clock':
      time.set({ trusted: uniform() < 0.6 });
      return day.pass(Math.floor(uniform() * 40 * 60_000));
    case 'card':
      box.disk.capacity = uniform() < 0.2 ? 0 : Infinity;
      return;
    case undefined:
      return;
  }
}
const raise = (): never => {
  throw new Error('no such mark');
};

/** The buckets counted from the marks themselves. */
function counted(ledger: Ledger): Record<string, number> {
  const buckets = [...ledger.marks.values()].map((mark) => bucketOf[stateOf(mark)]);
  const undecided = [...ledger.undecided].filter(
    (ref) => ledger.movements.get(ref)?.record.kind !== 'early-departure',
  ).length;
  const count = (name: string): number => buckets.filter((bucket) => bucket === name).length;
  const [confirmed, waiting, needsPerson] = [count('confirmed'), count('waiting') + undecided, count('needsPerson')];
  return { recorded: confirmed + waiting + needsPerson, confirmed, waiting, needsPerson };
}

describe('three hundred commands at random', () => {
  // fast-check prints the seed of a history that fails.
  test(
    'the ledger folded from the journal is the ledger that grew, and so is its copy',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 }), async (seed) => {
          const random = seededRandom(seed);
          const uniform = (): number => random.uniform();
          let day = await openDay({ at: '08:35', pupils: crowd });
          for (let done = 0; done < 300; done += 1) {
            await happen(day, uniform);
            expect(day.ledger.sum()).toEqual(counted(day.ledger));
            if (done === 150) {
              day.box.disk.capacity = Infinity;
              day = await restart(day, uniform() < 0.5 ? 'second-boot' : undefined);
            }
          }
          day.box.disk.capacity = Infinity;
          expect(day.ledger.copy()).toEqual(day.ledger);
          for (const { decided } of day.ledger.movements.values()) {
            const once = decided.map(({ outcome, date, session }) =>
              outcome === 'still-out' ? `${outcome} ${date} ${String(session)}` : 'itself',
            );
            expect(new Set(once).size).toBe(once.length);
          }
          const again = (await restart(day)).ledger;
          // The new run's first record: nobody knows what became of marks that were being sent.
          const stopped = day.ledger.copy();
          const [run = '', boot = ''] = [...again.runs].at(-1) ?? [];
          const envelope = { ref: 'run', n: again.last, run, at: day.time.clock.reading() };
          stopped.apply({ type: 'run', v: 1, build: 'test', boot, cleanStop: true, ...envelope });
          expect(again).toEqual(stopped);
          const out = [...again.out].map((ref) => again.movements.get(ref)?.record.pupil);
          expect(new Set(out).size).toBe(out.length);
        }),
        { numRuns: 8 },
      );
    },
  );
});

describe('records of another version', () => {
  test('of unknown types and versions are passed over; what is known counts', async () => {
    const day = await openDay({ at: '09:02' });
    const future = [
      { type: 'timetable', v: 1, pupil: 'amara' },
      { type: 'movement', v: 2, place: 'gate' },
    ] as unknown as readonly Body[];
    await day.late('amara');
    await day.box.journal.commit(future).durable;
    const again = await restart(day);
    await again.late('ben');
    const last = await restart(again);
    expect([...last.ledger.byPupil.keys()]).toEqual(['amara', 'ben']);
    expect(last.marks('amara')).toEqual(['2026-11-23 AM waiting L 22']);
  });

  test('one that cannot be taken in is set aside by its number, and costs no start', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    const spoilt = [{ type: 'report', v: 1, date: monday }] as unknown as readonly Body[];
    const { records, durable } = day.box.journal.commit(spoilt);
    await durable;
    const again = await restart(day);
    const numbers = records.map(({ n }) => n);
    expect([...again.ledger.setAside]).toEqual(numbers);
    await again.late('ben');
    const last = await restart(again);
    expect([...last.ledger.byPupil.keys()]).toEqual(['amara', 'ben']);
    // A checkpoint passes over the record itself.
    expect([...(ledgerFrom(ledgerLines(last.ledger))?.setAside ?? [])]).toEqual(numbers);
    value(await last.box.staff.setAsideSeen(last.box.command('seen'), { by: 'Ms Reed' }));
    expect([...last.ledger.setAside]).toEqual([]);
    expect(await last.box.staff.setAsideSeen(last.box.command('again'), { by: 'Ms Reed' })).toMatchObject({
      ok: false,
    });
    expect([...(await restart(last)).ledger.setAside]).toEqual([]);
  });

  test('a record met twice counts once', async () => {
    const day = await openDay({ at: '09:02' });
    value(await day.late('amara'));
    const before = day.ledger.copy();
    day.box.desk.replay(day.records);
    expect(day.ledger).toEqual(before);
  });
});
