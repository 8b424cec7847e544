/**
 * Reads what is on the disk, says what is wrong with it, and makes it fit to be built on (durability.md 1 and 8).
 * Works on framing alone. `inspect` only reads; `repair` may be cut off anywhere and started again.
 */
import { putFile } from './disk.ts';
import type { Disk, DiskReader } from './disk.ts';
import { FRAME_HEADER, FRAME_RECORDS, SEGMENT_HEADER, decodeSegmentHeader, pieces } from './frame.ts';
import { noHead, survey } from './chain.ts';
import type { FrameHeader, NumberRange, Piece } from './frame.ts';
import { segmentsOf } from './segments.ts';
import type { Segment } from './segments.ts';
import { readSpine } from './spine.ts';
import type { SpineEntry } from './spine.ts';
import type { SpineFound } from './spine-key.ts';

/** What a person must hear about. Numbers are sequences of this journal; `aside` names the file with the bytes. */
export type JournalFault =
  /** Acknowledged records are missing, or bytes are bad that held none (`missing` null). */
  | { readonly kind: 'damage'; readonly missing: NumberRange | null; readonly aside: string | null }
  /** The end is garbled. Most likely nobody was told yes; up to `upTo` records after record `after` may be missing. */
  | { readonly kind: 'tail'; readonly after: number; readonly upTo: number; readonly aside: string }
  /** A later version says that this record must be understood: decisions and the sender stop, sign-ins do not. */
  | { readonly kind: 'must-understand'; readonly n: number; readonly type: string; readonly v: number }
  /** Whole by its CRC, and yet not what this journal writes: passed over. */
  | { readonly kind: 'unreadable'; readonly missing: NumberRange }
  /** Pupils' keys are lost, nobody destroyed them: `among` these numbers are records that cannot be read. Null: none met yet. */
  | { readonly kind: 'keys-lost'; readonly among: NumberRange | null }
  /** The spine is not as it was left, or what vouches for it is lost. */
  | { readonly kind: 'spine'; readonly found: Exclude<SpineFound, 'as-left'> };

export interface Findings {
  readonly segments: readonly Segment[];
  readonly faults: readonly JournalFault[];
  /** The last run stopped cleanly, or there was none. */
  readonly clean: boolean;
  /** First number that may be given, and first segment number. */
  readonly next: number;
  readonly nextSegment: number;
  /** Numbers before `next` that were cut away and that no record names yet. */
  readonly gap: NumberRange | null;
  /** Of the chain over everything that stays. */
  readonly head: Buffer;
  /** Bytes to keep aside before anything is changed. */
  readonly asides: readonly { readonly name: string; readonly bytes: Buffer }[];
  /** What stays of the last segment; null: there is none, empty: the file goes. */
  readonly remake: { readonly name: string; readonly bytes: Buffer } | null;
}

/** Also names set aside: a segment number is not used twice. */
const highestSegment = (disk: DiskReader): number =>
  Math.max(0, ...disk.list().map((name) => Number(/^(\d{6})-\d{12}\.pj/.exec(name)?.[1] ?? 0)));

/**
 * What a folder holds. Only reads. A closed segment that the spine knows is not read, only held against its size: it was
 * synced long ago, its damage shows when it is read and in `porter journal verify`, and a start must not take longer every
 * year (durability.md 11).
 */
export function inspect(disk: DiskReader): Findings {
  const segments = segmentsOf(disk);
  const closed = new Map(readSpine(disk).entries.map((entry) => [entry.segment, entry]));
  const there = segments.map((segment) => ({ segment, entry: closed.get(segment.number), number: segment.number }));
  const gone = [...closed.values()].filter((entry) => !segments.some(({ number }) => number === entry.segment));
  const all = [...there, ...gone.map((entry) => ({ segment: undefined, entry, number: entry.segment }))];
  const inspection = new Inspection(disk.list());
  for (const { segment, entry } of all.sort((a, b) => a.number - b.number)) {
    const size = segment === undefined || entry === undefined ? null : disk.size(segment.name);
    if (entry !== undefined && (entry.removed !== null || size === entry.bytes)) inspection.trust(segment, entry);
    else if (segment !== undefined) inspection.take(segment, disk.read(segment.name));
  }
  return inspection.end(segments, Math.max(highestSegment(disk), ...closed.keys()) + 1);
}

/**
 * Bytes are copied aside first. Then what is good of the last segment is written anew, for what was read may have come
 * from the kernel's memory and not from the disk. After a clean stop too: its witness may be just such bytes, and a
 * segment is small, since every run begins one.
 */
export function repair(disk: Disk, findings: Findings): void {
  for (const { name, bytes } of findings.asides) putFile(disk, name, bytes);
  const { remake } = findings;
  if (remake === null) return;
  if (remake.bytes.length > 0) return putFile(disk, remake.name, remake.bytes);
  disk.remove(remake.name);
  disk.syncFolder();
}

/** Goes through the segments in order, keeping account of every number. */
class Inspection {
  private readonly faults: JournalFault[] = [];
  private readonly asides: { name: string; bytes: Buffer }[] = [];
  private readonly taken: Set<string>;
  /** Every number up to here is accounted for. */
  private seen = 0;
  /** Numbers up to here were given before this segment, says its name; whether to records, its header knows. */
  private given = 0;
  /** The highest number that a whole frame header calls synced. */
  private durable = 0;
  /** Start of a gap that no record of its run names yet. */
  private gapFrom: number | null = null;
  /** The last good thing is the witness of a clean stop. */
  private clean = true;
  /** Head of the chain after the last segment that was trusted. */
  private trusted: Buffer = noHead;
  /** The segments since the last good header, which says what it builds on. */
  private unlinked: { readonly segment: Segment; readonly bytes: Buffer }[] = [];
  /** The segment at hand, and its bad pieces since the last good one. */
  private name = '';
  private bytes: Buffer = Buffer.alloc(0);
  private bad: Piece[] = [];

  constructor(names: readonly string[]) {
    this.taken = new Set(names);
  }

  /** A closed segment, not read. */
  trust(segment: Segment | undefined, { first, last, gapFrom, records, damage, head }: SpineEntry): void {
    this.given = Math.max(this.given, first - 1);
    this.settle((gapFrom ?? first) - 1);
    this.given = Math.max(this.given, last);
    this.seen = this.given;
    this.gapFrom = records > 0 ? null : (gapFrom ?? this.gapFrom);
    for (const { missing, from } of segment === undefined ? [] : damage) {
      const aside = `${segment?.name ?? ''}.damaged-${from}`;
      this.faults.push({ kind: 'damage', missing, aside: this.taken.has(aside) ? aside : null });
    }
    this.clean = false;
    this.name = '';
    this.bytes = Buffer.alloc(0);
    this.trusted = Buffer.from(head, 'hex');
    this.unlinked = [];
  }

  take(segment: Segment, bytes: Buffer): void {
    const header = decodeSegmentHeader(bytes);
    this.given = Math.max(this.given, segment.first - 1);
    this.settle(header === null ? this.seen : (header.gapFrom ?? segment.first) - 1);
    if (header !== null) this.seen = this.given;
    this.gapFrom = header?.gapFrom ?? this.gapFrom;
    this.clean = false;
    this.name = segment.name;
    this.bytes = bytes;
    this.unlinked = [...(header === null ? this.unlinked : []), { segment, bytes }];
    if (header === null) {
      this.bad = [{ good: false, from: 0, to: Math.min(SEGMENT_HEADER, bytes.length), header: null }];
    }
    for (const piece of pieces(bytes, segment.number, this.given)) {
      this.durable = Math.max(this.durable, piece.header?.durable ?? 0);
      this.clean = piece.good && piece.header.kind === 'stop';
      if (piece.good) this.takeFrame(piece.header);
      else this.bad.push(piece);
    }
  }

  private takeFrame({ first, last }: FrameHeader): void {
    this.settle(first - 1);
    this.seen = last;
    this.given = last;
    if (last >= first) this.gapFrom = null;
  }

  /** Numbers up to `synced` were acknowledged: what is bad or absent by now is damage. */
  private settle(synced: number): void {
    const missing = synced > this.seen ? { from: this.seen + 1, to: synced } : null;
    const [start, end] = [this.bad[0], this.bad.at(-1)];
    const bytes = start !== undefined && end !== undefined;
    const aside = bytes ? this.keepAside(`damaged-${start.from}`, start.from, end.to) : null;
    if (bytes || missing !== null) this.faults.push({ kind: 'damage', missing, aside });
    this.bad = [];
    this.seen = Math.max(this.seen, synced);
  }

  end(segments: readonly Segment[], nextSegment: number): Findings {
    const { durable, seen, bad } = this;
    const unsynced = (piece: Piece): boolean => piece.header !== null && piece.header.first > durable;
    const start = durable > seen ? bad.findIndex(unsynced) : 0;
    const tail = start === -1 ? [] : bad.splice(start);
    if (bad.length > 0 || durable > seen) this.settle(durable);
    const cut = this.cutTail(tail);

    const next = Math.max(this.seen, cut.lastNumber) + 1;
    const gapFrom = this.gapFrom ?? this.seen + 1;
    return {
      segments: cut.at === 0 ? segments.slice(0, -1) : segments,
      faults: this.faults,
      clean: this.clean,
      next,
      nextSegment,
      gap: next > gapFrom ? { from: gapFrom, to: next - 1 } : null,
      head: this.unlinked.reduce<Buffer>(
        (head, { segment, bytes }) => survey(bytes, segment.number, segment.first, head).head,
        this.trusted,
      ),
      asides: this.asides,
      remake: this.name === '' ? null : { name: this.name, bytes: this.bytes.subarray(0, cut.at) },
    };
  }

  /** The end that no header vouches for. Says where it starts and the highest number it may have held. */
  private cutTail(tail: readonly Piece[]): { readonly at: number; readonly lastNumber: number } {
    const [first] = tail;
    if (first === undefined) return { at: this.bytes.length, lastNumber: 0 };
    const bytes = this.bytes.subarray(first.from);
    const room = bytes.length - (first.from === 0 ? SEGMENT_HEADER : 0) - FRAME_HEADER;
    const stated = tail.map(({ header }) => header?.last ?? 0);
    const guessed = Math.min(FRAME_RECORDS, Math.max(0, Math.ceil(room / SMALLEST_RECORD)));
    const after = Math.max(this.seen, this.given);
    const lastNumber = Math.max(...stated, after + (first.header === null ? guessed : 0));
    const longerThanFile = first.header !== null && first.header.length > room;
    const incomplete = room < 0 || (longerThanFile && tail.length === 1);
    if (bytes.length > 0) {
      const aside = this.keepAside('tail', first.from, this.bytes.length);
      if (!incomplete) this.faults.push({ kind: 'tail', after, upTo: lastNumber - after, aside });
    }
    return { at: first.from, lastNumber };
  }

  /** Names the file that the bytes go to. Damage stays in its segment and is found at every start: copied once. */
  private keepAside(label: 'tail' | `damaged-${number}`, from: number, to: number): string {
    let name = `${this.name}.${label}`;
    if (label === 'tail') for (let n = 1; this.taken.has((name = `${this.name}.tail-${n}`));) n += 1;
    if (!this.taken.has(name)) this.asides.push({ name, bytes: this.bytes.subarray(from, to) });
    return name;
  }
}

/** The smallest JSON a record can have: `{"type":"x","v":1`. */
const SMALLEST_RECORD = 16;
