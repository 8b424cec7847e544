/**
 * The mark of one pupil, date and session: what is wished, what is on its way, what stands. Its state is derived from these
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

/** What a person said of the claim that stood then; another claim starts without it. */
export interface Judgement {
  readonly movement: Ref;
  readonly verdict: Extract<VerdictBody['verdict'], { readonly kind: 'write' | 'keep-theirs' }>;
  /** "Use ours": the code that staff saw standing in the way. Undefined: none was, the usual rules hold. */
  readonly over: string | null | undefined;
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
  /** As in `Judgement`: may replace exactly that, and nothing else (durability.md 22). */
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

/** A mark of ours that went out. */
export interface Written {
  readonly item: SendingItem;
  /** What stood before the first of ours: that is what an undo puts back. */
  readonly before: string | null;
  readonly writeback: string | null;
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
  readonly said: Judgement | null;
  readonly flight: Flight | null;
  /** Since anything else was last seen there: the last `writesMax`, oldest first, none that only puts something back. */
  readonly writes: readonly Written[];
  /** What of ours stands in the MIS, and what stood before it. Ours: a different mark before, then our write confirmed. */
  readonly ours: { readonly code: string; readonly before: string | null } | null;
  readonly settled: Settled | null;
  /** School days on which the MIS answered but did not take it: after five of these the wish expires. */
  readonly putOffOn: readonly string[];
  /** When the wish last changed; the hold counts from here (durability.md 23). */
  readonly wishedAt: Instant;
  /** The last `historyMax` rows. */
  readonly history: readonly HistoryRow[];
}

const writesMax = 10;
const historyMax = 60;

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

export function stateOf(mark: Mark): MarkStateName {
  if (mark.flight !== null) return mark.flight.phase;
  const wish = wishOf(mark);
  if (wish.kind === 'none') return mark.ours === null ? 'withdrawn' : 'clear-by-hand';
  if (mark.settled !== null) return mark.settled.state;
  return wish.kind === 'proposal' ? 'proposed' : 'waiting';
}

/** The claim that decides: the earliest movement that still stands. */
export function standingClaim(mark: Mark): Claim | null {
  return mark.claims.find((claim) => !claim.cancelled) ?? null;
}

export function wishOf(mark: Mark): Wish {
  const claim = standingClaim(mark);
  if (claim === null) return undoing(mark);
  const { movement, want, comment, mayReplacePresent, afterClose } = claim.decided;
  const said = mark.said?.movement === movement ? mark.said : null;
  if (said?.verdict.kind === 'keep-theirs') return undoing(mark);
  const rule = { comment, mayReplacePresent, afterClose };
  if (said?.verdict.kind === 'write') {
    const { code, minutes } = said.verdict;
    return { kind: 'mark', code, minutes, ...rule, over: said.over };
  }
  return want.kind === 'mark' ? { ...want, ...rule, over: undefined } : want;
}

/** Codes the box may put back: those it may have replaced. Anything else, and no mark at all, is for a person. */
const restorable: ReadonlySet<string> = new Set(['N', '/', '\\', 'L']);

/** Nothing is wanted any more: where our mark stands, what stood before it goes back. */
function undoing(mark: Mark): Wish {
  const code = mark.ours?.before ?? null;
  if (code === null || !restorable.has(code)) return { kind: 'none' };
  const plain = { minutes: null, comment: null, mayReplacePresent: false, afterClose: false, over: undefined };
  return { kind: 'restore', code, ...plain };
}

/** What a mark in `waiting` wants written. */
export function writeWish(mark: Mark): WriteWish | null {
  const wish = wishOf(mark);
  return wish.kind === 'mark' || wish.kind === 'restore' ? wish : null;
}

/** Is this write what is wished now? */
function wants(mark: Mark, item: SendingItem): boolean {
  const wish = writeWish(mark);
  return wish !== null && wish.code === item.code && wish.minutes === item.minutes;
}

// ---- How records change a mark. Each function gives the mark after one record. ----

export function claimed(mark: Mark | undefined, decided: Recorded<DecidedBody>, session: SessionName): Mark {
  const { pupil, date, at, want, rule } = decided;
  const before = mark ?? unclaimed(pupil, date, session, at);
  const claims = inOrder([...before.claims, { decided, cancelled: false }]);
  return rewished(before, { ...noted(before, at, rule, want.kind === 'none' ? null : want.code), claims }, at);
}

function unclaimed(pupil: string, date: string, session: SessionName, at: Instant): Mark {
  return {
    key: markKey(pupil, date, session),
    pupil,
    date,
    session,
    claims: [],
    said: null,
    flight: null,
    writes: [],
    ours: null,
    settled: null,
    putOffOn: [],
    wishedAt: at,
    history: [],
  };
}

/** The earlier record decides, but an arrival stands over having been still out when that register opened. */
function inOrder(claims: readonly Claim[]): readonly Claim[] {
  const rank = (claim: Claim): number => (claim.decided.outcome === 'still-out' ? 1 : 0);
  return [...claims].sort((a, b) => rank(a) - rank(b) || a.decided.n - b.decided.n);
}

export function cancelled(mark: Mark, movement: Ref, at: Instant): Mark {
  if (!mark.claims.some((claim) => claim.decided.movement === movement && !claim.cancelled)) return mark;
  const claims = mark.claims.map((claim) =>
    claim.decided.movement === movement ? { ...claim, cancelled: true } : claim,
  );
  return rewished(mark, { ...noted(mark, at, 'undone', null), claims }, at);
}

export function judged(mark: Mark, { verdict, at }: Recorded<VerdictBody>): Mark {
  const after = noted(mark, at, `person: ${verdict.kind}`, verdict.kind === 'write' ? verdict.code : null);
  const anew = { ...after, settled: null, putOffOn: [], wishedAt: at };
  if (verdict.kind === 'retry') return anew;
  if (verdict.kind === 'cleared') return { ...after, ours: null, settled: null };
  const state = stateOf(mark);
  const movement = standingClaim(mark)?.decided.movement;
  const over = verdict.kind === 'write' && state === 'conflict' ? verdict.seen : undefined;
  const said = movement === undefined ? null : { movement, verdict, over };
  // Whoever keeps what stands where the MIS would not take our change leaves it to the school.
  const leaves = verdict.kind === 'keep-theirs' && (state === 'rejected' || state === 'expired');
  return { ...anew, said, ours: leaves ? null : mark.ours };
}

/** Void where an undo or another wish came first in the journal: what was never `sending` is never sent (durability.md 23). */
export function sent(mark: Mark, item: SendingItem, at: Instant): Mark {
  if (stateOf(mark) !== 'waiting' || !wants(mark, item)) return mark;
  const { ours } = mark;
  const restores = wishOf(mark).kind === 'restore';
  const before = ours !== null && ours.code === item.before ? ours.before : item.before;
  const write = { item, before, writeback: null };
  return {
    ...noted(noted(mark, at, 'read', item.before), at, 'wrote', item.code),
    flight: { item, restores, phase: 'sending', writeback: null, since: at },
    writes: restores ? mark.writes : [...mark.writes, write].slice(-writesMax),
  };
}

/** The daemon stopped between `sending` and its outcome: nobody knows. */
export function interrupted(mark: Mark): Mark {
  return mark.flight?.phase === 'sending' ? { ...mark, flight: { ...mark.flight, phase: 'unknown' } } : mark;
}

export function reported(mark: Mark, row: ReportRow, at: Instant, date: string): Mark {
  const next = noted(mark, at, row.event, row.seen ?? null);
  const { flight } = mark;
  switch (row.event) {
    case 'held-back':
    case 'not-there':
      return { ...next, flight: null };
    case 'put-off':
      return { ...next, flight: null, putOffOn: [...new Set([...mark.putOffOn, date])] };
    case 'lost':
      return { ...next, flight: flight && { ...flight, phase: 'unknown' } };
    case 'queued':
      return accepted(next, row.writeback ?? null);
    case 'seen':
      return landed(next, row);
    case 'theirs':
    case 'kept':
    case 'changed':
      return ended({ ...next, ours: null, writes: [] }, row, 'confirmed');
    case 'foreign':
      return ended(
        flight === null ? { ...next, ours: null, writes: [] } : landedOn(next, flight, row),
        row,
        'conflict',
      );
    case 'refused':
      return ended(next, row, 'rejected');
    case 'expired':
      return ended(next, row, 'expired');
  }
}

function accepted(mark: Mark, writeback: string | null): Mark {
  const { flight, writes } = mark;
  if (flight === null) return mark;
  const known = writes.map((write) => (write.item === flight.item ? { ...write, writeback } : write));
  return { ...mark, flight: { ...flight, phase: 'accepted', writeback }, writes: known };
}

/** A write of ours stands in the MIS. If the wish changed while it was on its way, the new wish starts from here. */
function landed(mark: Mark, row: ReportRow): Mark {
  const { flight } = mark;
  if (flight?.restores === true) return { ...mark, flight: null, ours: null, settled: null };
  const write = mark.writes.findLast(({ item }) => (flight === null ? item.code === row.seen : item === flight.item));
  if (write === undefined) return mark;
  const { item, before } = write;
  const after = { ...mark, flight: null, ours: { code: item.code, before } };
  return { ...after, settled: wants(after, item) ? settledAs('confirmed', row) : null };
}

/** Ours has landed on a mark that it should not have replaced: that one is what goes back. */
function landedOn(mark: Mark, { item }: Flight, row: ReportRow): Mark {
  const before = row.seen ?? null;
  return { ...mark, ours: { code: item.code, before }, writes: [{ item, before, writeback: null }] };
}

/** An end holds for the wish that was sent, not for one that came meanwhile. */
function ended(mark: Mark, row: ReportRow, state: Settled['state']): Mark {
  const after = { ...mark, flight: null };
  const meant = mark.flight === null || wants(after, mark.flight.item);
  return { ...after, settled: meant ? settledAs(state, row) : null };
}

const settledAs = (state: Settled['state'], { seen, why }: ReportRow): Settled => ({
  state,
  seen: seen ?? null,
  why: why ?? null,
});

function noted(mark: Mark, at: Instant, what: string, code: string | null): Mark {
  return { ...mark, history: [...mark.history, { at, what, code }].slice(-historyMax) };
}

/** A settled end holds for the wish it settled; another wish starts anew. */
function rewished(before: Mark, after: Mark, at: Instant): Mark {
  if (JSON.stringify(wishOf(before)) === JSON.stringify(wishOf(after))) return after;
  return { ...after, settled: null, putOffOn: [], wishedAt: at };
}
