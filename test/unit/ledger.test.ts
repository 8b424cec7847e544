/** What records add up to, record by record. Whole histories: simulation/desk-restart.test.ts. */
import { describe, expect, test } from 'vitest';
import { isKnown } from '../../device/domain/known-records.ts';
import { usesOf } from '../../device/domain/elsewhere.ts';
import { Ledger } from '../../device/domain/ledger.ts';
import { stateOf } from '../../device/domain/mark.ts';
import type { Body, DecidedBody, Envelope, MovementBody, Recorded } from '../../device/domain/record.ts';

const at = { earliest: 1_000, latest: 1_000, mono: 1_000, boot: 'boot' };
const date = '2026-11-23';

/** A ledger that numbers what it is told. */
function told() {
  const ledger = new Ledger();
  let n = 0;
  const tell = (body: Body, command?: Envelope['command']): string => {
    n += 1;
    const ref = `j:${String(n)}`;
    ledger.apply({ ...body, ref, n, run: 'run', at, ...(command === undefined ? {} : { command }) });
    return ref;
  };
  return { ledger, tell };
}
const movement = (kind: MovementBody['kind'], more: Partial<MovementBody> = {}): MovementBody => ({
  type: 'movement',
  v: 1,
  kind,
  pupil: 'amara',
  visit: 'visit',
  reason: 'bus',
  touch: at,
  by: 'pupil',
  ...more,
});
const decided = (ref: string, more: Partial<DecidedBody> = {}): DecidedBody => ({
  type: 'decided',
  v: 1,
  movement: ref,
  pupil: 'amara',
  date,
  session: 'AM',
  outcome: 'late',
  want: { kind: 'mark', code: 'L', minutes: 22 },
  comment: null,
  rule: 'while-open',
  settings: 'test',
  mayReplacePresent: true,
  afterClose: false,
  ...more,
});
const undo = (ref: string): Body => ({
  type: 'correction',
  v: 1,
  movement: ref,
  how: 'staff',
  by: 'Ms Reed',
  why: null,
});
const key = `amara|${date}|AM`;
const sum = (confirmed: number, waiting: number, needsPerson: number) => ({
  recorded: confirmed + waiting + needsPerson,
  confirmed,
  waiting,
  needsPerson,
});

describe('the sum', () => {
  test('an arrival waits from its first record on, and counts once', () => {
    const { ledger, tell } = told();
    const ref = tell(movement('late-arrival'));
    expect(ledger.sum()).toEqual(sum(0, 1, 0));
    tell(decided(ref));
    expect(ledger.sum()).toEqual(sum(0, 1, 0));
    tell(undo(ref));
    expect(ledger.sum()).toEqual(sum(0, 0, 0));
  });

  test('on time: decided, and no mark', () => {
    const { ledger, tell } = told();
    tell(decided(tell(movement('late-arrival')), { outcome: 'on-time', want: { kind: 'none' } }));
    expect(ledger.sum()).toEqual(sum(0, 0, 0));
    expect(ledger.marks.size).toBe(0);
  });

  test('two arrivals for one session are one mark; without the first the second decides', () => {
    const { ledger, tell } = told();
    const first = tell(movement('late-arrival'));
    tell(decided(first));
    tell(decided(tell(movement('late-arrival')), { want: { kind: 'proposal', code: 'U', minutes: 60 } }));
    expect(ledger.sum()).toEqual(sum(0, 1, 0));
    tell(undo(first));
    expect(ledger.sum()).toEqual(sum(0, 0, 1));
  });

  test('a decision that comes after the undo wishes for nothing', () => {
    const { ledger, tell } = told();
    const ref = tell(movement('late-arrival'));
    tell(undo(ref));
    tell(decided(ref));
    expect(ledger.sum()).toEqual(sum(0, 0, 0));
  });

  test('stopped while sending: nobody knows, and it waits', () => {
    const { ledger, tell } = told();
    tell(decided(tell(movement('late-arrival'))));
    const item = { key, code: 'L', minutes: 22, comment: null, before: null };
    tell({ type: 'sending', v: 1, batch: 'b', items: [item] });
    expect(stateOf(ledger.mark(key) ?? raise())).toBe('sending');
    tell({ type: 'run', v: 1, build: 'test', boot: 'boot', cleanStop: false });
    expect(stateOf(ledger.mark(key) ?? raise())).toBe('unknown');
    expect(ledger.sum()).toEqual(sum(0, 1, 0));
    expect([...ledger.unsettled]).toEqual([key]);
  });
});

describe('who is out', () => {
  test('until a return names the departure; again if that is undone; not if the departure is', () => {
    const { ledger, tell } = told();
    const departure = tell(movement('early-departure'));
    expect(ledger.openDeparture('amara')?.record.ref).toBe(departure);
    const back = tell(movement('return', { departure }));
    expect(ledger.openDeparture('amara')).toBeNull();
    expect(ledger.movements.get(departure)?.endedBy).toBe(back);
    tell(undo(back));
    expect(ledger.openDeparture('amara')?.record.ref).toBe(departure);
    tell(undo(departure));
    expect(ledger.openDeparture('amara')).toBeNull();
  });

  test('an undone departure stays undone, whatever becomes of its return', () => {
    const { ledger, tell } = told();
    const departure = tell(movement('early-departure'));
    const back = tell(movement('return', { departure }));
    tell(undo(departure));
    tell(undo(back));
    expect([...ledger.out]).toEqual([]);
  });

  test('left again while an older departure was never closed: the newer one is the open one', () => {
    const { ledger, tell } = told();
    const older = tell(movement('early-departure'));
    const newer = tell(movement('early-departure'));
    expect(ledger.openDeparture('amara')?.record.ref).toBe(newer);
    tell(movement('return', { departure: newer }));
    expect(ledger.openDeparture('amara')?.record.ref).toBe(older);
  });

  test('another box’s badge is used up by a return, and free again if that is undone', () => {
    const { ledger, tell } = told();
    const badge = { date, id: '28391270', token: null };
    const back = tell(movement('return', { pupil: null, badge }));
    expect(usesOf(ledger, badge).map(({ record }) => record.ref)).toEqual([back]);
    tell(undo(back));
    expect(usesOf(ledger, badge)).toEqual([]);
  });

  test('the badge is void with its departure; numbers never go back', () => {
    const { ledger, tell } = told();
    const departure = tell(movement('early-departure'));
    const badge = (serial: number): Body => ({
      type: 'badge',
      v: 1,
      movement: departure,
      id: '18391270',
      date,
      serial,
      token: 'ab',
    });
    const ref = tell(badge(41));
    tell(badge(7));
    expect(ledger.serial).toBe(41);
    expect(ledger.badges.get(ref)?.void).toBe(false);
    const [last] = [...ledger.badges.keys()].slice(-1);
    tell(undo(departure));
    expect(ledger.badges.get(last ?? '')?.void).toBe(true);
  });
});

describe('who waits', () => {
  const leave = { back: null, minutes: null, withWhom: null, adult: null, photo: 'none' } as const;
  const request = (visit: string): Body => ({
    type: 'request',
    v: 1,
    visit,
    pupil: 'amara',
    reason: 'unwell',
    leave,
    touch: at,
  });

  test('longest first, until there is an answer to that very request', () => {
    const { ledger, tell } = told();
    const first = tell(request('one'));
    tell(request('two'));
    const visits = () => ledger.waitingRequests().map(({ record }) => record.visit);
    expect(visits()).toEqual(['one', 'two']);
    tell({ type: 'answer', v: 1, request: 'j:999', answer: 'let-go', by: 'Ms Reed' });
    expect(visits()).toEqual(['one', 'two']);
    tell({ type: 'answer', v: 1, request: first, answer: 'no', by: 'Ms Reed' });
    expect(visits()).toEqual(['two']);
    expect(ledger.requests.get('one')?.answer?.answer).toBe('no');
  });
});

describe('commands', () => {
  test('the first record of a commit stands for all of it, the newest five thousand are known', () => {
    const { ledger, tell } = told();
    const first = tell(movement('late-arrival'), { id: 'c0', hash: 'h' });
    tell(decided(first), { id: 'c0', hash: 'h' });
    expect(ledger.commands.get('c0')?.first.ref).toBe(first);
    for (let n = 1; n <= 4_999; n += 1)
      tell({ type: 'note-done', v: 1, note: 'none', by: 'x' }, { id: `c${String(n)}`, hash: 'h' });
    expect(ledger.commands.has('c0')).toBe(true);
    tell({ type: 'note-done', v: 1, note: 'none', by: 'x' }, { id: 'c5000', hash: 'h' });
    expect([ledger.commands.has('c0'), ledger.commands.has('c1'), ledger.commands.size]).toEqual([false, true, 5_000]);
  });
});

test('a record met again changes nothing', () => {
  const { ledger, tell } = told();
  const ref = tell(movement('late-arrival'));
  tell(decided(ref));
  const before = ledger.copy();
  const again: Recorded = { ...movement('early-departure'), ref: 'j:1', n: 1, run: 'run', at };
  ledger.apply(again);
  expect(ledger).toEqual(before);
});

test('only types and versions that are known are folded', () => {
  const envelope = { ref: 'j:1', n: 1, run: 'run', at };
  expect(isKnown({ ...envelope, type: 'movement', v: 1 })).toBe(true);
  expect(isKnown({ ...envelope, type: 'movement', v: 2 })).toBe(false);
  expect(isKnown({ ...envelope, type: 'timetable', v: 1 })).toBe(false);
  expect(isKnown({ ...envelope, type: 'constructor', v: 1 })).toBe(false);
});

const raise = (): never => {
  throw new Error('no such mark');
};

test('a word on the roster settles what was said of one before it, so that nothing for ever keeps the outbox frozen', () => {
  const { ledger, tell } = told();
  const roster = { type: 'roster', v: 1, source: 'mis', hash: 'h', pupils: 5, before: 15, by: null } as const;
  const held = {
    type: 'note',
    v: 1,
    kind: 'roster-held',
    urgent: false,
    visit: null,
    pupil: null,
    detail: null,
  } as const;
  tell({ ...roster, outcome: 'held' });
  // On the card, but the power went before the table knew of it: no later record names this note.
  tell(held);
  tell({ ...roster, outcome: 'held' });
  const second = tell(held);
  expect([...ledger.notes.keys()]).toEqual([second]);
  tell({ ...roster, outcome: 'discarded' });
  expect(ledger.notes.size).toBe(0);
});
