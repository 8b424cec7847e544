/**
 * The mark of one pupil, date and session: what is wished, what is on its way, what stands. Its state is derived from these
 * three, never stored, so it cannot contradict them (durability.md 19 to 24, product.md 4).
 */
import type { MarkStateName } from '../contract/staff.ts';
import type { DecidedBody, Instant, Recorded, Ref, SendingItem, VerdictBody } from './record.ts';
import type { SessionName } from './settings.ts';

/** `pupil|date|session`: at most one unsettled write each. */
export type MarkKey = string;
export const markKey = (pupil: string, date: string, session: SessionName): MarkKey => `${pupil}|${date}|${session}`;
export const pupilOfMark = (key: MarkKey): string => key.slice(0, key.lastIndexOf('|', key.lastIndexOf('|') - 1));

/** One movement's decided wish for this mark. The earliest that is not cancelled decides. */
export interface Claim {
  readonly decided: Recorded<DecidedBody>;
  readonly cancelled: boolean;
}

/** What a person said of the claim that stood then; another claim starts without it. */
export interface Judgement {
  readonly movement: Ref;
  readonly verdict: Extract<VerdictBody['verdict'], { readonly kind: 'write' | 'keep-theirs' | 'withdraw' }>;
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

/** `changedAt`: when the MIS says that it was written, by its own clock; null: it does not say. */
export interface Ours {
  readonly code: string;
  readonly before: string | null;
  readonly changedAt: string | null;
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
  /** The person, where it was one. */
  readonly by?: string;
}

export interface Mark {
  readonly key: MarkKey;
  readonly pupil: string;
  readonly date: string;
  readonly session: SessionName;
  readonly claims: readonly Claim[];
  readonly said: Judgement | null;
  readonly flight: Flight | null;
  /** Since anything else was last seen there: the last few, oldest first, none that only puts something back. */
  readonly writes: readonly Written[];
  /** What of ours stands in the MIS, and what stood before it. Ours: a different mark before, then our write confirmed. */
  readonly ours: Ours | null;
  readonly settled: Settled | null;
  /** Somebody at the school has had a hand in our confirmed mark: what we wish from then on a person decides (durability.md 22). */
  readonly schools: boolean;
  /** School days on which the MIS answered but did not take it: after five of these the wish expires. */
  readonly putOffOn: readonly string[];
  /** When the wish last changed; the hold counts from here (durability.md 23). */
  readonly wishedAt: Instant;
  /** The last steps, oldest first. */
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

/** It waits, or a person must see to it. */
export function isUnsettled(mark: Mark): boolean {
  const bucket = bucketOf[stateOf(mark)];
  return bucket === 'waiting' || bucket === 'needsPerson';
}

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
  // Every list of marks asks this of each, several times: two objects spread into one would take it twenty times as long.
  const wished = ({ code, minutes }: Pick<WriteWish, 'code' | 'minutes'>, over: WriteWish['over']): WriteWish => {
    return { kind: 'mark', code, minutes, comment, mayReplacePresent, afterClose, over };
  };
  if (said?.verdict.kind === 'write') return wished(said.verdict, said.over);
  if (said !== null) return undoing(mark);
  return want.kind === 'mark' ? wished(want, undefined) : want;
}

/** Codes the box may put back: those it may have replaced. Anything else, and no mark at all, is for a person. */
const restorable: ReadonlySet<string> = new Set(['N', '/', '\\', 'L']);

/** Nothing is wanted any more: where our mark stands, what stood before it goes back, unless the school has had a hand in it. */
function undoing(mark: Mark): Wish {
  const code = mark.ours?.before ?? null;
  if (code === null || !restorable.has(code) || mark.schools) return { kind: 'none' };
  const plain = { minutes: null, comment: null, mayReplacePresent: false, afterClose: false, over: undefined };
  return { kind: 'restore', code, ...plain };
}

/** What a mark in `waiting` wants written. */
export function writeWish(mark: Mark): WriteWish | null {
  const wish = wishOf(mark);
  return wish.kind === 'mark' || wish.kind === 'restore' ? wish : null;
}

/** Is this write what is wished now? */
export function wants(mark: Mark, item: SendingItem): boolean {
  const wish = writeWish(mark);
  return wish !== null && wish.code === item.code && wish.minutes === item.minutes;
}
