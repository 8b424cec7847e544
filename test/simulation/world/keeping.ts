/**
 * What may go from the card, and when (durability.md 13 to 15, product.md 10), by a small memory of its own: who is erased is in
 * nothing that can be read; a segment goes only when its days are over and exported, a day after it was marked.
 */
import { isDeepStrictEqual } from 'node:util';
import { ledgerLines } from '../../../device/domain/checkpoint.ts';
import { isKnown } from '../../../device/domain/known-records.ts';
import { Ledger } from '../../../device/domain/ledger.ts';
import type { Recorded } from '../../../device/domain/record.ts';
import { Violation } from './history.ts';
import { day, localOf } from './oracle.ts';
import type { Truth } from './truth.ts';

type Of<T extends Recorded['type']> = Extract<Recorded, { readonly type: T }>;

/** Movements are kept for so long at least, days. */
const leastDays = 30;

export interface Erasure {
  readonly n: number;
  readonly command: string;
  /** All keys that the pupil had. */
  readonly person: readonly string[];
  readonly keys: readonly string[];
  readonly date: string;
  /** Visits of before. */
  /** Commands about this pupil, by id. */
  readonly commands: ReadonlySet<string>;
  /** Visits whose photo is of this pupil. */
  readonly photos: ReadonlySet<string>;
}

export class Keeping {
  readonly erasures: Erasure[] = [];
  /** Of which the card knows nothing any more. */
  private readonly undone: Erasure[] = [];
  /** By number, the records of segments that have gone. */
  readonly archive = new Map<number, string>();
  /** By command, whom it is to erase. */
  private readonly asked = new Map<string, string>();
  private readonly truth: Truth;
  private kin = new Map<string, string>();
  /** By segment, when it was marked. */
  private readonly marked = new Map<number, number>();
  /** Numbers of the segments that went. */
  private readonly ranges: { readonly at: number; readonly from: number; readonly to: number }[] = [];
  private exported = new Map<string, number>();
  private decided = new Map<string, number>();
  /** Last date of what is held, by movement. */
  private held = new Map<string, string>();
  /** By movement, its photo that was there when the hold was told as done. */
  private readonly shown = new Map<string, string>();

  constructor(truth: Truth) {
    this.truth = truth;
  }

  asks(command: string, pupil: string): void {
    this.asked.set(command, pupil);
  }

  erasureBy(command: string): Erasure | undefined {
    return this.erasures.find((one) => one.command === command);
  }

  /** All records from the first on are taken once more. */
  begin(): void {
    this.kin = new Map();
    this.exported = new Map();
    this.decided = new Map();
    this.held = new Map();
    this.marked.clear();
  }

  take(record: Recorded, mirror: ReadonlyMap<number, string>): void {
    switch (record.type) {
      case 'adopt':
        if (this.kin.get(record.to) === record.from) this.kin.delete(record.to);
        else this.kin.set(record.from, record.to);
        return;
      case 'erase':
        return this.erased(record, mirror);
      case 'exported':
        this.exported.set(record.date, record.n);
        return;
      case 'decided':
        this.decided.set(record.date, record.n);
        return;
      case 'hold':
        if (record.until === null) this.held.delete(record.movement);
        else this.held.set(record.movement, record.until);
        return;
      case 'expiring':
        for (const name of record.unmarked) this.marked.delete(segmentOf(name));
        for (const name of record.marked)
          if (name.startsWith('segment ')) this.marked.set(segmentOf(name), this.truth.trueOf(record.at));
        return;
      default:
    }
  }

  /** A hold is told as done, or that it has ended. */
  heldWith(movement: string, visit: string | undefined, photos: readonly string[]): void {
    if (visit !== undefined && photos.includes(visit)) this.shown.set(movement, visit);
    else this.shown.delete(movement); // it went between two holds
  }

  heldStays(photos: readonly string[], now: number): void {
    const today = localOf(now).date;
    for (const [movement, visit] of this.shown) {
      if ((this.held.get(movement) ?? '') < today) this.shown.delete(movement);
      else if (!photos.includes(visit)) throw new Violation('what is held stays', `the photo of ${visit}, ${movement}`);
    }
  }

  private erased({ n, command, keys, at }: Of<'erase'>, mirror: ReadonlyMap<number, string>): void {
    const pupil = this.asked.get(command?.id ?? '');
    if (pupil === undefined || keys.length === 0)
      throw new Violation('who is erased is asked for, and their keys named', `${n} ${keys.join(' ')}`);
    if (this.erasures.some((one) => one.n === n)) return;
    const person = closure(pupil, this.kin);
    const texts = [...mirror].filter(([one, text]) => one < n && names([...person], text));
    const commands = new Set(texts.flatMap(([, text]) => (JSON.parse(text) as Recorded).command?.id ?? []));
    // Where staff have said since that it was another pupil, the photo is of the other.
    const last = new Map(
      [...mirror].filter(([one]) => one < n).flatMap(([one, text]) => [[visitIn(text), one] as const]),
    );
    const photos = new Set(
      texts.flatMap(([one, text]) => (last.get(visitIn(text)) === one ? (visitIn(text) ?? []) : [])),
    );
    const { date } = localOf(this.truth.trueOf(at));
    this.erasures.push({ n, command: command?.id ?? '', person: [...person], keys, date, commands, photos });
    for (const [one, text] of this.archive)
      if (one < n && names([...person], text)) this.archive.set(one, erased(JSON.parse(text) as Recorded));
  }

  /** Of what came after that number the card knows nothing any more. True: not even that somebody was erased. */
  restored(upTo: number): boolean {
    const erasures = this.erasures.filter(({ n }) => n <= upTo);
    const undone = this.erasures.filter(({ n }) => n > upTo);
    this.erasures.splice(0, Infinity, ...erasures);
    this.undone.push(...undone);
    const ranges = this.ranges.filter(({ at }) => at <= upTo);
    this.ranges.splice(0, Infinity, ...ranges);
    for (const n of this.archive.keys()) if (n > upTo) this.archive.delete(n);
    // A backup has no photos.
    this.shown.clear();
    return undone.length > 0;
  }

  /** All that ever was, but of who is erased: those that have gone among those that stay. */
  withArchive(records: readonly Recorded[]): readonly Recorded[] {
    if (this.archive.size === 0) return records;
    const here = new Set(records.map(({ n }) => n));
    const gone = [...this.archive].flatMap(([n, text]) => (here.has(n) ? [] : [JSON.parse(text) as Recorded]));
    return [...records, ...gone].sort((one, other) => one.n - other.n);
  }

  /** May the record that once read so read like that now? Undefined: it is gone. */
  explains(n: number, text: string, now: Recorded | undefined): boolean {
    if (now === undefined) return this.wentWith(n);
    if (!this.erasures.some((one) => n < one.n)) return false;
    const rest = this.withoutErased(n, text);
    return rest.type === 'erased' ? now.type === 'erased' : sameButCommand(rest, now);
  }

  /** As the journal gives it by now: a command that was about several goes with the first of them. */
  private withoutErased(n: number, text: string): Recorded {
    const person = this.erasures.flatMap((one) => (n < one.n ? one.person : []));
    const was = JSON.parse(text) as Recorded;
    const isOther = ({ key }: { readonly key: string }): boolean => !person.includes(key.split('|')[0] ?? '');
    if (was.type === 'sending') return { ...was, items: was.items.filter(isOther) };
    if (was.type === 'report') return { ...was, rows: was.rows.filter(isOther) };
    return names(person, text) ? (JSON.parse(erased(was)) as Recorded) : was;
  }

  private wentWith(n: number): boolean {
    return this.ranges.some(({ from, to }) => n >= from && n <= to);
  }

  /** A mark of a day up to that of the erasure. */
  isOfErased(key: string): boolean {
    return this.erasures.some((one) => isOf(one, key));
  }

  /** Who is erased within the minute of a command: of that command nothing is known either, and its repeat is a new one. */
  isCommandOfErased(id: string): boolean {
    return this.erasures.some(({ commands }) => commands.has(id));
  }

  /** Have segments gone? */
  get hasGone(): boolean {
    return this.ranges.length > 0;
  }

  /** Back with a copy: which of their records are lost since nobody can tell. */
  wasOfErased(key: string): boolean {
    return this.undone.some((one) => isOf(one, key));
  }

  /** Who is erased is in none of these. */
  nobodyIn(records: readonly Recorded[]): void {
    for (const { n, person } of this.erasures) {
      for (const record of records) {
        const text = JSON.stringify(record);
        if (!names(person, text)) continue;
        const old =
          record.type === 'carried' && [...text.matchAll(/[0-9a-f]{32}:(\d+)"/g)].some((ref) => Number(ref[1]) < n);
        // What was another pupil's then may have come over since.
        if (record.n < n || (old && !this.cameOver(records, person, n)))
          throw new Violation('who is erased is in nothing that can be read', text);
      }
    }
  }

  private cameOver(records: readonly Recorded[], person: readonly string[], since: number): boolean {
    return this.withArchive(records).some(
      (record) =>
        record.type === 'adopt' && record.n > since && (person.includes(record.from) || person.includes(record.to)),
    );
  }

  /** Nothing of what that erased is left in the ledger, and all that is there is what the records say. */
  erasedFrom(ledger: Ledger, erasure: Erasure, records: readonly Recorded[], checkpoint: string): void {
    const again = records.some((record) => record.n > erasure.n && names(erasure.person, JSON.stringify(record)));
    const lines = [...ledgerLines(ledger)];
    const line = again ? undefined : [...lines, checkpoint].find((one) => names(erasure.person, one));
    if (line !== undefined) throw new Violation('who is erased is in nothing that can be read', line);
    const added = new Ledger();
    for (const record of records) if (record.n <= ledger.last && isKnown(record)) added.apply(record);
    if (added.last === ledger.last && !isDeepStrictEqual(lines, [...ledgerLines(added)]))
      throw new Violation('who is not erased is as before', 'the ledger is not what the records add up to');
  }

  /** Segments go for good: their numbers from the first to the last, each once. */
  removing(
    { n, at, segments }: Of<'removed'>,
    ranges: readonly (readonly [from: number, to: number])[],
    mirror: ReadonlyMap<number, string>,
  ): void {
    const now = this.truth.trueOf(at);
    for (const segment of segments) {
      const marked = this.marked.get(segment);
      if (marked === undefined || now - marked < day)
        throw new Violation('what goes by date was marked a day before', `segment ${segment}`);
      this.marked.delete(segment);
    }
    this.ranges.push(...ranges.map(([from, to]) => ({ at: n, from, to })));
    const today = localOf(now).date;
    const goes = (n: number): boolean => ranges.some(([from, to]) => n >= from && n <= to);
    for (const [movement, until] of this.held)
      if (until >= today && goes(Number(movement.split(':')[1])))
        throw new Violation('what is held stays', `${movement}, until ${until}`);
    const old = localOf(now - leastDays * day).date;
    const [whole, rest] = [new Ledger(), new Ledger()];
    for (const [one, text] of mirror) {
      const record = this.withoutErased(one, text);
      if (isKnown(record)) for (const ledger of this.wentWith(one) ? [whole] : [whole, rest]) ledger.apply(record);
      if (!this.wentWith(one)) continue;
      this.archive.set(one, JSON.stringify(record));
      // What went before was judged then: a day may have been decided anew since.
      if (!goes(one)) continue;
      if (localOf(this.truth.trueOf(record.at)).date >= old)
        throw new Violation('nothing young goes', `${text} on ${localOf(now).date}`);
      if (record.type !== 'decided') continue;
      if (record.date >= old) throw new Violation('nothing young goes', text);
      if ((this.exported.get(record.date) ?? 0) < (this.decided.get(record.date) ?? 0))
        throw new Violation('nothing goes that is not exported', text);
    }
    if (!isDeepStrictEqual(openIn(rest), openIn(whole)))
      throw new Violation(
        'what is open stays',
        `${JSON.stringify(openIn(rest))}, not ${JSON.stringify(openIn(whole))}`,
      );
  }
}

/** As the journal would give it. */
const erased = ({ ref, n, run, at }: Recorded): string =>
  JSON.stringify({ type: 'erased', v: 1, keys: [], ref, n, run, at } satisfies Recorded);

/** What somebody may still have to do with. */
const openIn = (ledger: Ledger): object => ({
  marks: [...ledger.marks.values()].map((mark) => JSON.stringify(mark)).sort(),
  unsettled: [...ledger.unsettled].sort(),
  out: [...ledger.out].sort(),
  undecided: [...ledger.undecided].sort(),
  waiting: [...ledger.waiting].sort(),
  notes: [...ledger.notes.keys()].sort(),
  badges: [...ledger.badges.keys()].sort(),
  adopted: [...ledger.adopted].sort(),
  exported: [...ledger.exported].sort(),
  sum: ledger.sum(),
  serial: ledger.serial,
});

const segmentOf = (name: string): number => Number(name.split(' ')[1]);
const isOf = ({ person, date }: Erasure, key: string): boolean => {
  const [pupil = '', day = ''] = key.split('|');
  return person.includes(pupil) && day <= date;
};
/** One pupil under all keys. */
function closure(pupil: string, kin: ReadonlyMap<string, string>): ReadonlySet<string> {
  const all = new Set([pupil]);
  for (let size = 0; size < all.size;) {
    size = all.size;
    for (const [from, to] of kin) if (all.has(from) || all.has(to)) all.add(from).add(to);
  }
  return all;
}
const visitIn = (text: string): string | undefined => /"visit":"([^"]+)"/.exec(text)?.[1];
const names = (person: readonly string[], text: string): boolean => person.some((key) => text.includes(key));

function sameButCommand({ command: _, ...was }: Recorded, { command, ...now }: Recorded): boolean {
  return command === undefined && JSON.stringify(was) === JSON.stringify(now);
}
