/**
 * The keeper of one journal folder: requests in, replies out, synchronous, with no clock, chance or timer of its own. It
 * runs on the journal's thread (`thread.ts`), or in the caller's process over a disk in memory.
 */
import { survey } from './chain.ts';
import type { Place } from './checkpoint-file.ts';
import { putFile } from './disk.ts';
import type { Disk } from './disk.ts';
import { JournalError, causeOf } from './error.ts';
import type { JournalErrorCode } from './error.ts';
import { FRAME_BYTES, FRAME_RECORDS, SEGMENT_HEADER, decodeSegmentHeader, pieces } from './frame.ts';
import type { NumberRange } from './frame.ts';
import { FrameKeys } from './frame-keys.ts';
import type { Masters } from './masters.ts';
import { pupilsIn, sealParts } from './personal.ts';
import { PupilKeys } from './pupil-keys.ts';
import type { StoredFrame, WrittenCommit } from './records.ts';
import { inspect, repair } from './recover.ts';
import type { Findings, JournalFault } from './recover.ts';
import { segmentsOf } from './segments.ts';
import type { Segment } from './segments.ts';
import { closeBooks, finishRemovals, isSpineWhole, noteRemoval, readSpine } from './spine.ts';
import type { Removal, SpineEntry } from './spine.ts';
import { SpineKey } from './spine-key.ts';
import { heldOf } from './held.ts';
import { headersOf, isId, openWith, recordsIn, storedId } from './reading.ts';
import type { OpenPayload } from './reading.ts';
import type { RandomBytes } from './seal.ts';
import { SIZES, Writer, freeReserve } from './writer.ts';
import type { Sizes } from './writer.ts';

/** Where reading goes on. */
export interface Cursor {
  readonly segment: number;
  readonly at: number;
  /** Highest sequence read so far. */
  readonly seen: number;
}

export type Request =
  /** `newId` is used if the folder is new. */
  | { readonly kind: 'open'; readonly newId: string; readonly run: string }
  | AppendRequest
  /** An empty frame that vouches for what came before. */
  | { readonly kind: 'witness' }
  /** There is room again for the bytes held back. */
  | { readonly kind: 'reserve' }
  /** About a mebibyte of records from the cursor on; null: from the first. As if the segments `without` were not there. */
  | { readonly kind: 'read'; readonly cursor: Cursor | null; readonly without?: readonly number[] }
  /** What the closed segments hold. */
  | { readonly kind: 'closed' }
  /** Segments go, for good. Those that have gone already: nothing happens. */
  | { readonly kind: 'remove'; readonly segments: readonly number[]; readonly removal: Removal }
  /** Keys for those of these pupils who have none: ahead of their first record. */
  | { readonly kind: 'make-keys'; readonly pupils: readonly string[] }
  /** Ids of the keys of these pupils. */
  | { readonly kind: 'keys-of'; readonly pupils: readonly string[] }
  /** These are on the disk no more when it is answered; what they would open is passed over from then on in any case. */
  | { readonly kind: 'destroy-keys'; readonly keys: readonly string[] }
  /** A person knows that keys were lost, and with them what cannot be read by now. */
  | { readonly kind: 'loss-seen' }
  /** Where the journal stands now. */
  | { readonly kind: 'place' }
  /** Was this place in this journal, with this chain? */
  | { readonly kind: 'know'; readonly place: Place }
  | { readonly kind: 'close' };
/** One commit. */
export interface AppendRequest extends WrittenCommit {
  readonly kind: 'append';
  readonly first: number;
  readonly count: number;
}

export type Reply =
  | ({ readonly kind: 'opened' } & Opened)
  | { readonly kind: 'done' }
  /** `cursor` null: that was all. */
  | { readonly kind: 'frames'; readonly frames: readonly StoredFrame[]; readonly cursor: Cursor | null }
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  | { readonly kind: 'known'; readonly known: boolean }
  | { readonly kind: 'closed'; readonly segments: readonly SpineEntry[] }
  | {
      readonly kind: 'error';
      readonly code: JournalErrorCode;
      readonly message: string;
      readonly errno: string | null;
    };
export interface Opened {
  readonly id: string;
  readonly next: number;
  readonly gap: NumberRange | null;
  readonly faults: readonly JournalFault[];
  readonly cleanStop: boolean;
  /** Badges may have been given out that no record tells of; the highest running number that the spine knows of. */
  readonly serialsLost: { readonly known: number } | null;
  /** The last record of the journal that wrote here before under another id; null: this one wrote last, or nobody did. */
  readonly follows: string | null;
  /** Records up to this number may be under lost keys: a person knows that. 0: none. */
  readonly lossSeen: number;
}

/** Pairs a request with its reply. */
export type Numbered<T> = T & { readonly call: number };

/** Bytes of payload in one answer to `read`. */
const READ_BYTES = 1024 * 1024;

export class Keeper {
  private readonly disk: Disk;
  private readonly keys: FrameKeys;
  private readonly sizes: Sizes;
  private pupilKeys: PupilKeys | null = null;
  private spineKey: SpineKey | null = null;
  private unlock: () => void = () => undefined;
  private opened: { readonly writer: Writer; readonly id: string } | null = null;
  /** Every segment before this one is in the spine; null: not looked at yet. */
  private booksEnd: number | null = null;
  private payloadOf: OpenPayload = () => {
    throw new JournalError('closed', 'the journal is not open');
  };

  constructor(disk: Disk, keys: { readonly masters: Masters; readonly random: RandomBytes }, sizes: Sizes = SIZES) {
    this.disk = disk;
    this.keys = new FrameKeys(keys.masters, keys.random);
    this.sizes = sizes;
  }

  /** Works off what has come in by now: appends next to each other share a frame and a sync. */
  *handle(requests: readonly Numbered<Request>[]): Generator<Numbered<Reply>> {
    let batch = new Batch();
    for (const request of requests) {
      const append = request.kind === 'append';
      if (!append || !batch.takes(request)) {
        yield* this.append(batch);
        batch = new Batch();
      }
      if (append) batch.add(request);
      else yield { ...this.attempt(() => this.answer(request)), call: request.call };
    }
    yield* this.append(batch);
  }

  private *append({ appends, count }: Batch): Generator<Numbered<Reply>> {
    const [first] = appends;
    if (first === undefined) return;
    const reply = this.attempt(() => {
      // After a refusal: decided on top of what was not stored, so it must not be stored either.
      if (first.first !== this.writer.next) throw new JournalError('refused', 'follows a refused commit');
      this.makeKeys(appends.flatMap(({ parts }) => pupilsIn(parts)));
      const texts = appends.map(({ parts, first: at }) => sealParts(parts, at, this.pupils));
      this.writer.append('records', Buffer.from(`[${texts.join(',')}]`), count);
      const destroyed = appends.flatMap(({ destroys }) => destroys);
      tried(() => this.pupils.destroy(this.disk, destroyed));
      return { kind: 'done' };
    });
    for (const { call } of appends) yield { ...reply, call };
  }

  private answer(request: Exclude<Request, AppendRequest>): Reply {
    switch (request.kind) {
      case 'open':
        return { kind: 'opened', ...this.open(request.newId, request.run) };
      case 'witness':
        this.writer.witness('idle');
        tried(() => this.closeBooks());
        tried(() => this.pupils.finish(this.disk));
        return { kind: 'done' };
      case 'make-keys':
        this.makeKeys(request.pupils);
        return { kind: 'done' };
      case 'keys-of':
        return { kind: 'keys', keys: this.pupils.idsOf(request.pupils) };
      case 'destroy-keys':
        return gently(() => {
          const keys = request.keys.filter((key) => !this.pupils.gone.has(key));
          this.pupils.destroy(this.disk, request.keys);
          return { kind: 'keys', keys };
        });
      case 'loss-seen':
        return gently(() => {
          this.pupils.acknowledgeLoss(this.disk, this.writer.next - 1);
          return { kind: 'done' };
        });
      case 'reserve':
        this.writer.holdReserve();
        return { kind: 'done' };
      case 'read':
        return this.read(request.cursor, new Set(request.without));
      case 'closed':
        return gently(() => ({ kind: 'closed', segments: this.closed() }));
      case 'remove':
        return gently(() => this.remove(request.segments, request.removal));
      case 'place':
        return { kind: 'place', place: this.writer.place };
      case 'know':
        return { kind: 'known', known: this.knows(request.place) };
      case 'close':
        this.close();
        return { kind: 'done' };
    }
  }

  private attempt(work: () => Reply): Reply {
    try {
      return work();
    } catch (error) {
      const { code, message, errno } = error instanceof JournalError ? error : failure(error);
      return { kind: 'error', code, message, errno };
    }
  }

  /**
   * On the disk before the first record under them. Where the card does not take that, nothing was made, and nothing is stored
   * that would need them.
   */
  private makeKeys(pupils: readonly string[]): void {
    try {
      this.pupils.make(this.disk, pupils);
    } catch (error) {
      freeReserve(this.disk);
      throw new JournalError('refused', `not stored: ${causeOf(error)}`, causeOf(error));
    }
  }

  private get pupils(): PupilKeys {
    if (this.pupilKeys === null) throw new JournalError('closed', 'the journal is not open');
    return this.pupilKeys;
  }

  private get writer(): Writer {
    if (this.opened === null) throw new JournalError('closed', 'the journal is not open');
    return this.opened.writer;
  }

  private open(newId: string, run: string): Opened {
    this.unlock = this.disk.lock();
    try {
      return this.startWithRoom(() => this.start(newId, run));
    } catch (error) {
      this.unlock();
      throw error;
    }
  }

  /** A full disk must not keep Porter from starting: the reserve is for this too. */
  private startWithRoom(start: () => Opened): Opened {
    try {
      return start();
    } catch (error) {
      if (causeOf(error) !== 'ENOSPC' && !(error instanceof JournalError && error.code === 'refused')) throw error;
      freeReserve(this.disk);
      return start();
    }
  }

  /** May be called again after it failed half-way. */
  private start(newId: string, run: string): Opened {
    const findings = inspect(this.disk);
    const pupils = new PupilKeys(this.disk, this.keys.masters, this.keys.random);
    this.spineKey = new SpineKey(this.disk, this.keys.masters, this.keys.random);
    const spine = this.spineKey.found(readSpine(this.disk).lines);
    this.acceptKeys(findings, pupils);
    const hasPersonal = headersOf(this.disk).some(({ personal }) => personal);
    for (const name of this.disk.list()) if (name.endsWith('.tmp')) this.disk.remove(name);
    repair(this.disk, findings);
    // A stop came between the spine and the files.
    tried(() => finishRemovals(this.disk));
    const keysKnown = pupils.begin(this.disk, hasPersonal);
    this.pupilKeys = pupils;
    const id = journalId(this.disk, findings.segments.length === 0, newId);
    const { next, gap, head, faults, clean } = findings;
    // Restored, for as long as no record of this journal says so: the start before this one may have made the id, and no more.
    const follows = lastOfAnother(this.disk, id, (gap?.from ?? next) - 1);
    const lost = follows !== null || gap !== null || findings.asides.length > 0;
    const serialsLost = lost ? { known: highestSerial(this.disk) } : null;
    const place = { segment: findings.nextSegment, next, gapFrom: gap?.from ?? null, head };
    const writer = new Writer(this.disk, { journal: id, run }, place, this.keys, this.sizes);
    this.opened = { writer, id };
    const keysLost: JournalFault = { kind: 'keys-lost', among: null };
    const more: readonly JournalFault[] = [
      ...(keysKnown ? [] : [keysLost]),
      ...(spine === 'as-left' ? [] : [{ kind: 'spine' as const, found: spine }]),
    ];
    const all = [...faults, ...more];
    return { id, next, gap, faults: all, cleanStop: clean, serialsLost, follows, lossSeen: pupils.lossSeen };
  }

  /**
   * Before a byte is changed: every segment stands under a key that is here, and so does the last frame. The others are held
   * against their key when they are read (durability.md 9).
   */
  private acceptKeys({ remake }: Findings, pupils: PupilKeys): void {
    this.payloadOf = openWith(this.disk, this.keys, pupils);
    if (remake === null) return;
    const header = decodeSegmentHeader(remake.bytes);
    const last = [...pieces(remake.bytes, Number(remake.name.slice(0, 6)), 0)].findLast((piece) => piece.good);
    if (last !== undefined) this.payloadOf(remake.bytes, last, header);
  }

  private knows({ segment: number, at, seen, head }: Place): boolean {
    const segment = segmentsOf(this.disk).find((one) => one.number === number);
    if (segment === undefined || seen >= this.writer.next) return false;
    const bytes = this.disk.read(segment.name);
    const before = survey(bytes.subarray(0, at), number, segment.first);
    return bytes.length >= at && before.last === seen && before.head.toString('hex') === head;
  }

  private read(cursor: Cursor | null, without: ReadonlySet<number>): Reply {
    const end = this.writer.end;
    const frames: StoredFrame[] = [];
    let size = 0;
    let seen = cursor?.seen ?? 0;
    for (const { name, number } of segmentsOf(this.disk)) {
      if ((cursor !== null && number < cursor.segment) || without.has(number)) continue;
      const whole = this.disk.read(name);
      const bytes = number === end.segment ? whole.subarray(0, end.size) : whole;
      const header = decodeSegmentHeader(bytes);
      const ids = { journal: header?.journal ?? this.opened?.id ?? '', run: header?.run ?? '' };
      const at = number === cursor?.segment ? cursor.at : SEGMENT_HEADER;
      for (const piece of pieces(bytes, number, seen, at)) {
        if (!piece.good) continue;
        if (size > READ_BYTES) return { kind: 'frames', frames, cursor: { segment: number, at: piece.from, seen } };
        const { first, last, kind, length } = piece.header;
        seen = last;
        const payload = this.payloadOf(bytes, piece, header);
        if (kind !== 'records') continue;
        frames.push({ ...ids, first, last, text: payload.toString('utf8') });
        size += length;
      }
    }
    return { kind: 'frames', frames, cursor: null };
  }

  private remove(segments: readonly number[], removal: Removal): Reply {
    this.closeBooks();
    noteRemoval(this.disk, segments, removal, this.spineKey);
    finishRemovals(this.disk);
    return { kind: 'done' };
  }

  /** Of the closed segments; what an earlier version did not note is read from them. */
  private closed(): readonly SpineEntry[] {
    tried(() => this.closeBooks());
    const files = new Map(segmentsOf(this.disk).map((segment) => [segment.number, segment]));
    return readSpine(this.disk).entries.map((entry) => {
      const file = files.get(entry.segment);
      const isNoted = entry.held === null || entry.held.days !== undefined || entry.removed !== null;
      if (isNoted || file === undefined) return entry;
      return { ...entry, held: heldOf(recordsIn(this.disk.read(file.name), file, this.payloadOf)) };
    });
  }

  /**
   * Puts the segments closed since into the spine, and makes that good, in a quiet moment: until then the next start reads them
   * itself.
   */
  private closeBooks(): void {
    const { segment: current } = this.writer.end;
    if (this.booksEnd === current && isSpineWhole(this.disk)) return;
    const heldIn = (bytes: Buffer, segment: Segment) => heldOf(recordsIn(bytes, segment, this.payloadOf));
    closeBooks(this.disk, current, heldIn, this.spineKey);
    this.booksEnd = current;
  }

  /** The last frame vouches for all before it: the next start need not doubt anything. */
  private close(): void {
    try {
      this.opened?.writer.witness('stop');
      if (this.opened !== null) tried(() => this.closeBooks());
    } finally {
      this.opened?.writer.close();
      this.opened = null;
      this.unlock();
    }
  }
}

const highestSerial = (disk: Disk): number =>
  readSpine(disk).entries.reduce((highest, { held }) => Math.max(highest, held?.serial ?? 0), 0);

/** What nobody waits for: a card that does not take it costs no record, and is asked again in the next quiet moment or start. */
function tried(work: () => void): void {
  try {
    work();
  } catch {
    return;
  }
}

/** What is not about records that wait: a disk that does not take it ends nothing, and it is tried again. */
function gently(work: () => Reply): Reply {
  try {
    return work();
  } catch (cause) {
    throw cause instanceof JournalError
      ? cause
      : new JournalError('refused', `not done: ${causeOf(cause)}`, causeOf(cause));
  }
}

const failure = (cause: unknown): JournalError =>
  new JournalError('failed', `the journal has failed: ${causeOf(cause)}`, causeOf(cause));

/** Commits that go into one frame. */
class Batch {
  readonly appends: Numbered<AppendRequest>[] = [];
  count = 0;
  private bytes = 1;

  /** Is there room, and do its numbers follow on? */
  takes(append: AppendRequest): boolean {
    const [first] = this.appends;
    return (
      (first === undefined || append.first === first.first + this.count) &&
      // What is recorded of a pupil after that stands under another key.
      this.appends.every(({ destroys }) => destroys.length === 0) &&
      this.count + append.count <= FRAME_RECORDS &&
      this.bytes + append.size + 1 <= FRAME_BYTES
    );
  }

  add(append: Numbered<AppendRequest>): void {
    this.appends.push(append);
    this.count += append.count;
    this.bytes += append.size + 1;
  }
}

/** The record with the number `last`, if a journal with another id wrote it. */
function lastOfAnother(disk: Disk, id: string, last: number): string | null {
  const holds = segmentsOf(disk).findLast(({ first }) => first <= last);
  const header = holds === undefined ? null : decodeSegmentHeader(disk.read(holds.name, SEGMENT_HEADER));
  return header === null || header.journal === id ? null : `${header.journal}:${last}`;
}

/**
 * The identity of this journal: 128 bits made for every new folder. A backup leaves the file out, so that a restored
 * folder gets a new one (durability.md 1), whose first record names the journal that it goes on from; so does a folder whose
 * segments are gone, for its numbers begin again.
 */
function journalId(disk: Disk, empty: boolean, newId: string): string {
  const stored = storedId(disk);
  if (!empty && isId(stored)) return stored;
  putFile(disk, 'id', Buffer.from(`${newId}\n`));
  return newId;
}
