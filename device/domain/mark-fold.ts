/** How records change a mark: each function gives the mark after one record. The states are in `mark.ts`. */
import { numberOf } from './record.ts';
import { markKey, standingClaim, stateOf, wants, wishOf, writeWish } from './mark.ts';
import type { Claim, Flight, Mark, Settled } from './mark.ts';
import type { Actor, DecidedBody, Instant, Recorded, Ref, ReportRow, SendingItem, VerdictBody } from './record.ts';
import type { SessionName } from './settings.ts';

/** Bounds of what one mark remembers. */
const writesMax = 10;
const historyMax = 60;

/** `owner`: the pupil's key under which the mark is, or is to be. */
export function claimed(
  mark: Mark | undefined,
  decided: Recorded<DecidedBody>,
  session: SessionName,
  owner = decided.pupil,
): Mark {
  const { date, at, want, rule } = decided;
  const before = mark ?? unclaimed(owner, date, session, at);
  const claims = inOrder([...before.claims, { decided, cancelled: false }]);
  // Decided anew from other facts: what a person said was of the decision before.
  const said = before.said?.movement === decided.movement ? null : before.said;
  return rewished(before, { ...noted(before, at, rule, want.kind === 'none' ? null : want.code), claims, said }, at);
}

/** The mark without these claims, which go to the pupil's other key; null: nothing is left of it. */
export function without(mark: Mark, going: readonly Claim[], at: Instant): Mark | null {
  const claims = mark.claims.filter((claim) => !going.includes(claim));
  if (claims.length === 0 && mark.ours === null && mark.flight === null) return null;
  return rewished(mark, { ...noted(mark, at, 'adopted', null), claims }, at);
}

/**
 * The mark under the pupil's other key, with claims that come over. What may have been written under the first key is written
 * by nobody again before a person has looked: nothing is written twice.
 */
export function adopted(mark: Mark | undefined, from: Mark, going: readonly Claim[], pupil: string, at: Instant): Mark {
  const before = mark ?? { ...unclaimed(pupil, from.date, from.session, at), history: from.history };
  const claims = inOrder([...before.claims, ...going]);
  const after = rewished(before, { ...noted(before, at, 'adopted', null), claims, said: before.said ?? from.said }, at);
  const mayStand = from.writes.length > 0 && from.ours === null && before.ours === null;
  return mayStand ? { ...after, settled: { state: 'rejected', seen: null, why: mayStandElsewhere } } : after;
}
const mayStandElsewhere =
  'It may stand in the MIS under the pupil’s other record: look there before it is tried again.';

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
    schools: false,
    putOffOn: [],
    wishedAt: at,
    history: [],
  };
}

/**
 * The earlier movement decides, whenever it was decided, or decided anew; but an arrival stands over having been still out
 * when that register opened.
 */
function inOrder(claims: readonly Claim[]): readonly Claim[] {
  const rank = (claim: Claim): number => (claim.decided.outcome === 'still-out' ? 1 : 0);
  const movement = (claim: Claim): number => numberOf(claim.decided.movement);
  return [...claims].sort((a, b) => rank(a) - rank(b) || movement(a) - movement(b) || a.decided.n - b.decided.n);
}

export function cancelled(mark: Mark, movement: Ref, at: Instant, by?: Actor): Mark {
  if (!mark.claims.some((claim) => claim.decided.movement === movement && !claim.cancelled)) return mark;
  const claims = mark.claims.map((claim) =>
    claim.decided.movement === movement ? { ...claim, cancelled: true } : claim,
  );
  return rewished(mark, { ...noted(mark, at, 'undone', null, by), claims }, at);
}

export function judged(mark: Mark, { verdict, at, by }: Recorded<VerdictBody>): Mark {
  const after = noted(mark, at, `person: ${verdict.kind}`, 'code' in verdict ? verdict.code : null, by);
  const anew = { ...after, settled: null, putOffOn: [], wishedAt: at };
  if (verdict.kind === 'retry') return anew;
  if (verdict.kind === 'cleared') return { ...after, ours: null, settled: null };
  if (verdict.kind === 'entered') return enteredByHand(after, verdict.code);
  const state = stateOf(mark);
  const movement = standingClaim(mark)?.decided.movement;
  const over = verdict.kind === 'write' && state === 'conflict' ? verdict.seen : undefined;
  const said = movement === undefined ? null : { movement, verdict, over };
  // Whoever keeps what stands where the MIS would not take our change leaves it to the school.
  const gaveUp = state === 'rejected' || state === 'expired';
  const leaves = verdict.kind === 'withdraw' || (verdict.kind === 'keep-theirs' && gaveUp);
  return { ...anew, said, ours: leaves ? null : mark.ours };
}

/** It stands for us now: where it is undone later, a person takes it out again. What they put back is nobody's wish any more. */
function enteredByHand(mark: Mark, code: string): Mark {
  if (wishOf(mark).kind === 'restore') return { ...mark, ours: null, settled: null, putOffOn: [] };
  const ours = { code, before: mark.ours?.before ?? null, changedAt: null };
  return { ...mark, ours, settled: { state: 'confirmed', seen: code, why: 'entered by hand' }, putOffOn: [] };
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
      return ended({ ...next, ours: null, writes: [] }, row, 'confirmed');
    case 'changed': {
      // Where they wrote the same code over ours, undoing ours is for a person: it would undo theirs.
      const gone = flight !== null || row.seen !== mark.ours?.code;
      return ended({ ...next, ...(gone ? { ours: null, writes: [] } : {}), schools: true }, row, 'confirmed');
    }
    case 'foreign':
      return inTray(flight === null ? { ...next, ours: null, writes: [] } : landedOn(next, flight, row), row);
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
  const after = { ...mark, flight: null, ours: { code: item.code, before, changedAt: row.changedAt ?? null } };
  // Down to the words: a reason may have been put right meanwhile.
  const asWished = wants(after, item) && writeWish(after)?.comment === item.comment;
  return { ...after, settled: asWished ? settledAs('confirmed', row) : null };
}

/** Ours has landed on a mark that it should not have replaced: that one is what goes back. */
function landedOn(mark: Mark, { item }: Flight, row: ReportRow): Mark {
  const before = row.seen ?? null;
  const ours = { code: item.code, before, changedAt: row.changedAt ?? null };
  return { ...mark, ours, writes: [{ item, before, writeback: null }] };
}

/** Whatever is wished by now: a person looks at what stands, or stood, there. */
const inTray = (mark: Mark, row: ReportRow): Mark => ({ ...mark, flight: null, settled: settledAs('conflict', row) });

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

function noted(mark: Mark, at: Instant, what: string, code: string | null, by?: Actor): Mark {
  const row = { at, what, code, ...(by === undefined ? {} : { by }) };
  return { ...mark, history: [...mark.history, row].slice(-historyMax) };
}

/** A settled end holds for the wish it settled; another wish starts anew. */
function rewished(before: Mark, after: Mark, at: Instant): Mark {
  if (JSON.stringify(wishOf(before)) === JSON.stringify(wishOf(after))) return after;
  return { ...after, settled: null, putOffOn: [], wishedAt: at };
}

/** A mark that was text meanwhile: a write on its way and the same write in its list are one object, and are told by that. */
export function rejoined(mark: Mark): Mark {
  const { flight } = mark;
  if (flight === null || flight.restores) return mark;
  const item = JSON.stringify(flight.item);
  const write = mark.writes.findLast((one) => JSON.stringify(one.item) === item);
  return write === undefined ? mark : { ...mark, flight: { ...flight, item: write.item } };
}
