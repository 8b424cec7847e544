/**
 * What the boxes of a school know of each other's comings and goings (durability.md 2, 30). Each box's records are folded by
 * themselves, in their own order; what reaches from one box to another is looked up here and never stored. So it comes out the
 * same whatever order the records arrive in, and a return waits for its departure as long as that takes.
 */
import { badgeKey } from './ledger.ts';
import type { Badge, Ledger, Movement } from './ledger.ts';
import { journalOf, numberOf } from './record.ts';
import type { Ref, ShownBadge } from './record.ts';

/** This box's first: a restored folder and the one it was made from hold the same records, under the same names. */
const boxesOf = (ledger: Ledger): readonly Ledger[] => [ledger, ...ledger.others.values()];

/** What this box says of a movement stands over what another, whose records are partly the same, says of it. */
const isItself =
  (ledger: Ledger) =>
  (movement: Movement): boolean =>
    movementAnywhere(ledger, movement.record.ref) === movement;

/** The movement of that name, whichever box recorded it. */
export function movementAnywhere(ledger: Ledger, ref: Ref | undefined): Movement | undefined {
  if (ref === undefined) return undefined;
  for (const { movements } of boxesOf(ledger)) {
    const movement = movements.get(ref);
    if (movement !== undefined) return movement;
  }
  return undefined;
}

/** A pupil's movements that still stand, at any box; those of one box oldest first, this box's last. */
export function movementsOf(ledger: Ledger, pupil: string): readonly Movement[] {
  if (ledger.others.size === 0) return ledger.movementsOf(pupil);
  return [...boxesOf(ledger)].reverse().flatMap((box) => box.movementsOf(pupil).filter(isItself(ledger)));
}

/** The badge of those digits on that day, whichever box gave it out. */
export function badgeAnywhere(ledger: Ledger, date: string, id: string): Badge | undefined {
  for (const { badgeById, badges } of boxesOf(ledger)) {
    const badge = badges.get(badgeById.get(badgeKey(date, id)) ?? '');
    if (badge !== undefined) return badge;
  }
  return undefined;
}

/** The departure for which a badge was given out; null: no box that is known here did, it is void, or the token is another. */
export function departureOfBadge(ledger: Ledger, { date, id, token }: ShownBadge): Movement | null {
  const badge = badgeAnywhere(ledger, date, id);
  if (badge === undefined || badge.void || (token !== null && token !== badge.record.token)) return null;
  const departure = movementAnywhere(ledger, badge.record.movement);
  return departure === undefined || departure.cancelled ? null : departure;
}

/** The badge that was given out for a departure, as if it had been typed; undefined: none. */
export function badgeOf(ledger: Ledger, { badge: ref }: Movement): ShownBadge | undefined {
  for (const { badges } of boxesOf(ledger)) {
    const badge = badges.get(ref ?? '');
    if (badge !== undefined) return { date: badge.record.date, id: badge.record.id, token: null };
  }
  return undefined;
}

/** The returns by a badge at boxes that had not given it out, whether or not its departure is known: the first first. */
export function usesOf(ledger: Ledger, { date, id }: ShownBadge): readonly Movement[] {
  return returnsNaming(ledger, [badgeKey(date, id)]);
}

/**
 * Who came back for a departure, at any box. The first stands, any other is a second use of the badge. First is whose time, as
 * far as its own box's records tell, ends earlier, else begins earlier; else the lesser journal id: the same at every box. A
 * time that becomes known later may change which it is, more records may not.
 */
export function returnsFor(ledger: Ledger, departure: Movement): readonly Movement[] {
  const { ref } = departure.record;
  const badge = badgeOf(ledger, departure);
  const own = movementAnywhere(ledger, departure.endedBy ?? undefined);
  const names = [ref, ...(badge === undefined ? [] : [badgeKey(badge.date, badge.id)])];
  const all = [...(own === undefined || own.cancelled ? [] : [own]), ...returnsNaming(ledger, names)];
  return inOrder(all.filter((back) => departureFor(ledger, back)?.record.ref === ref));
}

function returnsNaming(ledger: Ledger, names: readonly string[]): readonly Movement[] {
  const found = boxesOf(ledger).flatMap(({ reaching, movements }) =>
    names.flatMap((name) => (reaching.get(name) ?? []).flatMap((ref) => movements.get(ref) ?? [])),
  );
  return inOrder(found.filter(isItself(ledger)));
}

/** Each once. */
function inOrder(movements: readonly Movement[]): readonly Movement[] {
  return [...new Set(movements)].sort(firstFirst);
}

/** Whole: an interval that ends before another begins comes before it, and ties are broken alike for any three. */
function firstFirst({ at, record: { ref } }: Movement, other: Movement): number {
  const [end, otherEnd] = [at.latest ?? Number.MAX_SAFE_INTEGER, other.at.latest ?? Number.MAX_SAFE_INTEGER];
  const [journal, otherJournal] = [journalOf(ref), journalOf(other.record.ref)];
  return (
    end - otherEnd ||
    at.earliest - other.at.earliest ||
    (journal === otherJournal ? numberOf(ref) - numberOf(other.record.ref) : journal < otherJournal ? -1 : 1)
  );
}

/** The departure that a return ends; null: not known (yet). */
function departureFor(ledger: Ledger, { record: { departure, badge } }: Movement): Movement | null {
  if (departure !== undefined) return movementAnywhere(ledger, departure) ?? null;
  return badge === undefined ? null : departureOfBadge(ledger, badge);
}

/** What is known by now of a return: its departure, and whether it is the first that ends it. Null: not known (yet). */
export function resolved(
  ledger: Ledger,
  back: Movement,
): { readonly departure: Movement; readonly stands: boolean } | null {
  const departure = departureFor(ledger, back);
  if (departure === null) return null;
  const [first] = returnsFor(ledger, departure);
  return { departure, stands: first?.record.ref === back.record.ref };
}

/** Whose movement it is, by all that is known; null: nobody knows, or the badge had been used before. */
export function pupilOf(ledger: Ledger, movement: Movement): string | null {
  const said = movement.record.pupil ?? movement.decided[0]?.pupil;
  if (said !== undefined) return said;
  const known = resolved(ledger, movement);
  return known?.stands === true ? known.departure.record.pupil : null;
}

/** Came back, at any box, and nobody knows who it is: in an evacuation they count, unnamed. The first first. */
export function unnamed(ledger: Ledger): readonly Movement[] {
  const reaching = boxesOf(ledger).flatMap((box) => [...box.reaching.keys()]);
  return returnsNaming(ledger, [...new Set(reaching)]).filter((back) => pupilOf(ledger, back) === null);
}

/** Departures at this box of pupils who are still out, as far as any box knows; oldest first. */
export function out(ledger: Ledger): readonly Movement[] {
  return stillOut(ledger, ledger);
}

/** The open departure of a pupil, at any box; the last if there are more. */
export function openDeparture(ledger: Ledger, pupil: string): Movement | null {
  if (ledger.others.size === 0) return ledger.openDeparture(pupil);
  const open = boxesOf(ledger).flatMap((box) =>
    stillOut(ledger, box).filter((departure) => departure.record.pupil === pupil && isItself(ledger)(departure)),
  );
  return inOrder(open).at(-1) ?? null;
}

/** A departure that a person has closed, and from which nobody has come back at any box. */
export function wasClosed(ledger: Ledger, departure: Movement): boolean {
  return departure.closed !== undefined && !departure.cancelled && returnsFor(ledger, departure).length === 0;
}

/** Of one box's departures. Alone, a box need not look further than its own records. */
function stillOut(ledger: Ledger, box: Ledger): readonly Movement[] {
  const open = [...box.out].flatMap((ref) => box.movements.get(ref) ?? []);
  return ledger.others.size === 0 ? open : open.filter((departure) => returnsFor(ledger, departure).length === 0);
}
