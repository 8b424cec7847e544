/**
 * The mark of one pupil, date and session: what we wish, what is on its way, what stands. Its state is derived from these
 * three, never stored, so it cannot contradict them (durability.md 19 to 24, product.md 4).
 */
import type { MarkStateName } from '../contract/staff.ts';
import type { DecidedBody, Instant, Recorded, Ref, ReportRow, SendingItem, VerdictBody } from './record.ts';
import type { SessionName } from './settings.ts';

/** `pupil|date|session`: at most one unsettled write each. */
export type MarkKey = string;
export const markKey = (pupil: string, date: string, session: SessionName): MarkKey => `${pupil}|${date}|${session}`;

/** One movement's decided wish for this mark. The earliest that is not cancelled decides. */
export interface Claim {
  readonly decided: Recorded<DecidedBody>;
  readonly cancelled: boolean;
}

/** What we want to stand in the MIS. `restore`: our mark is undone and the code before it goes back. */
export type Wish =
  | { readonly kind: 'none' }
  | { readonly kind: 'proposal'; readonly code: string | null; readonly minutes: number | null }
  | WriteWish;
export interface WriteWish {
  readonly kind: 'mark' | 'restore';
  readonly code: string;
  readonly minutes: number | null;
  readonly comment: string | null;
  readonly mayReplacePresent: boolean;
  readonly afterClose: boolean;
  /** A person chose this code over the one they saw: it may replace exactly that (durability.md 22). */
  readonly over: string | null | undefined;
}

/** A write that is not settled. */
export interface Flight {
  readonly item: SendingItem;
  readonly restores: boolean;
  readonly phase: 'sending' | 'unknown' | 'accepted';
  readonly writeback: string | null;
  readonly since: Instant;
}

/** How the present wish ended, until the wish changes. */
export interface Settled {
  readonly state: 'confirmed' | 'conflict' | 'rejected' | 'expired';
  readonly seen: string | null;
  readonly why: string | null;
}

export interface HistoryRow {
  readonly at: Instant;
  readonly what: string;
  readonly code: string | null;
}

export interface Mark {
  readonly key: MarkKey;
  readonly pupil: string;
  readonly date: string;
  readonly session: SessionName;
  readonly claims: readonly Claim[];
  readonly verdict: Recorded<VerdictBody> | null;
  readonly flight: Flight | null;
  /** What of ours stands in the MIS, and what stood before it. Ours: a different mark before, then our write confirmed. */
  readonly ours: { readonly code: string; readonly before: string | null } | null;
  readonly settled: Settled | null;
  /** Dates on which the MIS answered but did not take it: five school days of these expire the wish. */
  readonly putOffOn: readonly string[];
  /** When the wish last changed; the hold counts from here (durability.md 23). */
  readonly wishedAt: Instant;
  readonly history: readonly HistoryRow[];
}

/** How a state counts in the sum; withdrawn is left out (durability.md 24). */
export const bucketOf: Readonly<Record<MarkStateName, 'confirmed' | 'waiting' | 'needsPerson' | null>> = {
  undecided: 'waiting',
  waiting: 'waiting',
  sending: 'waiting',
  unknown: 'waiting',
  accepted: 'waiting',
  confirmed: 'confirmed',
  proposed: 'needsPerson',
  conflict: 'needsPerson',
  rejected: 'needsPerson',
  expired: 'needsPerson',
  'clear-by-hand': 'needsPerson',
  withdrawn: null,
};

/** The claim that decides: the earliest movement that still stands. */
export function standingClaim(mark: Mark): Claim | null {
  return mark.claims.find((claim) => !claim.cancelled) ?? null;
}

export function wishOf(mark: Mark): Wish {
  const claim = standingClaim(mark);
  const verdict = mark.verdict?.verdict;
  if (claim === null || verdict?.kind === 'keep-theirs') return undoing(mark);
  const { want, comment, mayReplacePresent, afterClose } = claim.decided;
  const rule = { comment, mayReplacePresent, afterClose };
  if (verdict?.kind === 'write') {
    return { kind: 'mark', code: verdict.code, minutes: verdict.minutes, ...rule, over: verdict.seen };
  }
  if (want.kind === 'mark') return { ...want, ...rule, over: undefined };
  return want;
}

/** Codes the box may put back: those it may have replaced. Where no mark stood, a person clears ours in the MIS. */
const restorable: ReadonlySet<string> = new Set(['N', '/', '\\', 'L']);

/** Our mark stands but nothing wants it: put back what stood there. */
function undoing(mark: Mark): Wish {
  const code = mark.ours?.before ?? null;
  if (code === null || !restorable.has(code)) return { kind: 'none' };
  return {
    kind: 'restore',
    code,
    minutes: null,
    comment: null,
    mayReplacePresent: false,
    afterClose: false,
    over: undefined,
  };
}

export function stateOf(mark: Mark): MarkStateName {
  if (mark.flight !== null) return mark.flight.phase;
  const wish = wishOf(mark);
  if (wish.kind === 'none') return mark.ours === null ? 'withdrawn' : 'clear-by-hand';
  if (mark.settled !== null) return mark.settled.state;
  return wish.kind === 'proposal' ? 'proposed' : 'waiting';
}

// ---- How records change a mark. Each function gives the mark after one record. ----

export function claimed(mark: Mark | undefined, decided: Recorded<DecidedBody>, session: SessionName): Mark {
  const claim = { decided, cancelled: false };
  const key = markKey(decided.pupil, decided.date, session);
  const row = { at: decided.at, what: decided.rule, code: decided.want.kind === 'none' ? null : decided.want.code };
  if (mark === undefined) {
    return {
      key,
      pupil: decided.pupil,
      date: decided.date,
      session,
      claims: [claim],
      verdict: null,
      flight: null,
      ours: null,
      settled: null,
      putOffOn: [],
      wishedAt: decided.at,
      history: [row],
    };
  }
  return rewished(
    mark,
    { ...mark, claims: inOrder([...mark.claims, claim]), history: [...mark.history, row] },
    decided.at,
  );
}

/** The earlier record decides, but an arrival stands over having been still out when that register opened. */
function inOrder(claims: readonly Claim[]): readonly Claim[] {
  const rank = (claim: Claim): number => (claim.decided.outcome === 'still-out' ? 1 : 0);
  return [...claims].sort((a, b) => rank(a) - rank(b) || a.decided.n - b.decided.n);
}

export function cancelled(mark: Mark, movement: Ref, at: Instant): Mark {
  const claims = mark.claims.map((claim) =>
    claim.decided.movement === movement ? { ...claim, cancelled: true } : claim,
  );
  return rewished(mark, { ...mark, claims, history: [...mark.history, { at, what: 'undone', code: null }] }, at);
}

export function judged(mark: Mark, record: Recorded<VerdictBody>): Mark {
  const { verdict } = record;
  const history = [
    ...mark.history,
    { at: record.at, what: `person: ${verdict.kind}`, code: verdict.kind === 'write' ? verdict.code : null },
  ];
  switch (verdict.kind) {
    case 'retry':
      return { ...mark, settled: null, putOffOn: [], wishedAt: record.at, history };
    case 'cleared':
      return { ...mark, ours: null, settled: null, history };
    case 'keep-theirs':
    case 'write':
      return { ...mark, verdict: record, settled: null, putOffOn: [], wishedAt: record.at, history };
  }
}

export function sent(mark: Mark, item: SendingItem, at: Instant): Mark {
  const restores = wishOf(mark).kind === 'restore';
  return {
    ...mark,
    flight: { item, restores, phase: 'sending', writeback: null, since: at },
    history: [...mark.history, { at, what: 'read', code: item.before }, { at, what: 'wrote', code: item.code }],
  };
}

/** The daemon stopped between `sending` and its outcome: nobody knows. */
export function interrupted(mark: Mark): Mark {
  return mark.flight?.phase === 'sending' ? { ...mark, flight: { ...mark.flight, phase: 'unknown' } } : mark;
}

export function reported(mark: Mark, row: ReportRow, at: Instant, date: string): Mark {
  const history = [...mark.history, { at, what: row.event, code: row.seen ?? null }];
  const next = { ...mark, history };
  const { flight } = mark;
  const settled = (state: Settled['state']): Settled => ({ state, seen: row.seen ?? null, why: row.why ?? null });
  switch (row.event) {
    case 'held-back':
    case 'not-there':
      return { ...next, flight: null };
    case 'put-off':
      return { ...next, flight: null, putOffOn: [...new Set([...mark.putOffOn, date])] };
    case 'lost':
      return { ...next, flight: flight && { ...flight, phase: 'unknown' } };
    case 'queued':
      return { ...next, flight: flight && { ...flight, phase: 'accepted', writeback: row.writeback ?? null } };
    case 'seen':
      return landed(next, settled('confirmed'));
    case 'theirs':
    case 'kept':
      return { ...next, flight: null, settled: settled('confirmed') };
    case 'changed':
      return { ...next, flight: null, ours: null, settled: settled('confirmed') };
    case 'foreign':
      return { ...next, flight: null, ours: null, settled: settled('conflict') };
    case 'refused':
      return { ...next, flight: null, settled: settled('rejected') };
    case 'expired':
      return { ...next, flight: null, settled: settled('expired') };
  }
}

/** Our write stands in the MIS. If the wish changed while it was on its way, the new wish starts from here. */
function landed(mark: Mark, settled: Settled): Mark {
  const { flight } = mark;
  if (flight === null) {
    // An earlier write of ours turned out to stand: before it stood what we read then.
    const before = mark.history.findLast((row) => row.what === 'read')?.code ?? null;
    return settled.seen === null ? mark : { ...mark, ours: { code: settled.seen, before }, settled };
  }
  if (flight.restores) return { ...mark, flight: null, ours: null, settled: null };
  const before = mark.ours === null ? flight.item.before : mark.ours.before;
  const ours = { code: flight.item.code, before };
  const after = { ...mark, flight: null, ours };
  return { ...after, settled: sameWrite(wishOf(after), flight.item) ? settled : null };
}

function sameWrite(wish: Wish, item: SendingItem): boolean {
  return wish.kind === 'mark' && wish.code === item.code && wish.minutes === item.minutes;
}

/** A settled end holds for the wish it settled; another wish starts anew. */
function rewished(before: Mark, after: Mark, at: Instant): Mark {
  const [old, now] = [wishOf(before), wishOf(after)];
  if (JSON.stringify(old) === JSON.stringify(now)) return after;
  return { ...after, settled: null, putOffOn: [], wishedAt: at };
}
