/** The states of a mark (product.md 4): how each is reached and left, and how it counts in the sum (durability.md 24). */
import { describe, expect, test } from 'vitest';
import type { MarkStateName } from '../../device/contract/staff.ts';
import { bucketOf, stateOf, wishOf } from '../../device/domain/mark.ts';
import type { Mark } from '../../device/domain/mark.ts';
import { cancelled, claimed, interrupted, judged, reported, sent } from '../../device/domain/mark-fold.ts';
import type {
  DecidedBody,
  Instant,
  MarkEvent,
  Recorded,
  ReportRow,
  VerdictBody,
  Want,
} from '../../device/domain/record.ts';

const at: Instant = { earliest: 0, latest: 0, mono: 0, boot: 'b' };
const date = '2026-11-23';
const key = `amara|${date}|AM`;
const envelope = { run: 'r', at };

const L: Want = { kind: 'mark', code: 'L', minutes: 9 };
const proposal: Want = { kind: 'proposal', code: 'U', minutes: 40 };

function decided(n: number, want: Want, more: Partial<DecidedBody> = {}): Recorded<DecidedBody> {
  return {
    ...envelope,
    type: 'decided',
    v: 1,
    n,
    ref: `j:${String(n)}`,
    movement: `j:${String(n - 1)}`,
    pupil: 'amara',
    date,
    session: 'AM',
    outcome: 'late',
    want,
    comment: `Porter 1-${String(n)}`,
    rule: 'while-open',
    settings: 's',
    mayReplacePresent: true,
    afterClose: false,
    ...more,
  };
}

type Step = (mark: Mark) => Mark;
const claim =
  (n: number, want: Want = L, more?: Partial<DecidedBody>): Step =>
  (mark) =>
    claimed(mark, decided(n, want, more), 'AM');
const undo =
  (n: number): Step =>
  (mark) =>
    cancelled(mark, `j:${String(n - 1)}`, at);
const says =
  (verdict: VerdictBody['verdict']): Step =>
  (mark) =>
    judged(mark, { ...envelope, type: 'verdict', v: 1, key, verdict, by: 'Ms Green', n: 90, ref: 'j:90' });
/** Sends what is wished just now. */
const send =
  (before: string | null = null): Step =>
  (mark) => {
    const wish = wishOf(mark);
    if (wish.kind !== 'mark' && wish.kind !== 'restore') throw new Error('nothing to send');
    const { code, minutes, comment } = wish;
    return sent(mark, { key, code, minutes, comment, before }, at);
  };
const report =
  (event: MarkEvent, seen?: string | null, more: Partial<ReportRow> = {}): Step =>
  (mark) =>
    reported(mark, { key, event, ...(seen === undefined ? {} : { seen }), ...more }, at, date);
const killed: Step = (mark) => interrupted(mark);
const theirs: VerdictBody['verdict'] = { kind: 'keep-theirs' };
const useOurs: VerdictBody['verdict'] = { kind: 'write', code: 'L', minutes: 9, seen: 'M' };
const chooseU: VerdictBody['verdict'] = { kind: 'write', code: 'U', minutes: 40, seen: null };

const after = (...steps: readonly Step[]): Mark =>
  steps.reduce((mark, step) => step(mark), claimed(undefined, decided(2, L), 'AM'));
const afterProposal = (...steps: readonly Step[]): Mark =>
  steps.reduce((mark, step) => step(mark), claimed(undefined, decided(2, proposal), 'AM'));

const confirmed = [send('N'), report('queued', undefined, { writeback: 'W1' }), report('seen', 'L')] as const;
const flying = [send('N'), report('queued', undefined, { writeback: 'W1' })] as const;

/** What happened, and where the mark is then. Every mark here began as a late arrival that wants L, `N` standing. */
const table: readonly (readonly [string, readonly Step[], MarkStateName])[] = [
  ['arrived', [], 'waiting'],
  ['arrived, undone', [undo(2)], 'withdrawn'],
  ['undone, arrived again', [undo(2), claim(5)], 'waiting'],
  // waiting →
  ['already L, or theirs by rule', [report('theirs', 'L')], 'confirmed'],
  ['an absence stands after close', [report('kept', 'M')], 'confirmed'],
  ['something else stands', [report('foreign', 'M')], 'conflict'],
  ['not on the roster', [report('refused')], 'rejected'],
  ['not taken on this day', [report('put-off')], 'waiting'],
  ['not taken for too long', [report('expired')], 'expired'],
  [
    'an earlier try stands there after all',
    [send('N'), report('lost'), report('not-there', 'N'), report('seen', 'L')],
    'confirmed',
  ],
  ['on its way', [send('N')], 'sending'],
  // sending →
  ['never left', [send('N'), report('held-back')], 'waiting'],
  ['not taken just now', [send('N'), report('put-off')], 'waiting'],
  ['no answer', [send('N'), report('lost')], 'unknown'],
  ['the daemon was killed', [send('N'), killed], 'unknown'],
  ['queued by the MIS', [...flying], 'accepted'],
  ['refused by the MIS', [send('N'), report('refused')], 'rejected'],
  ['undone on its way', [send('N'), undo(2)], 'sending'],
  // unknown →
  ['no answer, and it stands', [send('N'), report('lost'), report('seen', 'L')], 'confirmed'],
  ['no answer, and surely not there', [send('N'), report('lost'), report('not-there', 'N')], 'waiting'],
  ['no answer, and ours went over theirs', [send('N'), report('lost'), report('foreign', 'M')], 'conflict'],
  ['no answer, and never written', [send('N'), report('lost'), report('refused')], 'rejected'],
  ['no answer, killed', [send('N'), report('lost'), killed], 'unknown'],
  // accepted →
  ['read back', [...confirmed], 'confirmed'],
  ['the MIS lost its name', [...flying, report('lost')], 'unknown'],
  ['could not be written', [...flying, report('refused')], 'rejected'],
  ['could not be written together', [...flying, report('not-there', 'N')], 'waiting'],
  ['changed before it was read back', [...flying, report('changed', 'M')], 'confirmed'],
  ['ours went over theirs', [...flying, report('foreign', 'M')], 'conflict'],
  ['undone while accepted', [...flying, undo(2)], 'accepted'],
  ['undone while accepted, then read back', [...flying, undo(2), report('seen', 'L')], 'waiting'],
  ['undone while accepted, then not there', [...flying, undo(2), report('not-there', 'N')], 'withdrawn'],
  ['undone while accepted, then refused', [...flying, undo(2), report('refused')], 'withdrawn'],
  ['killed while accepted', [...flying, killed], 'accepted'],
  // confirmed →
  ['changed by school', [...confirmed, report('changed', 'M')], 'confirmed'],
  ['undone, N goes back', [...confirmed, undo(2)], 'waiting'],
  ['undone, N has gone back', [...confirmed, undo(2), send('L'), report('queued'), report('seen', 'N')], 'withdrawn'],
  ['undone, and ours is not there any more', [...confirmed, undo(2), report('changed', 'M')], 'withdrawn'],
  ['undone, and N is refused', [...confirmed, undo(2), send('L'), report('refused')], 'rejected'],
  [
    'undone, N refused, left to the school',
    [...confirmed, undo(2), send('L'), report('refused'), says(theirs)],
    'withdrawn',
  ],
  [
    'undone, N refused, tried again',
    [...confirmed, undo(2), send('L'), report('refused'), says({ kind: 'retry' })],
    'waiting',
  ],
  ['not ours, undone', [report('theirs', 'L'), undo(2)], 'withdrawn'],
  ['changed by school, undone', [...confirmed, report('changed', 'M'), undo(2)], 'withdrawn'],
  ['undone, where no mark stood', [send(null), report('seen', 'L'), undo(2)], 'clear-by-hand'],
  ['undone, cleared by a person', [send(null), report('seen', 'L'), undo(2), says({ kind: 'cleared' })], 'withdrawn'],
  ['undone, cleared in the MIS', [send(null), report('seen', 'L'), undo(2), report('changed', null)], 'withdrawn'],
  ['undone, arrived again', [send(null), report('seen', 'L'), undo(2), claim(5)], 'waiting'],
  // conflict →
  ['keep theirs', [report('foreign', 'M'), says(theirs)], 'withdrawn'],
  ['use ours', [report('foreign', 'M'), says(useOurs)], 'waiting'],
  ['use ours, changed again', [report('foreign', 'M'), says(useOurs), report('foreign', 'I')], 'conflict'],
  ['use ours, undone', [report('foreign', 'M'), says(useOurs), undo(2)], 'withdrawn'],
  ['ours went over theirs, keep theirs', [...flying, report('foreign', 'M'), says(theirs)], 'clear-by-hand'],
  ['ours went over /, keep theirs', [...flying, report('foreign', '/'), says(theirs)], 'waiting'],
  ['conflict, undone', [report('foreign', 'M'), undo(2)], 'withdrawn'],
  // rejected, expired →
  ['rejected, tried again', [report('refused'), says({ kind: 'retry' })], 'waiting'],
  ['rejected, theirs kept', [report('refused'), says(theirs)], 'withdrawn'],
  ['rejected, undone', [report('refused'), undo(2)], 'withdrawn'],
  ['expired, tried again', [report('expired'), says({ kind: 'retry' })], 'waiting'],
  ['expired, theirs kept', [report('expired'), says(theirs)], 'withdrawn'],
  // two movements
  ['two arrivals, the first undone', [claim(5), undo(2)], 'waiting'],
  ['confirmed, the first undone, the second says the same', [...confirmed, claim(5), undo(2)], 'waiting'],
  ['keep theirs, then another arrival decides', [report('foreign', 'M'), says(theirs), claim(5), undo(2)], 'waiting'],
];

describe('an arrival that wants L', () => {
  test.each(table)('%s: it is then %3$s', (_, steps, state) => {
    expect(stateOf(after(...steps))).toBe(state);
  });

  test('every state of a mark is reached above or below', () => {
    const reached = new Set([...table, ...proposals].map(([, , state]) => state));
    expect([...reached, 'undecided'].sort()).toEqual(Object.keys(bucketOf).sort());
  });
});

const proposals: readonly (readonly [string, readonly Step[], MarkStateName])[] = [
  ['proposed', [], 'proposed'],
  ['undone', [undo(2)], 'withdrawn'],
  ['decided', [says(chooseU)], 'waiting'],
  ['decided as none', [says(theirs)], 'withdrawn'],
  ['decided, on its way', [says(chooseU), send('N')], 'sending'],
  ['decided, confirmed', [says(chooseU), send('N'), report('seen', 'U')], 'confirmed'],
  ['decided, something stands', [says(chooseU), report('foreign', 'V')], 'conflict'],
  ['decided, undone before it was sent', [says(chooseU), undo(2)], 'withdrawn'],
  ['decided, confirmed, undone', [says(chooseU), send('N'), report('seen', 'U'), undo(2)], 'waiting'],
  ['decided, but the pupil came while the register was open', [says(chooseU), claim(5), undo(2)], 'waiting'],
];
describe('an arrival that a person decides', () => {
  test.each(proposals)('%s: it is then %3$s', (_, steps, state) => {
    expect(stateOf(afterProposal(...steps))).toBe(state);
  });

  test('still out when the register opened, then back while it is open: the return decides, the proposal is gone', () => {
    const mark = [claim(5)].reduce(
      (one, step) => step(one),
      claimed(undefined, decided(2, proposal, { outcome: 'still-out' }), 'AM'),
    );
    expect(stateOf(mark)).toBe('waiting');
    expect(wishOf(mark)).toMatchObject({ kind: 'mark', code: 'L' });
  });
});

describe('what is sent, and what is put back', () => {
  test('a claim of the sender that comes after an undo is void: it never flies', () => {
    const item = { key, code: 'L', minutes: 9, comment: null, before: null };
    expect(stateOf(sent(after(undo(2)), item, at))).toBe('withdrawn');
    expect(stateOf(sent(after(undo(2), claim(5, { ...L, minutes: 12 })), item, at))).toBe('waiting');
    expect(sent(after(send('N')), item, at).flight?.item.before).toBe('N');
  });

  test('minutes that change on their way are written when the first have landed', () => {
    const mark = after(claim(5, { ...L, minutes: 14 }), send('N'), undo(2), report('queued'), report('seen', 'L'));
    expect(stateOf(mark)).toBe('waiting');
    expect(wishOf(mark)).toMatchObject({ code: 'L', minutes: 14 });
    const again = [send('L'), report('seen', 'L'), undo(5)].reduce((one, step) => step(one), mark);
    // What an undo puts back is what stood before the first of ours, not our own.
    expect(wishOf(again)).toMatchObject({ kind: 'restore', code: 'N' });
  });

  test('how an earlier wish ended says nothing about the present one', () => {
    const meanwhile = [claim(5, { ...L, minutes: 14 }), ...flying, undo(2)];
    expect(stateOf(after(...meanwhile, report('refused', 'N')))).toBe('waiting');
    expect(stateOf(after(...meanwhile, report('changed', 'M')))).toBe('waiting');
    // But that ours went over theirs is for a person, whatever is wished by now.
    expect(stateOf(after(...meanwhile, report('foreign', 'M')))).toBe('conflict');
  });

  test.each(['N', '/', '\\', 'L'])('%s goes back', (before) => {
    expect(wishOf(after(send(before), report('seen', 'L'), undo(2)))).toMatchObject({ kind: 'restore', code: before });
  });
  test.each(['M', 'E', 'U', null])('%s does not: a person puts it right', (before) => {
    expect(stateOf(after(send(before), report('seen', 'L'), undo(2)))).toBe('clear-by-hand');
  });

  test('ours again, after it came late and twice', () => {
    const undone = after(...confirmed, undo(2), send('L'), report('seen', 'N'), report('seen', 'L'));
    expect(wishOf(undone)).toMatchObject({ kind: 'restore', code: 'N' });
    expect(stateOf(undone)).toBe('waiting');
  });

  test('five put-offs count five different days, and a new wish starts at none', () => {
    const days = ['23', '24', '24', '25'].map(
      (day): Step =>
        (mark) =>
          reported(mark, { key, event: 'put-off' }, at, `2026-11-${day}`),
    );
    expect(after(...days).putOffOn).toEqual(['2026-11-23', '2026-11-24', '2026-11-25']);
    expect(after(...days, says({ kind: 'retry' })).putOffOn).toEqual([]);
    expect(after(...days, claim(5), undo(2)).putOffOn).toEqual([]);
  });

  test('its history keeps the last sixty steps, in order', () => {
    const rounds = Array.from({ length: 40 }, () => [send('N'), report('lost'), report('not-there', 'N')]).flat();
    const mark = after(...rounds);
    expect(mark.history).toHaveLength(60);
    expect(mark.history.slice(-4).map(({ what }) => what)).toEqual(['read', 'wrote', 'lost', 'not-there']);
    expect(mark.writes).toHaveLength(10);
  });
});

describe('a way out of every state', () => {
  /** How a mark comes to wait for a person, and what a person can say then. */
  const persons: readonly (readonly [string, Mark, MarkStateName])[] = [
    ['a proposal', afterProposal(), 'proposed'],
    ['something else stands', after(report('foreign', 'M')), 'conflict'],
    ['ours went over theirs', after(...flying, report('foreign', 'M')), 'conflict'],
    ['ours went over theirs, undone meanwhile', after(...flying, undo(2), report('foreign', 'M')), 'clear-by-hand'],
    ['rejected', after(report('refused')), 'rejected'],
    ['rejected on its way', after(...flying, report('refused')), 'rejected'],
    ['what stood before is not taken back', after(...confirmed, undo(2), send('L'), report('refused')), 'rejected'],
    ['expired', after(report('expired')), 'expired'],
    ['putting it back expired', after(...confirmed, undo(2), report('expired')), 'expired'],
    ['ours stands, and none stood before', after(send(null), report('seen', 'L'), undo(2)), 'clear-by-hand'],
  ];
  test.each(persons)('%s: a person withdraws it, and nothing more is wanted', (_, mark, state) => {
    expect(stateOf(mark)).toBe(state);
    const gone = says({ kind: 'withdraw' })(mark);
    expect(stateOf(gone)).toBe('withdrawn');
    expect([wishOf(gone).kind, gone.flight]).toEqual(['none', null]);
  });

  test('every state that needs a person is among them', () => {
    const needed = Object.entries(bucketOf).flatMap(([state, bucket]) => (bucket === 'needsPerson' ? [state] : []));
    expect([...new Set(persons.map(([, , state]) => state))].sort()).toEqual(needed.sort());
  });

  test.each<readonly [MarkStateName, readonly Step[], readonly (readonly [MarkEvent, MarkStateName])[]]>([
    [
      'waiting',
      [],
      [
        ['theirs', 'confirmed'],
        ['kept', 'confirmed'],
        ['foreign', 'conflict'],
        ['refused', 'rejected'],
        ['expired', 'expired'],
      ],
    ],
    [
      'sending',
      [send('N')],
      [
        ['held-back', 'waiting'],
        ['put-off', 'waiting'],
        ['lost', 'unknown'],
        ['queued', 'accepted'],
        ['refused', 'rejected'],
      ],
    ],
    [
      'unknown',
      [send('N'), killed],
      [
        ['seen', 'confirmed'],
        ['not-there', 'waiting'],
        ['changed', 'confirmed'],
        ['refused', 'rejected'],
        ['foreign', 'conflict'],
      ],
    ],
    [
      'accepted',
      [...flying],
      [
        ['seen', 'confirmed'],
        ['not-there', 'waiting'],
        ['lost', 'unknown'],
        ['refused', 'rejected'],
        ['changed', 'confirmed'],
        ['foreign', 'conflict'],
      ],
    ],
  ])('%s is left by what the outbox finds', (state, steps, ways) => {
    expect(stateOf(after(...steps))).toBe(state);
    for (const [event, then] of ways)
      expect([event, stateOf(after(...steps, report(event, 'L')))]).toEqual([event, then]);
  });
});

describe('the sum', () => {
  test('each state counts in one place, withdrawn in none', () => {
    const by = (bucket: string | null): readonly string[] =>
      Object.entries(bucketOf).flatMap(([state, one]) => (one === bucket ? [state] : []));
    expect(by('confirmed')).toEqual(['confirmed']);
    expect(by('waiting')).toEqual(['undecided', 'waiting', 'sending', 'unknown', 'accepted']);
    expect(by('needsPerson')).toEqual(['proposed', 'conflict', 'rejected', 'expired', 'clear-by-hand']);
    expect(by(null)).toEqual(['withdrawn']);
  });
});
