/**
 * Is everything there, and as it was written? Follows numbers and chain through all segments and across those that retention
 * removed, by framing, chain and spine alone: it needs no key and takes no lock (durability.md 10, 12). Who wrote the spine is
 * checked by the keys, where they are given.
 */
import { noHead, survey } from './chain.ts';
import type { Survey } from './chain.ts';
import type { DiskReader } from './disk.ts';
import type { NumberRange } from './frame.ts';
import type { Masters } from './masters.ts';
import { segmentsOf } from './segments.ts';
import type { Segment } from './segments.ts';
import { readSpine } from './spine.ts';
import type { Line, Removal, SpineEntry } from './spine.ts';
import { SpineKey } from './spine-key.ts';
import { proveSpine } from './spine-proof.ts';
import type { SpineProblem } from './spine-proof.ts';

/** What is not as it was written. Numbers are sequences of this journal. */
export type Problem =
  /** Records are not there: their bytes are bad, or the whole segment is gone. */
  | { readonly kind: 'missing'; readonly numbers: NumberRange; readonly segment: number }
  /** Whole by their own checksums, and not what the chain says: one or more of these were changed, added or exchanged. */
  | { readonly kind: 'altered'; readonly numbers: NumberRange; readonly segment: number }
  /** Bad bytes that held no record, behind record `after`. */
  | { readonly kind: 'bytes'; readonly after: number; readonly segment: number }
  /** The segment's header is damaged or another's; its records begin with number `first`. */
  | { readonly kind: 'header'; readonly first: number; readonly segment: number }
  /** Does not build on what stands before number `first`: exchanged, from another box, or something before it was changed. */
  | { readonly kind: 'not-built-on'; readonly first: number; readonly segment: number }
  /** The end is garbled: of what followed number `after`, up to `upTo` may be missing (null: it cannot be told). */
  | { readonly kind: 'tail'; readonly after: number; readonly upTo: number | null; readonly segment: number }
  /** The spine is damaged; `lost`: both of its generations. */
  | { readonly kind: 'spine'; readonly lost: boolean }
  | SpineProblem
  /** The file `id` is not of the journal that wrote last. */
  | { readonly kind: 'id' };

/** `masters`: as far as the key file opens them. `recovery`: as a person typed it; only that checks all of the spine. */
export interface ProofKeys {
  readonly masters: Masters | null;
  readonly recovery: Uint8Array | null;
}

export interface Verified {
  /** Ids of the journals that wrote here, oldest first: more than one after a restore. */
  readonly journals: readonly string[];
  readonly problems: readonly Problem[];
  readonly segments: number;
  readonly records: number;
  readonly bytes: number;
  /** Null: there is no record. */
  readonly numbers: NumberRange | null;
  /** Numbers that recovery cut away and named: nobody was told yes about them. */
  readonly cut: readonly NumberRange[];
  readonly removed: readonly (NumberRange & Removal)[];
  /** Lines of the spine that the recovery key vouches for; null: none was given. */
  readonly vouched: number | null;
  /** Up to this number only checksums vouch: written before there was a chain. */
  readonly unchainedTo: number;
  /** Head of the chain, 64 hex digits: printed elsewhere, it is the only proof against a cut end. */
  readonly head: string;
  /** A frame at the end that was not finished: as a power cut leaves it, and as a reader sees it while Porter writes. */
  readonly unfinished: boolean;
  /** Files with bytes that recovery kept. */
  readonly setAside: readonly string[];
}

/** Only reads. Throws `newer`, and what the file system throws. */
export function verify(disk: DiskReader, keys: ProofKeys = { masters: null, recovery: null }): Verified {
  // Ahead of the spine: where Porter writes meanwhile, its key is the one that lags behind.
  const key = keys.masters === null ? null : new SpineKey(disk, keys.masters);
  const spine = readSpine(disk);
  const segments = segmentsOf(disk);
  const entries = new Map(spine.entries.map((entry) => [entry.segment, entry]));
  const walk = new Walk(segments.at(-1)?.number ?? 0);
  walk.prove(spine.lines, key, keys.recovery);
  if (spine.state === 'restored' || spine.state === 'damaged') walk.spineDamaged(spine.state === 'damaged');
  const there = segments.map((segment) => ({ at: segment.number, segment, entry: entries.get(segment.number) }));
  const gone = spine.entries.filter(({ segment }) => !segments.some(({ number }) => number === segment));
  const steps = [...there, ...gone.map((entry) => ({ at: entry.segment, segment: null, entry }))];
  for (const step of steps.sort((a, b) => a.at - b.at)) {
    if (step.segment === null) walk.passOver(step.entry);
    else walk.take(step.segment, disk.read(step.segment.name), step.entry);
  }
  return walk.end(disk);
}

class Walk {
  private readonly problems: Problem[] = [];
  private readonly journals: string[] = [];
  private readonly cut: NumberRange[] = [];
  private readonly removed: (NumberRange & Removal)[] = [];
  private readonly lastSegment: number;
  private head: Buffer = noHead;
  private next = 1;
  private segments = 0;
  private records = 0;
  private bytes = 0;
  private firstNumber: number | null = null;
  private vouched: number | null = null;
  private chained = false;
  private unchainedTo = 0;
  private unfinished = false;
  private wrongBefore = false;

  constructor(lastSegment: number) {
    this.lastSegment = lastSegment;
  }

  spineDamaged(lost: boolean): void {
    this.problems.push({ kind: 'spine', lost });
  }

  /** Who wrote these lines? */
  prove(lines: readonly Line[], key: SpineKey | null, recovery: Uint8Array | null): void {
    if (recovery !== null) {
      const { problems, vouched } = proveSpine(lines, recovery, key?.left ?? null);
      this.problems.push(...problems);
      this.vouched = vouched;
      return;
    }
    const found = key?.found(lines) ?? 'as-left';
    if (found !== 'as-left') this.problems.push({ kind: found === 'changed' ? 'spine-changed' : 'spine-end' });
  }

  /** A segment of which only the spine tells. */
  passOver(entry: SpineEntry): void {
    const { segment, first, last, removed } = entry;
    this.goOnAt(first, entry.gapFrom, segment);
    if (last >= first && removed === null) {
      this.problems.push({ kind: 'missing', numbers: { from: first, to: last }, segment });
    }
    if (removed !== null) this.removed.push({ from: first, to: last, ...removed });
    this.head = Buffer.from(entry.head, 'hex');
    this.chained ||= !isNone(entry.builtOn);
    this.wrongBefore = false;
    this.next = last + 1;
  }

  take(segment: Segment, bytes: Buffer, entry: SpineEntry | undefined): void {
    const { number, first } = segment;
    const found = survey(bytes, number, first, this.head);
    const before = this.problems.length;
    this.takeHeader(segment, found);
    this.takeBad(number, found);
    for (const numbers of found.altered) this.problems.push({ kind: 'altered', numbers, segment: number });
    if (entry !== undefined && before === this.problems.length) this.compare(entry, found, bytes.length);
    this.wrongBefore = this.problems.length > before;
    this.segments += 1;
    this.bytes += bytes.length;
    this.records += found.records;
    if (found.records > 0) this.firstNumber ??= first;
    this.head = found.head;
    this.chained ||= found.chained;
    this.next = Math.max(this.next, found.last + 1);
    if (!this.chained) this.unchainedTo = found.last;
  }

  private takeHeader({ number, first }: Segment, { header }: Survey): void {
    if (header === null || header.segment !== number || header.first !== first) {
      this.problems.push({ kind: 'header', first, segment: number });
      this.goOnAt(first, null, number);
      return;
    }
    this.goOnAt(first, header.gapFrom, number);
    if (this.journals.at(-1) !== header.journal) this.journals.push(header.journal);
    const startsChain = !this.chained && isNone(header.builtOn);
    // Where something was wrong just before, that is why.
    if (!startsChain && !this.wrongBefore && header.builtOn !== this.head.toString('hex')) {
      this.problems.push({ kind: 'not-built-on', first, segment: number });
    }
  }

  /** Numbers between those before and `first`: cut away and named, or missing. */
  private goOnAt(first: number, gapFrom: number | null, segment: number): void {
    const cutFrom = Math.max(gapFrom ?? first, this.next);
    if (cutFrom > this.next) {
      this.problems.push({ kind: 'missing', numbers: { from: this.next, to: cutFrom - 1 }, segment: segment - 1 });
    }
    if (cutFrom < first) this.cut.push({ from: cutFrom, to: first - 1 });
    this.next = Math.max(this.next, first);
  }

  private takeBad(segment: number, { bad, last, durable }: Survey): void {
    for (const { missing, atEnd, incomplete } of bad) {
      if (atEnd && segment === this.lastSegment && (missing === null || missing.from > durable)) {
        if (incomplete) this.unfinished = true;
        else this.problems.push({ kind: 'tail', after: last, upTo: missing && missing.to - last, segment });
      } else if (missing !== null) {
        this.problems.push({ kind: 'missing', numbers: missing, segment });
        this.next = Math.max(this.next, missing.to + 1);
      } else {
        this.problems.push({ kind: 'bytes', after: last, segment });
      }
    }
  }

  /** Nothing in the segment contradicts itself: does it agree with what was noted when it was closed? */
  private compare(entry: SpineEntry, found: Survey, size: number): void {
    const { segment, first, last } = entry;
    if (found.last < last) {
      this.problems.push({ kind: 'missing', numbers: { from: found.last + 1, to: last }, segment });
      this.next = last + 1;
    } else if (size !== entry.bytes || found.head.toString('hex') !== entry.head) {
      const from = Math.min(found.agreed + 1, Math.max(first, found.last));
      const numbers = { from, to: Math.max(from, found.last) };
      this.problems.push({ kind: 'altered', numbers, segment });
    }
  }

  end(disk: DiskReader): Verified {
    const names = disk.list();
    const id = names.includes('id') ? disk.read('id').toString('latin1').trim() : null;
    if (id !== null && this.journals.length > 0 && id !== this.journals.at(-1)) this.problems.push({ kind: 'id' });
    const { problems, journals, segments, records, bytes, cut, removed, vouched, unfinished, unchainedTo } = this;
    return {
      journals,
      problems,
      segments,
      records,
      bytes,
      numbers: this.firstNumber === null ? null : { from: this.firstNumber, to: this.next - 1 },
      cut,
      removed,
      vouched,
      unchainedTo,
      head: this.head.toString('hex'),
      unfinished,
      setAside: names.filter((name) => /\.pj\.(tail|damaged)-\d+$/.test(name)).sort(),
    };
  }
}

const isNone = (head: string): boolean => /^0*$/.test(head);
