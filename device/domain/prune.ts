/**
 * What leaves the ledger, and what stays (durability.md 11): the journal keeps everything, the ledger what somebody may still
 * ask about. Looks at records only, so that every replay forgets the same.
 */
import { isUnsettled } from './mark.ts';
import type { Mark } from './mark.ts';
import type { BadgeBody, DecidedBody, HoldBody, Instant, MovementBody, Recorded, Ref, RequestBody } from './record.ts';
import { heldOn } from './retention-fold.ts';
import { localTime } from './school-day.ts';
import type { IsoDate } from './settings.ts';
import type { Timeline } from './timeline.ts';

/** What of a ledger it looks at (`ledger.ts`). */
interface Ledger {
  readonly movements: Map<Ref, Movement>;
  readonly marks: Map<string, Mark>;
  readonly byPupil: Map<string, readonly Ref[]>;
  readonly visits: Map<string, Ref>;
  readonly badges: Map<Ref, { readonly record: Recorded<BadgeBody> }>;
  readonly badgeById: Map<string, Ref>;
  readonly requests: Map<string, { readonly record: Recorded<RequestBody>; readonly answer: Recorded | null }>;
  readonly commands: Map<string, { readonly first: Recorded }>;
  readonly reaching: Map<string, readonly Ref[]>;
  readonly holds: Map<Ref, Recorded<HoldBody>>;
  readonly out: ReadonlySet<Ref>;
  readonly undecided: ReadonlySet<Ref>;
  readonly unsure: ReadonlySet<Ref>;
  readonly adopted: ReadonlyMap<string, string>;
  readonly timeline: Pick<Timeline, 'spanOf'>;
}
interface Movement {
  readonly record: Recorded<MovementBody>;
  readonly at: Instant;
  readonly decided: readonly Recorded<DecidedBody>[];
  readonly former: readonly string[];
}

/** First and last day on which something counts. */
interface Days {
  readonly from: IsoDate;
  readonly to: IsoDate;
}
export interface Finished {
  readonly movements: ReadonlySet<Ref>;
  readonly marks: readonly Mark[];
}

const never = '9999-12-31';

/**
 * Movements and settled marks of days before `before`, recorded up to number `upTo`. Of each pupil whole days go, and none that
 * something later reaches back to (a departure and its return, a mark and its movements); nothing of a pupil of whom anything
 * is open: out, undecided, asking to leave, adopted, held, a mark that waits or needs a person.
 */
export function finished(ledger: Ledger, before: IsoDate, upTo: number): Finished {
  const movements = daysOfMovements(ledger, upTo);
  const marks = [...ledger.marks.values()];
  const floors = new Map<string, IsoDate>();
  for (const pupil of open(ledger, before)) floors.set(personOf(ledger, pupil), '');
  const floorOf = (pupil: string): IsoDate => floors.get(personOf(ledger, pupil)) ?? before;
  const all = [...movements].map(([ref, days]) => ({ who: whose(ledger, ref), ...days }));
  // From the latest on: what stays can only hold what begins earlier.
  for (const { who, from, to } of all.sort((a, b) => (a.to < b.to ? 1 : -1))) {
    const floor = floorOf(who);
    if (to >= floor && from < floor) floors.set(personOf(ledger, who), from);
  }
  return {
    movements: new Set([...movements].flatMap(([ref, { to }]) => (to < floorOf(whose(ledger, ref)) ? [ref] : []))),
    marks: marks.filter((mark) => mark.date < floorOf(mark.pupil)),
  };
}

/** Takes out of the ledger what is finished, and gives the marks. Numbers, the roster, notes and who is who stay. */
export function prune(ledger: Ledger, before: IsoDate, upTo: number): readonly Mark[] {
  const { movements, marks } = finished(ledger, before, upTo);
  for (const { key } of marks) ledger.marks.delete(key);
  for (const ref of movements) ledger.movements.delete(ref);
  for (const [named, refs] of ledger.reaching) {
    const rest = refs.filter((ref) => !movements.has(ref));
    if (rest.length === 0) ledger.reaching.delete(named);
    else if (rest.length < refs.length) ledger.reaching.set(named, rest);
  }
  for (const [pupil, refs] of ledger.byPupil) {
    const rest = refs.filter((ref) => !movements.has(ref));
    if (rest.length === 0) ledger.byPupil.delete(pupil);
    else if (rest.length < refs.length) ledger.byPupil.set(pupil, rest);
  }
  for (const [visit, ref] of ledger.visits) if (movements.has(ref)) ledger.visits.delete(visit);
  for (const [ref, { record }] of ledger.badges) {
    if (!ledger.movements.has(record.movement) && record.date < before) ledger.badges.delete(ref);
  }
  for (const [id, ref] of ledger.badgeById) if (!ledger.badges.has(ref)) ledger.badgeById.delete(id);
  for (const [visit, { record, answer }] of ledger.requests) {
    const { latest } = ledger.timeline.spanOf(record.touch);
    const isOld = latest !== null && dayOf(latest) < before && record.n <= upTo;
    if (answer !== null && isOld) ledger.requests.delete(visit);
  }
  for (const [ref, { until }] of ledger.holds) if (until !== null && until < before) ledger.holds.delete(ref);
  for (const [id, { first }] of ledger.commands) if (first.n <= upTo) ledger.commands.delete(id);
  return marks;
}

/** Pupils of whom something is open or held, or may be open again. */
function* open(ledger: Ledger, before: IsoDate): Generator<string> {
  for (const ref of heldOn(ledger.holds, before)) yield whose(ledger, ref);
  yield* unfinished(ledger);
  // An adoption may be undone, however late, and opens again what came over.
  for (const [ref, { former }] of ledger.movements) if (former.length > 0) yield whose(ledger, ref);
}

/** Pupils who are out, whose time is not sure, who ask to leave, or of whom a mark waits or needs a person. */
export function* unfinished(ledger: Ledger): Generator<string> {
  for (const ref of [...ledger.out, ...ledger.undecided, ...ledger.unsure]) yield whose(ledger, ref);
  for (const { record, answer } of ledger.requests.values()) if (answer === null) yield record.pupil;
  for (const mark of ledger.marks.values()) if (isUnsettled(mark)) yield mark.pupil;
}

/** A return whose pupil nobody knows stands alone. */
const whose = (ledger: Ledger, ref: Ref): string => ledger.movements.get(ref)?.record.pupil ?? ref;

/** One pupil under all keys that they have had. */
function personOf({ adopted }: Ledger, pupil: string): string {
  if (!adopted.has(pupil)) return pupil;
  const keys = new Set([pupil]);
  let key = pupil;
  for (let next = adopted.get(key); next !== undefined && !keys.has(next); next = adopted.get(key)) {
    keys.add(next);
    key = next;
  }
  return key;
}

/** All keys that a pupil has had, before and since. */
export function samePerson({ adopted }: Pick<Ledger, 'adopted'>, pupil: string): ReadonlySet<string> {
  const keys = new Set([pupil]);
  for (let size = 0; size < keys.size;) {
    size = keys.size;
    for (const [from, to] of adopted) if (keys.has(from) || keys.has(to)) keys.add(from).add(to);
  }
  return keys;
}

function daysOfMovements(ledger: Ledger, upTo: number): ReadonlyMap<Ref, Days> {
  const days = new Map<Ref, Days>();
  const add = (ref: Ref, more: Days | undefined): void => {
    const one = days.get(ref) ?? more;
    if (one === undefined || more === undefined || !ledger.movements.has(ref)) return;
    days.set(ref, { from: one.from < more.from ? one.from : more.from, to: one.to > more.to ? one.to : more.to });
  };
  for (const mark of ledger.marks.values()) {
    for (const { decided } of mark.claims) add(decided.movement, { from: mark.date, to: mark.date });
  }
  for (const [ref, movement] of ledger.movements) {
    for (const { date } of movement.decided) add(ref, { from: date, to: date });
    if (!days.has(ref)) add(ref, daysOf(movement));
    if (movement.record.n > upTo) add(ref, { from: never, to: never });
  }
  const returns = [...ledger.movements.values()].flatMap(({ record: { ref, departure } }) =>
    departure === undefined || !ledger.movements.has(departure) ? [] : [[ref, departure] as const],
  );
  for (const [ref, departure] of returns) add(departure, days.get(ref));
  for (const [ref, departure] of returns) add(ref, days.get(departure));
  return days;
}

/** Of what was never decided: by Greenwich, since no setting may be asked. */
function daysOf({ at: { earliest, latest } }: Movement): Days {
  return { from: dayOf(earliest), to: dayOf(latest ?? earliest) };
}

const dayOf = (epochMs: Instant['earliest']): IsoDate => localTime(epochMs, 'UTC').date;
