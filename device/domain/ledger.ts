/**
 * What the records add up to: who is where, which marks are wanted, which badges are good. One pass, in journal order,
 * looking at records only; the same records give the same ledger (durability.md 2). Repeats are dropped by identity. Records of
 * another box have a ledger of their own beside it: nothing of this one depends on when they arrive (`elsewhere.ts`).
 */
import { common, isTrusted } from './clock-trust.ts';
import type { Bounds } from './clock-trust.ts';
import { count, forgetPupils, giveLates } from './day-counts.ts';
import type { DayCounts, LateDay } from './day-counts.ts';
import { notRunYet } from './expiry.ts';
import type { Running } from './expiry.ts';
import { bucketOf, isUnsettled, markKey, stateOf } from './mark.ts';
import { adopted, cancelled, claimed, interrupted, judged, reported, sent, without } from './mark-fold.ts';
import type { Claim, Mark, MarkKey } from './mark.ts';
import { prune } from './prune.ts';
import { numberOf } from './record.ts';
import { foldRetention, ran } from './retention-fold.ts';
import { changed, undone } from './setting-changes.ts';
import type { SaidSetting } from './setting-changes.ts';
import type { IsoDate } from './settings.ts';
import { Timeline } from './timeline.ts';
import type { Sum } from '../contract/staff.ts';
import type {
  AccessBody,
  Actor,
  AdoptBody,
  AnswerBody,
  BadgeBody,
  ChangeBody,
  CorrectionBody,
  DayClosedBody,
  DecidedBody,
  DrillBody,
  EraseBody,
  ErasedBody,
  Expiring,
  FreezeBody,
  HoldArrivalsBody,
  HoldBody,
  Instant,
  MovementBody,
  NoteBody,
  OutClosedBody,
  OutClosedHow,
  PrintBody,
  PruneBody,
  Recorded,
  Ref,
  RemovedBody,
  RequestBody,
  RosterBody,
  TimeBody,
} from './record.ts';

export interface Movement {
  /** With its facts as they are known by now; the journal keeps them as they were recorded. */
  readonly record: Recorded<MovementBody>;
  /** Its first touch, as far as the records tell by now when that was. */
  readonly at: Instant;
  /** What a person said of it, to the minute; null: nobody. */
  readonly said: Bounds | null;
  readonly decided: readonly Recorded<DecidedBody>[];
  readonly cancelled: boolean;
  /** Departure: the return that ended it. */
  readonly endedBy: Ref | null;
  readonly badge: Ref | null;
  /** Departure: how a person closed it; not given: nobody did, or it was undone. */
  readonly closed?: Recorded<OutClosedBody & { readonly how: OutClosedHow }> | undefined;
  /** Keys that the pupil had before, the last one last (`adopt`). */
  readonly former: readonly string[];
}
export interface Badge {
  readonly record: Recorded<BadgeBody>;
  readonly void: boolean;
  readonly print: Recorded<PrintBody> | null;
}
export interface Request {
  readonly record: Recorded<RequestBody>;
  readonly answer: Recorded<AnswerBody> | null;
}

/** How far the ledger has been pruned. */
export interface Pruned {
  /** Finished things of days before this one may have gone; empty: nothing has. */
  readonly before: IsoDate;
  /** The day that the last `prune` record named, and its number: the next one takes no more than that. */
  readonly named: IsoDate | null;
  readonly n: number;
  /** Confirmed marks that have gone: they stay in the sum. */
  readonly confirmed: number;
}

/** Commands are remembered this long, in records; older ones are refused by age before they get here. */
const commandsMax = 5_000;

/** A daemon that ends again and again within a minute is stopped by systemd before this many. */
const runsMax = 6;

/** No box gives out more badges than the records of a lost day could tell of (durability.md 30). */
const serialsSkipped = 200;
/** Beyond those, so many by chance: what was lost may itself have begun after such a skip, on the same day. */
const serialsSpread = 400;

export class Ledger {
  readonly movements = new Map<Ref, Movement>();
  /** Marks that the outbox still has work with: waiting, sending, unknown, accepted. */
  readonly unsettled = new Set<MarkKey>();
  readonly marks = new Map<MarkKey, Mark>();
  readonly badges = new Map<Ref, Badge>();
  readonly badgeById = new Map<string, Ref>();
  /** By visit. */
  readonly requests = new Map<string, Request>();
  /** Visits whose pupils wait for a member of staff, longest first. */
  readonly waiting = new Set<string>();
  readonly notes = new Map<Ref, Recorded<NoteBody>>();
  readonly commands = new Map<string, { readonly hash: string; readonly first: Recorded }>();
  /** A pupil's movements, oldest first. */
  readonly byPupil = new Map<string, readonly Ref[]>();
  /** Departures that no return has ended, oldest first. */
  readonly out = new Set<Ref>();
  /** Returns that stand, by what they name of another box: its departure, or its badge (`badgeKey`). */
  readonly reaching = new Map<string, readonly Ref[]>();
  /** What is known of the school's other boxes, by the id that each one's journal has now; in the order of the ids. */
  readonly others = new Map<string, Ledger>();
  /** Movements whose date, session or side is not sure yet. */
  readonly undecided = new Set<Ref>();
  /** Those whose time is not sure, decided or not. */
  readonly unsure = new Set<Ref>();
  /** When each boot of the machine was. */
  timeline = new Timeline();
  /** The newest movement of a visit. */
  readonly visits = new Map<string, Ref>();
  /** The last runs of the daemon, oldest first, and the boot of the machine that each was in. */
  readonly runs = new Map<string, string>();
  /** Pupils enrolled anew: the former key, and the one that has taken over. */
  readonly adopted = new Map<string, string>();
  /** Why nothing is sent; null: nothing is in the way. */
  frozen: Recorded<FreezeBody> | null = null;
  hold: Recorded<HoldArrivalsBody> | null = null;
  /** The evacuation drill under way; null: none. */
  drill: Recorded<DrillBody> | null = null;
  /** What staff changed of the settings, oldest first (`setting-changes.ts`). */
  readonly settings = new Map<Ref, SaidSetting>();
  roster: Recorded<RosterBody> | null = null;
  serial = 0;
  /** Number of the last record folded. */
  last = 0;
  /** Ids of the keys that were destroyed with a pupil: wherever one of them turns up again, it goes. */
  readonly erasedKeys = new Set<string>();
  /** What came of each school day, counted without names; of the years before by the month (`day-counts.ts`). */
  readonly days = new Map<IsoDate, DayCounts>();
  readonly months = new Map<string, DayCounts>();
  /** A pupil's late arrivals, for as long as the journal has them. */
  readonly lates = new Map<string, readonly LateDay[]>();
  /** Numbers of records that a start could not take in, until a person has heard of them. */
  readonly setAside = new Set<number>();
  /** The boot in which the battery clock was last seen to be right; empty: there is none. */
  rtcRightIn = '';
  /** What has left the ledger because it was finished and old. */
  pruned: Pruned = { before: '', named: null, n: 0, confirmed: 0 };
  /** How long the box has run, for what is marked to be destroyed (`expiry.ts`). */
  running: Running = notRunYet;
  /** By name, the running time at which it was marked. */
  readonly expiring = new Map<Expiring, number>();
  /** The last backup that was taken from the staff page. */
  backedUp: Recorded<AccessBody> | null = null;
  /** The last restore. */
  restored: Recorded<AccessBody> | null = null;
  /** Days that a person has closed. */
  readonly daysClosed = new Map<IsoDate, Recorded<DayClosedBody>>();
  /** Days of which everything recorded has been exported. */
  readonly exported = new Set<IsoDate>();
  /** By movement. */
  readonly holds = new Map<Ref, Recorded<HoldBody>>();
  /** The last segments that went; null: none has. */
  removing: Recorded<RemovedBody> | null = null;
  /** Of all marks, those too that have left the ledger since. */
  private counts: Readonly<Record<'confirmed' | 'waiting' | 'needsPerson', number>> = {
    confirmed: 0,
    waiting: 0,
    needsPerson: 0,
  };

  /**
   * Another ledger of the same records, to decide ahead of the disk on. Every field, whatever it is called; what maps and sets
   * hold is never changed in place.
   */
  copy(): Ledger {
    const copy = new Ledger();
    for (const [name, value] of Object.entries(this) as readonly (readonly [string, unknown])[]) {
      Reflect.set(copy, name, copyOf(value));
    }
    for (const [box, other] of this.others) copy.others.set(box, other.copy());
    return copy;
  }

  /** Movements that wait for their time and may make a mark then. */
  undecidedMarks(): number {
    return [...this.undecided].filter((ref) => this.movements.get(ref)?.record.kind !== 'early-departure').length;
  }

  /** Recorded = confirmed + waiting + needs a person, by construction. An undecided movement that may make a mark waits. */
  sum(): Sum {
    const { confirmed, needsPerson } = this.counts;
    const waiting = this.counts.waiting + this.undecidedMarks();
    return { recorded: confirmed + waiting + needsPerson, confirmed, waiting, needsPerson };
  }

  apply(record: Recorded): void {
    if (record.n <= this.last) return;
    this.last = record.n;
    if (record.command !== undefined) this.remember(record.command.id, record.command.hash, record);
    if (this.timeline.seen(record.at)) this.retime();
    ran(this, record.at);
    this.fold(record);
  }

  /**
   * Takes in a record of another box: of the data folder whose journal has the id `box` now, in the order of that folder. Nothing
   * is decided or sent for it here.
   */
  learn(box: string, record: Recorded): void {
    if (!this.others.has(box)) {
      const others = [...this.others, [box, new Ledger()] as const].sort(([one], [other]) => (one < other ? -1 : 1));
      this.others.clear();
      for (const [id, ledger] of others) this.others.set(id, ledger);
    }
    this.others.get(box)?.apply(record);
  }

  /** The mark under a key, or undefined. */
  mark(key: MarkKey): Mark | undefined {
    return this.marks.get(key);
  }

  /** What the outbox still has work with. */
  unsettledMarks(): readonly Mark[] {
    return [...this.unsettled].flatMap((key) => this.marks.get(key) ?? []);
  }

  /** The open departure of a pupil, the last if there are more: one of an earlier day stays open until a person closes it. */
  openDeparture(pupil: string): Movement | null {
    const last = this.byPupil.get(pupil)?.findLast((ref) => this.out.has(ref));
    return this.movements.get(last ?? '') ?? null;
  }

  /** The pupils who wait for a member of staff, longest first. */
  waitingRequests(): readonly Request[] {
    return [...this.waiting].flatMap((visit) => this.requests.get(visit) ?? []);
  }

  /** A pupil's movements that still stand, oldest first. */
  movementsOf(pupil: string): readonly Movement[] {
    return (this.byPupil.get(pupil) ?? []).flatMap((ref) => {
      const movement = this.movements.get(ref);
      return movement === undefined || movement.cancelled ? [] : [movement];
    });
  }

  private remember(id: string, hash: string, record: Recorded): void {
    if (this.commands.has(id)) return; // the first record of a commit stands for all of it
    this.commands.set(id, { hash, first: record });
    if (this.commands.size > commandsMax) {
      const [oldest] = this.commands.keys();
      if (oldest !== undefined) this.commands.delete(oldest);
    }
  }

  private fold(record: Recorded): void {
    switch (record.type) {
      case 'run':
        this.runs.set(record.run, record.boot);
        for (const run of [...this.runs.keys()].slice(0, -runsMax)) this.runs.delete(run);
        for (const key of [...this.unsettled]) this.change(key, interrupted);
        // IDs that were given out and are lost are not given again (durability.md 12, 30).
        if (record.serialsLost !== undefined) {
          const spread = Number.parseInt(record.run.slice(0, 6), 16) % serialsSpread || 0;
          this.serial = Math.max(this.serial, record.serialsLost.known) + serialsSkipped + spread;
        }
        return;
      case 'movement':
        return this.moved(record);
      case 'decided':
        return this.decide(record);
      case 'correction':
        return this.cancel(record.movement, record);
      case 'change':
        return this.alter(record);
      case 'verdict':
        return this.change(record.key, (mark) => judged(mark, record));
      case 'adopt':
        return this.adopt(record);
      case 'freeze':
      case 'thaw':
        this.frozen = record.type === 'freeze' ? record : null;
        return;
      case 'request':
        this.requests.set(record.visit, { record, answer: null });
        this.waiting.add(record.visit);
        return;
      case 'answer':
        return this.answered(record);
      case 'badge':
        this.serial = Math.max(this.serial, record.serial);
        this.badges.set(record.ref, { record, void: false, print: null });
        this.badgeById.set(badgeKey(record.date, record.id), record.ref);
        return this.link(record.movement, { badge: record.ref });
      case 'badge-void':
        return this.changeBadge(record.badge, { void: true });
      case 'print':
        return this.changeBadge(record.badge, { print: record });
      case 'sending':
        // Frozen after the sender looked, and before it wrote this: nothing has left.
        if (this.frozen !== null) return;
        for (const item of record.items) this.change(item.key, (mark) => sent(mark, item, record.at));
        return;
      case 'report':
        for (const row of record.rows) this.change(row.key, (mark) => reported(mark, row, record.at, record.date));
        return;
      case 'note':
        this.notes.set(record.ref, record);
        return;
      case 'note-done':
        this.notes.delete(record.note);
        return;
      case 'roster':
        this.roster = record;
        // A word on the roster settles what was said of one before it, also where the table has never heard of that.
        for (const [ref, { kind }] of this.notes) if (kind === 'roster-held') this.notes.delete(ref);
        return;
      case 'hold-arrivals':
        this.hold = record.hold === null ? null : record;
        return;
      case 'drill':
        this.drill = record.on ? record : null;
        return;
      case 'setting':
        return changed(this.settings, record);
      case 'setting-undone':
        return undone(this.settings, record);
      case 'out-closed':
        return this.closeOut(record);
      case 'day-closed':
        return closeDay(this.daysClosed, record);
      case 'prune':
        return this.prune(record);
      case 'set-aside-seen':
        for (const n of record.numbers) this.setAside.delete(n);
        return;
      case 'time':
        return this.timed(record);
      case 'access':
        // For the log; and when somebody took a backup away, or restored one.
        if (record.what === 'took' && record.detail?.startsWith('backup') === true) this.backedUp = record;
        if (record.what === 'restored') this.restored = record;
        return;
      case 'access-export':
        return; // for the log
      case 'erase':
      case 'erased':
        return this.gone(record);
      default:
        foldRetention(this, record);
        if (record.type !== 'removed' || record.segments.length === 0) return;
        forgetPupils(this, record.upTo);
        this.recount();
    }
  }

  private gone(record: Recorded<EraseBody> | Recorded<ErasedBody>): void {
    if (record.type === 'erased') this.serial = Math.max(this.serial, record.serial ?? 0);
    else for (const key of record.keys) this.erasedKeys.add(key);
  }

  private timed(record: Recorded<TimeBody>): void {
    const { movement, earliest, latest } = record;
    this.timeline.said(record);
    if (record.rtcOffMs !== undefined) this.rtcRightIn = record.boot;
    if (movement !== undefined) this.link(movement, { said: { earliest, latest } });
    this.retime();
  }

  /** More is known of some boot: so it may be of the movements that were not sure. */
  private retime(): void {
    for (const ref of [...this.undecided, ...this.unsure]) {
      const movement = this.movements.get(ref);
      if (movement !== undefined) this.link(ref, { at: this.timeAt(ref, movement.record.touch, movement.said) });
    }
  }

  private timeAt(ref: Ref, touch: Instant, said: Bounds | null = null): Instant {
    const span = this.timeline.spanOf(touch);
    const at = { ...touch, ...(said === null ? span : (common(span, said) ?? said)) };
    if (isTrusted(at)) this.unsure.delete(ref);
    else this.unsure.add(ref);
    return at;
  }

  private moved(recorded: Recorded<MovementBody>): void {
    const record = withBadge(recorded);
    const { ref, touch } = record;
    const at = isTrusted(touch) ? touch : this.timeAt(ref, touch);
    this.movements.set(ref, {
      record,
      at,
      decided: [],
      cancelled: false,
      endedBy: null,
      badge: null,
      former: [],
      said: null,
    });
    this.visits.set(record.visit, record.ref);
    if (record.kind === 'early-departure') this.out.add(record.ref);
    if (record.pupil !== null) {
      this.undecided.add(record.ref);
      this.byPupil.set(record.pupil, [...(this.byPupil.get(record.pupil) ?? []), record.ref]);
    }
    const { departure } = record;
    const named = this.namedElsewhere(record);
    if (named !== null) this.reaching.set(named, [...(this.reaching.get(named) ?? []), ref]);
    else if (departure !== undefined) {
      this.link(departure, { endedBy: ref });
      this.out.delete(departure);
    }
  }

  /** What a return names of another box: its departure, or else its badge. Null: nothing. */
  private namedElsewhere({ departure, badge }: MovementBody): string | null {
    if (departure !== undefined) return this.movements.has(departure) ? null : departure;
    return badge === undefined ? null : badgeKey(badge.date, badge.id);
  }

  private closeOut(record: Recorded<OutClosedBody>): void {
    const { how, movement } = record;
    this.link(movement, { closed: how === 'undone' ? undefined : { ...record, how } });
    if (how !== 'undone') this.out.delete(movement);
    else if (this.movements.get(movement)?.endedBy === null) this.out.add(movement);
    for (const { date } of this.movements.get(movement)?.decided ?? []) this.exported.delete(date);
  }

  private answered(record: Recorded<AnswerBody>): void {
    for (const visit of this.waiting) {
      const request = this.requests.get(visit);
      if (request?.record.ref !== record.request) continue;
      this.requests.set(visit, { ...request, answer: record });
      this.waiting.delete(visit);
    }
  }

  private decide(record: Recorded<DecidedBody>): void {
    this.undecided.delete(record.movement);
    const movement = this.movements.get(record.movement);
    if (movement === undefined) return;
    this.link(record.movement, { decided: [...movement.decided, record] });
    this.exported.delete(record.date);
    if (!movement.cancelled) count(this, record, movement.record, 1);
    if (record.session === null || record.want.kind === 'none') return;
    const owner = this.ownerOf(movement, record);
    const mark = claimed(this.marks.get(markKey(owner, record.date, record.session)), record, record.session, owner);
    this.put(movement.cancelled ? cancelled(mark, record.movement, record.at) : mark);
  }

  /**
   * Whose mark a decision is for. Of a day that has left the ledger it stays with the key that the pupil had then, as its mark
   * did (`adopt`), unless that had gone over before.
   */
  private ownerOf({ record: { ref }, former }: Movement, { pupil, date, session }: DecidedBody): string {
    const [first] = former;
    if (first === undefined || session === null || !this.isClosed(date)) return pupil;
    const claims = (key: string): readonly Claim[] => this.marks.get(markKey(key, date, session))?.claims ?? [];
    return [pupil, ...former].find((key) => claims(key).some(({ decided }) => decided.movement === ref)) ?? first;
  }

  private isClosed(date: IsoDate): boolean {
    return date < this.pruned.before;
  }

  private cancel(ref: Ref, by: Recorded<CorrectionBody>): void {
    const movement = this.movements.get(ref);
    if (movement === undefined || movement.cancelled) return;
    this.link(ref, { cancelled: true });
    this.undecided.delete(ref);
    this.unsure.delete(ref);
    this.out.delete(ref);
    const { departure } = movement.record;
    const named = this.namedElsewhere(movement.record);
    if (named !== null) this.unreach(named, ref);
    else if (departure !== undefined) this.reopen(departure);
    if (movement.badge !== null) this.changeBadge(movement.badge, { void: true });
    this.voidClaims(movement, by.at, by.by);
  }

  /** The movement with the facts as they are known by now; what was decided of the old ones is void. */
  private alter({ movement: ref, touch, reason, at, by }: Recorded<ChangeBody>): void {
    const movement = this.movements.get(ref);
    if (movement === undefined || movement.cancelled) return;
    const { record } = movement;
    const known = touch ?? record.touch;
    // What was said of it was of the former time.
    const said = touch === null ? movement.said : null;
    this.voidClaims(movement, at, by);
    this.link(ref, {
      record: { ...record, touch: known, reason: reason ?? record.reason },
      at: this.timeAt(ref, known, said),
      said,
      decided: [],
    });
    if (record.pupil !== null) this.undecided.add(ref);
  }

  private voidClaims({ record, decided, former }: Movement, at: Instant, by: Actor): void {
    for (const one of decided) {
      this.exported.delete(one.date);
      count(this, one, record, -1);
      const { session, pupil, date } = one;
      if (session === null) continue;
      // Adopted meanwhile: the claim may have stayed, or gone over.
      for (const key of new Set([pupil, record.pupil ?? pupil, ...former])) {
        this.change(markKey(key, date, session), (mark) => cancelled(mark, record.ref, at, by));
      }
    }
  }

  /**
   * Marked by one record, gone with the next, which comes on another day: no more than both name, and nothing that was recorded
   * since the one before. So a clock that was wrong once takes nothing (durability.md 15).
   */
  private prune({ before: named, n }: Recorded<PruneBody>): void {
    const last = this.pruned;
    this.pruned = { ...last, named, n };
    if (last.named === null) return;
    const before = named < last.named ? named : last.named;
    const confirmed = prune(this, before, last.n).filter((mark) => stateOf(mark) === 'confirmed').length;
    this.pruned = {
      ...this.pruned,
      before: before > last.before ? before : last.before,
      confirmed: last.confirmed + confirmed,
    };
  }

  /**
   * The other way round an adoption is undone: only what came over goes back, whatever has been written since. A mark of a day
   * that has left the ledger stays under the former key, for a person: the other key's own mark of then may have left, and
   * would be counted, and looked at, twice.
   */
  private adopt({ from, to, at }: Recorded<AdoptBody>): void {
    const undoes = this.adopted.get(to) === from;
    if (undoes) this.adopted.delete(to);
    else this.adopted.set(from, to);
    const going = new Set(this.adoptable(from, to, undoes));
    for (const ref of going) {
      const movement = this.movements.get(ref);
      if (movement === undefined) continue;
      const former = undoes ? movement.former.slice(0, -1) : [...movement.former, from];
      this.link(ref, { record: { ...movement.record, pupil: to }, former });
    }
    giveLates(this, from, to, new Set([...going].map(numberOf)));
    const all = [...(this.byPupil.get(from) ?? []), ...(this.byPupil.get(to) ?? [])];
    const inOrder = all.sort((a, b) => numberOf(a) - numberOf(b));
    this.byPupil.set(
      to,
      inOrder.filter((ref) => this.movements.get(ref)?.record.pupil === to),
    );
    this.byPupil.set(
      from,
      inOrder.filter((ref) => this.movements.get(ref)?.record.pupil === from),
    );
    for (const mark of [...this.marks.values()]) {
      if (mark.pupil !== from || (!undoes && (!isOpen(mark) || this.isClosed(mark.date)))) continue;
      const claims = mark.claims.filter(({ decided }) => going.has(decided.movement));
      if (claims.length > 0) this.giveClaims(mark, claims, to, at);
    }
    if (undoes) return;
    for (const [ref, note] of this.notes) if (note.pupil === from) this.notes.set(ref, { ...note, pupil: to });
  }

  /** A pupil's movements; of an undone adoption those that had come over, and the returns that ended such a departure. */
  private adoptable(from: string, to: string, undoes: boolean): readonly Ref[] {
    const cameOver = (ref: Ref | undefined): boolean => this.movements.get(ref ?? '')?.former.at(-1) === to;
    const refs = this.byPupil.get(from) ?? [];
    return undoes ? refs.filter((ref) => cameOver(ref) || cameOver(this.movements.get(ref)?.record.departure)) : refs;
  }

  private giveClaims(mark: Mark, claims: readonly Claim[], to: string, at: Instant): void {
    const rest = without(mark, claims, at);
    if (rest === null) this.remove(mark);
    else this.put(rest);
    const key = markKey(to, mark.date, mark.session);
    this.put(adopted(this.marks.get(key), mark, claims, to, at));
  }

  /** Undoing a return opens its departure again. */
  private reopen(departure: Ref): void {
    this.link(departure, { endedBy: null });
    const movement = this.movements.get(departure);
    if (movement?.cancelled === false && movement.closed === undefined) this.out.add(departure);
  }

  private unreach(named: string, ref: Ref): void {
    const rest = (this.reaching.get(named) ?? []).filter((one) => one !== ref);
    if (rest.length === 0) this.reaching.delete(named);
    else this.reaching.set(named, rest);
  }

  private link(ref: Ref, part: Partial<Movement>): void {
    const movement = this.movements.get(ref);
    if (movement !== undefined) this.movements.set(ref, { ...movement, ...part });
  }

  private changeBadge(ref: Ref, part: Partial<Badge>): void {
    const badge = this.badges.get(ref);
    if (badge !== undefined) this.badges.set(ref, { ...badge, ...part });
  }

  private change(key: MarkKey, next: (mark: Mark) => Mark): void {
    const mark = this.marks.get(key);
    if (mark !== undefined) this.put(next(mark));
  }

  private remove(mark: Mark): void {
    const bucket = bucketOf[stateOf(mark)];
    if (bucket !== null) this.countIn(bucket, -1);
    this.unsettled.delete(mark.key);
    this.marks.delete(mark.key);
  }

  /** Marks are carried, not how many there are: the one or other may be of a pupil who is erased since. */
  private recount(): void {
    this.counts = { confirmed: this.pruned.confirmed, waiting: 0, needsPerson: 0 };
    for (const mark of this.marks.values()) {
      const bucket = bucketOf[stateOf(mark)];
      if (bucket !== null) this.countIn(bucket, 1);
    }
  }

  private countIn(bucket: keyof Ledger['counts'], by: 1 | -1): void {
    this.counts = { ...this.counts, [bucket]: this.counts[bucket] + by };
  }

  private put(mark: Mark): void {
    const before = this.marks.get(mark.key);
    const was = before === undefined ? null : bucketOf[stateOf(before)];
    const is = bucketOf[stateOf(mark)];
    if (was !== null) this.countIn(was, -1);
    if (is !== null) this.countIn(is, 1);
    if (is === 'waiting') this.unsettled.add(mark.key);
    else this.unsettled.delete(mark.key);
    this.marks.set(mark.key, mark);
  }
}

function copyOf(value: unknown): unknown {
  if (value instanceof Map) return new Map<unknown, unknown>(value);
  if (value instanceof Set) return new Set<unknown>(value);
  return value instanceof Timeline ? value.copy() : value;
}

/** Neither on its way nor in the MIS: it may go over to the pupil's other key as a whole. */
function isOpen(mark: Mark): boolean {
  return mark.flight === null && mark.ours === null && isUnsettled(mark);
}

/** A badge ID is good on its day only; the same digits may come again another day. */
export const badgeKey = (date: string, id: string): string => `${date}:${id}`;

/** Records used to name another box's badge as the departure: `badge:2026-11-23:28391270`. */
function withBadge(record: Recorded<MovementBody>): Recorded<MovementBody> {
  const { departure, ...rest } = record;
  const [, date, id] = /^badge:([\d-]{10}):(\d+)$/.exec(departure ?? '') ?? [];
  return date === undefined || id === undefined ? record : { ...rest, badge: { date, id, token: null } };
}

/** Two school years and a bit, as of the days that are exported. */
const daysClosedMax = 400;
function closeDay(days: Map<IsoDate, Recorded<DayClosedBody>>, record: Recorded<DayClosedBody>): void {
  days.set(record.date, record);
  if (days.size > daysClosedMax) days.delete([...days.keys()].sort()[0] ?? '');
}
