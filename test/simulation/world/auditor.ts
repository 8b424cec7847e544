/**
 * Sees every record that the card has, every request that leaves the box and every answer that people get, and throws as soon
 * as something is so that must never be so: what really happened is in `truth.ts`, what is wished in `wishes.ts`, the line in
 * `line.ts`.
 */
import type { Asked } from '../../../device/demo/answer.ts';
import type { SpoiltAnswer } from '../../../device/demo/spoilt-answer.ts';
import { ledgerLines } from '../../../device/domain/checkpoint.ts';
import type { Ledger } from '../../../device/domain/ledger.ts';
import type { Recorded } from '../../../device/domain/record.ts';
import type { Settings } from '../../../device/domain/settings.ts';
import type { Exchange } from '../../../device/mis/wonde/exchange.ts';
import { bucketOf, stateOf } from '../../../device/domain/mark.ts';
import type { Mark } from '../../../device/domain/mark.ts';
import { Bookkeeper } from '../../support/bookkeeper.ts';
import { Violation } from './history.ts';
import type { History } from './history.ts';
import { Keeping } from './keeping.ts';
import { Line } from './line.ts';
import type { LinePorts } from './line.ts';
import type { Listener, Machine, Parts, Run } from './machine.ts';
import type { Watcher } from './mis.ts';
import { day, localOf } from './oracle.ts';
import type { Schedule } from './schedule.ts';
import { Truth } from './truth.ts';
import { Wishes } from './wishes.ts';
import type { WishesPorts } from './wishes.ts';

/** What is finished is known for so long (product.md 5). */
const keptDays = 30;

type Of<T extends Recorded['type']> = Extract<Recorded, { readonly type: T }>;

export interface AuditorPorts extends Omit<LinePorts & WishesPorts, 'now' | 'settingsOf'> {
  readonly schedule: Schedule;
  readonly history: History;
  /** Called whenever the MIS is asked: pupils may have got other numbers. */
  readonly noteRoll: () => void;
}

export class Auditor implements Listener, Watcher {
  machine: Machine | null = null;
  readonly truth = new Truth();
  readonly keeping = new Keeping(this.truth);
  /** How often something rare has happened. */
  readonly counts: Record<string, number> = {};
  wishes: Wishes;
  line: Line;
  /** Every record that was ever said to be on the card, as text. */
  private mirror = new Map<number, string>();
  /** Pupils of whom something has been carried on when a segment went. */
  readonly carried = new Set<string>();
  /** By number, what the fold has taken. */
  private last = 0;
  private books = new Bookkeeper();
  private run: Run | null = null;
  private journalId: string | null = null;
  private isFrozen = false;
  /** Marks that have left the ledger, as they were. */
  readonly gone = new Map<string, Mark>();
  /** Those of which no record is left. */
  private readonly left = new Map<string, Mark>();
  /** Jobs of this run, and what the card says of them. */
  private bytes = 0;
  private startedPrints = 0;
  private readonly returned = new Map<string, string>();
  /** Every badge that was ever given out, erased and lost ones too: they are in pupils' hands. */
  private readonly badges = new Map<string, string>();
  /** By run of the daemon, the settings that it began with. */
  private readonly settingsOf = new Map<string, Settings>();
  private readonly ports: AuditorPorts;

  constructor(ports: AuditorPorts) {
    this.ports = ports;
    this.wishes = this.newWishes();
    this.line = new Line(this.wishes, { ...ports, now: () => ports.schedule.now });
  }

  log(line: string): void {
    this.ports.history.add(this.ports.schedule.now, line);
  }

  /** Number of the last record that was said to be on the card. */
  get heard(): number {
    return this.last;
  }
  /** A copy that had what was on the card up to that number is on another one: what came later is lost to the box, and happened. */
  restored(upTo: number): void {
    for (const [n, text] of this.mirror) {
      if (n <= upTo) continue;
      this.mirror.delete(n);
      for (const [, key] of text.matchAll(/"([0-9a-f]{32}[|][0-9-]{10}[|][AP]M)"/g)) this.lost.add(key ?? '');
      const record = JSON.parse(text) as Recorded;
      if (record.type === 'decided') this.lost.add(`${record.pupil}|${record.date}|${record.session}`);
      this.count('records lost to a restore');
    }
    this.last = Math.min(this.last, upTo);
    // Who was erased since is back with the copy.
    if (this.keeping.restored(upTo)) this.mirror.clear();
    this.former = this.journalId;
    this.journalId = null;
    this.restores += 1;
  }
  /** Keys of marks of which records are lost. */
  readonly lost = new Set<string>();
  restores = 0;
  private former: string | null = null;

  // ---- Runs of the daemon ----

  started(run: Run, parts: Parts, records: readonly Recorded[]): void {
    const texts = new Map(records.map((record) => [record.n, JSON.stringify(record)]));
    // What a run that ended told nobody of.
    for (const record of records)
      if (record.n > this.last && record.type === 'erase') this.keeping.take(record, this.mirror);
    const byNumber = new Map(records.map((record) => [record.n, record]));
    for (const [n, text] of this.mirror) {
      const now = texts.get(n);
      if (now === text || this.keeping.explains(n, text, byNumber.get(n))) continue;
      throw new Violation('acknowledged records stay', `${text} is ${now ?? 'gone'} after a restart`);
    }
    this.intact(parts, records);
    this.keeping.nobodyIn(records);
    this.settingsOf.set(parts.journal.run, parts.school.settings);
    const { id } = parts.journal;
    if (this.journalId !== null && this.journalId !== id && this.mirror.size > 0)
      throw new Violation('the journal keeps its identity', `${this.journalId} became ${id}`);
    if (id === this.former) throw new Violation('a restored journal has another identity', id);
    this.journalId = id;
    this.run = run;
    this.mirror = new Map();
    const heard = this.last;
    this.last = 0;
    // Before segments went, what stays does not add up by itself.
    this.books = new Bookkeeper(
      records.findLast((record) => record.type === 'removed' && record.segments.length > 0)?.n,
    );
    this.keeping.begin();
    this.returned.clear();
    this.gone.clear();
    for (const [key, mark] of this.left) this.gone.set(key, mark);
    this.wishes = this.newWishes(this.wishes);
    this.line.begin(this.wishes);
    this.isFrozen = false;
    for (const record of this.keeping.withArchive(records)) {
      this.take(record, texts.get(record.n) ?? null);
      if (record.n > heard) this.happens(record);
    }
    this.line.begin(this.wishes);
    this.bytes = 0;
    this.startedPrints = 0;
    const other = difference(parts.desk.durable, this.books.ledger);
    if (other !== null)
      throw new Violation('records alone tell what is so', `at this start ${other[0]}, all records: ${other[1]}`);
  }

  /** Nothing here damages what is on the card, so none may be found; and numbers that were once written are used up. */
  private intact({ journal }: Parts, records: readonly Recorded[]): void {
    const damage = journal.opened.faults.find(({ kind }) => kind === 'damage' || kind === 'unreadable');
    if (damage !== undefined) throw new Violation('no damage is found where there is none', JSON.stringify(damage));
    const run = records.findLast(({ type }) => type === 'run');
    const stated = this.machine?.stated ?? 0;
    if (run !== undefined && run.n <= stated)
      throw new Violation('numbers are given once', `${run.n} is given, and ${stated} stood on the card`);
  }

  durable(run: Run, records: readonly Recorded[]): void {
    if (run !== this.run) throw new Violation('a dead run is silent', `run ${run.number} has stored something`);
    for (const record of records) {
      const text = JSON.stringify(record);
      this.log(text);
      this.take(record, text);
      this.happens(record);
    }
  }

  ended(run: Run, how: 'stop' | 'kill' | 'cut'): void {
    this.log(`run ${run.number} ended: ${how}`);
  }

  booted(boot: string, began: number): void {
    this.truth.boots.set(boot, began);
    this.log(`boot ${boot}`);
  }

  // ---- People ----

  acknowledged(movement: string): void {
    if (!this.wishes.movements.has(movement))
      throw new Violation('acknowledged records stay', `${movement} is not on the card`);
  }
  acknowledgedUndo(movement: string): void {
    if (!this.wishes.isUndone(movement))
      throw new Violation('acknowledged records stay', `the undo of ${movement} is not on the card`);
  }
  acknowledgedReturn(visit: string): void {
    for (const { kind, visit: own } of this.wishes.movements.values()) if (kind === 'return' && own === visit) return;
    throw new Violation('acknowledged records stay', `the return of ${visit} is not on the card`);
  }

  // ---- Records ----

  /** `text` null: its segment has gone. */
  private take(record: Recorded, text: string | null): void {
    if (record.n <= this.last) throw new Violation('numbers are given once', `${record.n} came after ${this.last}`);
    this.last = record.n;
    if (text !== null) this.mirror.set(record.n, text);
    const before = record.type === 'prune' ? new Map(this.books.ledger.marks) : null;
    try {
      if (text !== null) this.books.take(record);
    } catch (error) {
      throw new Violation('the sum adds up', error instanceof Error ? error.message : 'no');
    }
    if (before !== null) this.leave(before, record);
    this.truth.mayCommand(record);
    this.wishes.take(record);
    // Before segments went, the marks of this fold are not those of then.
    const isWhole = record.n >= this.books.upTo;
    this.keeping.take(record, this.mirror);
    switch (record.type) {
      case 'movement':
        return this.moving(record);
      case 'change':
        return this.truth.allows(record);
      case 'time':
        return this.truth.mayBeTime(record);
      case 'correction':
        return this.undoneReturn(record.movement);
      case 'freeze':
        this.isFrozen = true;
        return;
      case 'thaw':
        this.isFrozen = false;
        return;
      case 'sending':
        // Frozen: void, and must not leave.
        if (!this.isFrozen) for (const item of record.items) this.line.sending(item, record.at);
        return;
      case 'roster':
        if (record.outcome === 'accepted' && record.by === null && record.pupils * 3 <= record.before * 2)
          throw new Violation('a roster that shrank waits for a person', JSON.stringify(record));
        return;
      case 'print':
        if (record.state === 'started') this.startedPrints += 1;
        return;
      case 'badge':
        return this.issued(record);
      case 'decided':
        // Of a day that has left the ledger it stands under the key of then.
        if (isWhole && this.truth.isAnew(record.pupil)) this.follow([record.pupil]);
        return;
      case 'adopt':
        if (isWhole) this.follow([record.from, record.to]);
        return;
      case 'removed':
        // The records that told where they stand may have gone; by now it is told again.
        if (isWhole) for (const person of this.truth.anew) this.follow(person);
        return;
      case 'erase':
        return this.wishes.forget(this.keeping.erasures.find(({ n }) => n === record.n)?.person ?? []);
      default:
        return;
    }
  }

  private follow(person: readonly string[]): void {
    this.wishes.follow(person, [...this.books.ledger.marks.values()], [...this.gone.values()]);
  }

  /** For the first time. */
  private happens(record: Recorded): void {
    if (record.type === 'erase' || record.type === 'adopt' || record.type === 'exported') this.count(record.type);
    if (record.type === 'time' && record.sources.includes('rtc')) this.count('time by battery');
    if (record.type === 'carried' && record.pupil !== null) this.carried.add(record.pupil);
    if (record.type !== 'removed') return;
    if (record.photos.length > 0) this.count('photos went');
    if (record.segments.length === 0) return;
    this.count('segments went', record.segments.length);
    const ranges = this.machine?.numbersIn(record.segments) ?? [];
    this.keeping.removing(record, ranges, this.mirror);
    for (const [key, mark] of this.gone) this.left.set(key, mark);
  }
  count(what: string, times = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + times;
  }

  /** A pupil is erased, the box says: nothing on the card and in the ledger says otherwise. */
  erased(command: string, photos: readonly string[]): void {
    const erasure = this.keeping.erasureBy(command);
    const { machine } = this;
    if (erasure === undefined || machine === null) throw new Violation('acknowledged records stay', 'no erase record');
    const { records, keys, checkpoint } = machine.readable();
    this.keeping.nobodyIn(records);
    if (keys.some((key) => erasure.keys.includes(key)) || photos.some((visit) => erasure.photos.has(visit)))
      throw new Violation('who is erased is in nothing that can be read', `${keys.join(' ')}; ${photos.join(' ')}`);
    const { house } = machine;
    if (house !== null) this.keeping.erasedFrom(house.desk.durable, erasure, records, checkpoint);
  }

  /** Only what is settled and a month old leaves the ledger; what becomes of it is judged by its last state. */
  private leave(before: ReadonlyMap<string, Mark>, { at, n }: Recorded): void {
    const old = localOf(this.truth.trueOf(at) - keptDays * day).date;
    for (const [key, mark] of before) {
      if (this.books.ledger.mark(key) !== undefined) continue;
      const bucket = bucketOf[stateOf(mark)];
      if (bucket === 'waiting' || bucket === 'needsPerson' || mark.date > old)
        throw new Violation('only what is finished and old leaves', `${key} is ${stateOf(mark)}`);
      // Where segments have gone since, what stays of it may lack a correction: it was known better before.
      if (n >= this.books.upTo || !this.left.has(key)) this.gone.set(key, mark);
    }
  }

  private moving(record: Of<'movement'>): void {
    this.truth.explains(record);
    const { departure, ref } = record;
    if (departure === undefined) return;
    const other = this.returned.get(departure);
    if (other !== undefined) throw new Violation('no badge is accepted twice', `${ref} and ${other}`);
    this.returned.set(departure, ref);
  }

  private undoneReturn(ref: string): void {
    for (const [departure, back] of this.returned) if (back === ref) this.returned.delete(departure);
  }

  private issued({ id, date, ref }: Of<'badge'>): void {
    const other = this.badges.get(`${date} ${id}`);
    if (other !== undefined && other !== ref)
      throw new Violation('badge IDs are given once', `${ref} and ${other} are ${id}`);
    this.badges.set(`${date} ${id}`, ref);
  }

  /** The first byte of a badge leaves for the printer. */
  byte(): void {
    this.bytes += 1;
    if (this.bytes <= this.startedPrints || this.machine === null) return;
    // Thrown here, it would be a printer that failed.
    this.machine.broken ??= new Violation(
      'print started is on the card before the first byte',
      `${this.bytes} jobs, ${this.startedPrints} records`,
    );
  }

  // ---- The line ----

  begins(): void {
    this.line.begins();
  }
  leaves(method: string, path: string, body: string | null): void {
    this.log(`> ${method} ${path}${body === null ? '' : ` ${body}`}`);
    this.line.leaves(method, body);
  }
  arrived(asked: Asked, spoilt: SpoiltAnswer): void {
    this.ports.noteRoll();
    this.log(`@ ${asked.method} ${asked.path} ${spoilt.answer?.status ?? '-'} ${spoilt.ending} ${spoilt.waitMs}`);
  }
  answered(method: string, path: string, exchange: Exchange): void {
    const told = exchange.kind === 'answered' ? `${exchange.status} ${exchange.body.length}` : JSON.stringify(exchange);
    this.log(`< ${method} ${path} ${told}`);
    this.line.answered(method, path, exchange);
  }

  /** Whom people have ever overruled is remembered: it is of what they did, not of what is on the card. */
  private newWishes(before?: Wishes): Wishes {
    const { schedule } = this.ports;
    const settingsOf = (run: string): Settings => this.settingsOf.get(run) ?? this.ports.settings;
    const wishes = new Wishes(this.truth, { ...this.ports, settingsOf, now: () => schedule.now });
    for (const key of before?.overruled ?? []) wishes.overruled.add(key);
    for (const key of before?.kept ?? []) wishes.kept.add(key);
    return wishes;
  }
}

/** The first entry that is not the same in both; null: there is none. */
export function difference(one: Ledger, other: Ledger): readonly [string, string] | null {
  const [lines, others] = [[...ledgerLines(one)], [...ledgerLines(other)]];
  const place = lines.findIndex((line, at) => line !== others[at]);
  if (place === -1 && lines.length === others.length) return null;
  const at = place === -1 ? lines.length : place;
  return [lines[at] ?? 'nothing', others[at] ?? 'nothing'];
}
