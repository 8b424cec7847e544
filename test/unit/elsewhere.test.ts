/** Several boxes of one school: what each comes to know of the others, in whatever order it hears of it (durability.md 2, 30). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seeded } from '../../device/demo/random.ts';
import { ledgerFrom, ledgerLines } from '../../device/domain/checkpoint.ts';
import { openDeparture, out, pupilOf, resolved, returnsFor, unnamed } from '../../device/domain/elsewhere.ts';
import { Ledger } from '../../device/domain/ledger.ts';
import { journalOf } from '../../device/domain/record.ts';
import type { BadgeBody, Body, Instant, MovementBody, Recorded, Ref } from '../../device/domain/record.ts';

const date = '2026-11-23';
const start = Date.parse(`${date}T09:00Z`);
const linesOf = (ledger: Ledger): readonly string[] => [...ledgerLines(ledger)];
const raise = (): never => {
  throw new Error('not there');
};

/** A box that writes its journal; its records reach the others later, or never. */
class Writer {
  readonly records: Recorded[] = [];
  readonly journal: string;
  private readonly now: () => Instant;

  constructor(journal: string, now: () => Instant) {
    this.journal = journal;
    this.now = now;
  }

  tell(body: Body): Ref {
    const n = this.records.length + 1;
    const ref = `${this.journal}:${String(n)}`;
    this.records.push({ ...body, ref, n, run: 'run', at: this.now() });
    return ref;
  }

  moves(kind: MovementBody['kind'], more: Partial<MovementBody> = {}, touch = this.now()): Ref {
    const facts = { pupil: 'amara', visit: `v${String(this.records.length)}`, reason: 'medical', touch };
    return this.tell({ type: 'movement', v: 1, kind, ...facts, by: 'pupil', ...more });
  }

  /** A departure with its badge. */
  leaves(pupil: string, id: string, token = '0123456789abcdef'): { readonly departure: Ref; readonly badge: Ref } {
    const departure = this.moves('early-departure', { pupil });
    const serial = this.records.length;
    return { departure, badge: this.tell({ type: 'badge', v: 1, movement: departure, id, date, serial, token }) };
  }

  back(id: string, more: { readonly token?: string; readonly touch?: Instant } = {}): Ref {
    const badge = { date, id, token: more.token ?? null };
    return this.moves('return', { pupil: null, reason: null, badge }, more.touch);
  }

  undo(movement: Ref): Ref {
    return this.tell({ type: 'correction', v: 1, movement, how: 'staff', by: 'Ms Reed', why: null });
  }
}

/** Each record once or more often, each box's in its own order, a repeat at any time after it. */
function shuffled(boxes: readonly Writer[], below: (end: number) => number): readonly (readonly [Writer, Recorded])[] {
  const heard = boxes.map(() => 0);
  const order: (readonly [Writer, Recorded])[] = [];
  const rest = (): readonly number[] =>
    [...boxes.keys()].filter((i) => (heard[i] ?? 0) < (boxes[i]?.records.length ?? 0));
  for (let left = rest(); left.length > 0; left = rest()) {
    const i = left[below(left.length)] ?? 0;
    const [box, n] = [boxes[i] ?? raise(), heard[i] ?? 0];
    const repeated = n > 0 && below(4) === 0;
    const record = box.records[repeated ? below(n) : n] ?? raise();
    order.push([box, record]);
    if (!repeated) heard[i] = n + 1;
  }
  return order;
}

function hear(ledger: Ledger, own: Writer, [box, record]: readonly [Writer, Recorded]): void {
  if (box === own) ledger.apply(record);
  else ledger.learn(box.journal, record);
}

/** What the box `own` knows when it has heard everything, in the order of the list. */
function known(own: Writer, boxes: readonly Writer[]): Ledger {
  const ledger = new Ledger();
  for (const box of boxes) for (const record of box.records) hear(ledger, own, [box, record]);
  return ledger;
}

/** Days at two to four boxes whose pupils leave at one door and come back at another, told by chance. */
function school(seed: number): { readonly boxes: readonly Writer[]; readonly below: (end: number) => number } {
  const { below } = seeded(seed);
  let minute = 0;
  const at = (): Instant => {
    minute += below(20);
    const earliest = start + minute * 60_000;
    const open = below(6) === 0;
    return {
      earliest,
      latest: open ? null : earliest + below(3) * 60_000,
      mono: minute * 60_000,
      boot: open ? 'dark' : 'b',
    };
  };
  const boxes = ['b0', 'a1', 'c2', 'd3'].slice(0, 2 + below(3)).map((journal) => new Writer(journal, at));
  const pick = <T>(all: readonly T[]): T | undefined => all[below(Math.max(1, all.length))];
  const issued = (): readonly (Recorded & BadgeBody)[] =>
    boxes.flatMap(({ records }) => records.flatMap((one) => (one.type === 'badge' ? [one] : [])));
  const movements = (box: Writer): readonly Ref[] =>
    box.records.flatMap((one) => (one.type === 'movement' ? [one.ref] : []));
  for (let done = 0; done < 60; done += 1) {
    const box = pick(boxes) ?? raise();
    const badge = pick(issued());
    const movement = pick(movements(box));
    const pupil = pick(['amara', 'ben', 'cai', 'dina']) ?? 'amara';
    switch (below(10)) {
      case 0:
      case 1:
      case 2:
        box.leaves(pupil, `${box.journal.slice(1)}${String(1_000_000 + below(12))}`, below(2) === 0 ? 'aa' : 'bb');
        break;
      case 3:
      case 4:
      case 5: {
        if (badge === undefined) break;
        const token = below(2) === 0 ? { token: pick(['aa', 'bb']) ?? 'aa' } : {};
        if (journalOf(badge.ref) === box.journal) box.moves('return', { departure: badge.movement });
        else if (below(3) > 0) box.back(badge.id, token);
        else box.moves('return', { departure: badge.movement, pupil, badge: { date, id: badge.id, token: null } });
        break;
      }
      case 6:
        if (movement !== undefined) box.undo(movement);
        break;
      case 7: {
        if (movement === undefined) break;
        const facts = { movement, pupil, date, session: 'AM', outcome: 'late', comment: null } as const;
        const rule = { rule: 'x', settings: 's', mayReplacePresent: true, afterClose: false };
        box.tell({ type: 'decided', v: 1, ...facts, want: { kind: 'mark', code: 'L', minutes: 5 }, ...rule });
        break;
      }
      case 8:
        if (badge !== undefined) box.tell({ type: 'badge-void', v: 1, badge: badge.ref, by: 'Ms Reed' });
        break;
      default:
        if (below(2) === 0) box.tell({ type: 'prune', v: 1, before: '2026-11-24' });
        else
          box.tell({
            type: 'time',
            v: 1,
            boot: 'dark',
            mono: 0,
            earliest: start,
            latest: start,
            sources: ['person'],
            by: 'x',
          });
    }
  }
  return { boxes, below };
}

describe('records of several boxes', () => {
  // fast-check prints the seed of a history that fails.
  const everySchool = (check: (seed: number) => void): void => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 31 }), check), { numRuns: 60 });
  };

  test('give the same ledger, byte for byte, in whatever order they arrive and however often', () => {
    let [repeats, crossed] = [0, 0];
    everySchool((seed) => {
      const { boxes, below } = school(seed);
      for (const own of boxes) {
        const all = linesOf(known(own, boxes));
        const order = shuffled(boxes, below);
        repeats += order.length - boxes.reduce((sum, { records }) => sum + records.length, 0);
        let ledger = new Ledger();
        const cut = below(order.length);
        for (const [index, heard] of order.entries()) {
          // By a checkpoint of any moment, or a copy, too.
          if (index === cut) ledger = (below(2) === 0 ? ledgerFrom(linesOf(ledger)) : ledger.copy()) ?? raise();
          hear(ledger, own, heard);
        }
        expect(linesOf(ledger)).toEqual(all);
        crossed += [...ledger.reaching.values()].length;
      }
    });
    expect([repeats > 100, crossed > 100]).toEqual([true, true]);
  });

  test('tell every box the same: who is out, who came back first, who came back unnamed', () => {
    const refs = (movements: readonly { readonly record: { readonly ref: Ref } }[]): readonly Ref[] =>
      movements.map(({ record }) => record.ref);
    let [named, twice, unknown] = [0, 0, 0];
    everySchool((seed) => {
      const { boxes } = school(seed);
      const [first, ...others] = boxes.map((own) => known(own, boxes));
      if (first === undefined) return;
      const told = (ledger: Ledger): unknown => {
        const all = [ledger, ...ledger.others.values()].flatMap((box) => [...box.movements.values()]);
        const inOrder = all.sort((one, other) => (one.record.ref < other.record.ref ? -1 : 1));
        return {
          returns: inOrder.map((movement) => {
            const known = resolved(ledger, movement);
            named += known?.stands === true && movement.record.pupil === null ? 1 : 0;
            twice += known?.stands === false && !movement.cancelled ? 1 : 0;
            return [movement.record.ref, known?.departure.record.ref, known?.stands, pupilOf(ledger, movement)];
          }),
          departures: inOrder.map((movement) => refs(returnsFor(ledger, movement))),
          unnamed: refs(unnamed(ledger)),
          open: ['amara', 'ben', 'cai', 'dina'].map((pupil) => openDeparture(ledger, pupil)?.record.ref),
        };
      };
      const one = told(first);
      unknown += unnamed(first).length;
      for (const other of others) expect(told(other)).toEqual(one);
    });
    expect([named > 50, twice > 50, unknown > 50]).toEqual([true, true, true]);
  });
});

describe('a badge of another box', () => {
  const at = (minute: number, until: number | null = minute): Instant => ({
    earliest: start + minute * 60_000,
    latest: until === null ? null : start + until * 60_000,
    mono: minute * 60_000,
    boot: 'b',
  });
  const pair = () => ({ here: new Writer('here', () => at(60)), there: new Writer('there', () => at(0)) });
  const id = '28391270';

  test('brings back a pupil who gets a name, and is out no more, when its departure becomes known', () => {
    const { here, there } = pair();
    const back = here.back(id);
    const before = known(here, [here]);
    expect(unnamed(before).map(({ record }) => record.ref)).toEqual([back]);
    const { departure } = there.leaves('ben', id);
    const after = known(here, [here, there]);
    expect(unnamed(after)).toEqual([]);
    expect(pupilOf(after, after.movements.get(back) ?? raise())).toBe('ben');
    expect(openDeparture(after, 'ben')).toBeNull();
    const other = known(there, [there, here]);
    expect([out(other), [...other.out]]).toEqual([[], [departure]]);
    // Undone, the pupil is out again.
    here.undo(back);
    expect(out(known(there, [there, here])).map(({ record }) => record.ref)).toEqual([departure]);
  });

  test('used at two doors: who came first stands, by the time that is sure; the other is nobody', () => {
    const { here, there } = pair();
    const third = new Writer('a-third', () => at(90));
    const { departure } = there.leaves('ben', id);
    const [later, first] = [here.back(id), third.back(id, { touch: at(30) })];
    for (const own of [here, there, third]) {
      const ledger = known(own, [here, third, there]);
      const left = [ledger, ...ledger.others.values()].flatMap((box) => box.movements.get(departure) ?? []);
      expect(returnsFor(ledger, left[0] ?? raise()).map(({ record }) => record.ref)).toEqual([first, later]);
      expect(unnamed(ledger).map(({ record }) => record.ref)).toEqual([later]);
    }
  });

  test.each([
    ['first is whose time ends earlier', at(30, 50), at(40, 45), 'z'],
    ['where one is open, the other', at(30, null), at(40, 45), 'z'],
    ['where both end alike, the one that begins earlier', at(40, 50), at(30, 50), 'z'],
    ['where both are alike, the lesser journal', at(40), at(40), 'a'],
  ])('used at two doors at times that overlap: %s', (_name, a, z, first) => {
    const there = new Writer('there', () => at(0));
    const { departure } = there.leaves('ben', id);
    const [one, two] = [new Writer('a', () => at(60)), new Writer('z', () => at(60))];
    // In a boot of which nothing else is known.
    one.back(id, { touch: { ...a, boot: 'dark' } });
    two.back(id, { touch: { ...z, boot: 'dark' } });
    const ledger = known(there, [two, there, one]);
    const [stands] = returnsFor(ledger, ledger.movements.get(departure) ?? raise());
    expect(journalOf(stands?.record.ref ?? '')).toBe(first);
  });

  test.each([
    ['with another token', (box: Writer) => void box.leaves('ben', id)],
    [
      'that is void',
      (box: Writer) => box.tell({ type: 'badge-void', v: 1, badge: box.leaves('ben', id, 'aa').badge, by: 'x' }),
    ],
    ['whose departure was undone', (box: Writer) => box.undo(box.leaves('ben', id, 'aa').departure)],
  ])('%s names nobody: the return stays for a person', (_name, happens) => {
    const { here, there } = pair();
    const back = here.back(id, { token: 'aa' });
    happens(there);
    const ledger = known(here, [here, there]);
    expect(unnamed(ledger).map(({ record }) => record.ref)).toEqual([back]);
  });

  test('as it was recorded before: the badge in place of the departure', () => {
    const { here, there } = pair();
    here.moves('return', { pupil: null, reason: null, departure: `badge:${date}:${id}` });
    const now = new Writer('here', () => at(60));
    now.back(id);
    expect(known(here, [here])).toEqual(known(now, [now]));
    there.leaves('ben', id);
    expect(unnamed(known(here, [here, there]))).toEqual([]);
  });
});

test('a restored box and the one it was made from hold the same records: they count once', () => {
  const dead = new Writer('dead', () => ({ earliest: start, latest: start, mono: 0, boot: 'b' }));
  const { departure } = dead.leaves('ben', '18391270');
  const ledger = new Ledger();
  for (const record of dead.records) ledger.apply(record);
  const own = { ...(dead.records[0] ?? raise()), type: 'run', v: 1, build: 'x', boot: 'c', cleanStop: false } as const;
  ledger.apply({ ...own, ref: 'restored:3', n: 3, follows: 'dead:2' });
  const back = { type: 'movement', v: 1, kind: 'return', pupil: 'ben', visit: 'w', reason: null, by: 'pupil' } as const;
  ledger.apply({ ...back, touch: own.at, departure, ref: 'restored:4', n: 4, run: 'run', at: own.at });
  // What the dead one wrote after the backup is found on its card.
  dead.leaves('cai', '18391271');
  for (const record of dead.records) ledger.learn('dead', record);
  expect([openDeparture(ledger, 'ben'), openDeparture(ledger, 'cai')?.record.ref]).toEqual([null, 'dead:3']);
});
