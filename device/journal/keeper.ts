/**
 * The keeper of one journal folder: requests in, replies out, synchronous, with no clock, chance or timer of its own. It
 * runs on the journal's thread (`thread.ts`), or in the caller's process over a disk in memory.
 */
import { Batch } from './batch.ts';
import { Books, tried } from './books.ts';
import { survey } from './chain.ts';
import type { Place } from './checkpoint-file.ts';
import { putFile } from './disk.ts';
import type { Disk } from './disk.ts';
import { JournalError, causeOf } from './error.ts';
import { SEGMENT_HEADER, decodeSegmentHeader, pieces } from './frame.ts';
import { FrameKeys } from './frame-keys.ts';
import type { Masters } from './masters.ts';
import { pupilsIn, sealParts } from './personal.ts';
import { PupilKeys } from './pupil-keys.ts';
import type { StoredFrame } from './records.ts';
import { inspect, repair } from './recover.ts';
import type { Findings, JournalFault } from './recover.ts';
import { segmentsOf } from './segments.ts';
import { finishRemovals } from './spine.ts';
import { headersOf, isId, openWith, storedId } from './reading.ts';
import type { OpenPayload } from './reading.ts';
import type { AppendRequest, Cursor, Numbered, Opened, Reply, Request } from './requests.ts';
import type { RandomBytes } from './seal.ts';
import { SIZES, Writer, freeReserve } from './writer.ts';
import type { Sizes } from './writer.ts';

/** Bytes of payload in one answer to `read`. */
const READ_BYTES = 1024 * 1024;
/** The same of `read-back`, where mostly a page is wanted. */
const READ_BACK_BYTES = 64 * 1024;

export class Keeper {
  private readonly disk: Disk;
  private readonly keys: FrameKeys;
  private readonly sizes: Sizes;
  private pupilKeys: PupilKeys | null = null;
  private unlock: () => void = () => undefined;
  private opened: { readonly writer: Writer; readonly id: string; readonly books: Books } | null = null;
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
        tried(() => this.books.close(this.writer.end.segment));
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
      case 'read-back':
        return this.readBack(request.before);
      case 'closed':
        return gently(() => ({ kind: 'closed', segments: this.books.all(this.writer.end.segment) }));
      case 'remove':
        return gently(() => {
          this.books.remove(request.segments, request.removal, this.writer.end.segment);
          return { kind: 'done' };
        });
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

  private get books(): Books {
    if (this.opened === null) throw new JournalError('closed', 'the journal is not open');
    return this.opened.books;
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
    this.acceptKeys(findings, pupils);
    const books = new Books(this.disk, this.keys, this.payloadOf);
    const spine = books.found();
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
    const serialsLost = lost ? { known: books.highestSerial() } : null;
    const place = { segment: findings.nextSegment, next, gapFrom: gap?.from ?? null, head };
    const writer = new Writer(this.disk, { journal: id, run }, place, this.keys, this.sizes);
    this.opened = { writer, id, books };
    const all: readonly JournalFault[] = [
      ...faults,
      ...(keysKnown ? [] : [{ kind: 'keys-lost' as const, among: null }]),
      ...(spine === 'as-left' ? [] : [{ kind: 'spine' as const, found: spine }]),
    ];
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

  /** From one segment: it is read whole, and only what is answered is opened. */
  private readBack(before: number | null): Reply {
    const end = this.writer.end;
    const limit = before ?? Number.MAX_SAFE_INTEGER;
    for (const { name, number, first } of segmentsOf(this.disk).toReversed()) {
      if (first >= limit) continue;
      const whole = this.disk.read(name);
      const bytes = number === end.segment ? whole.subarray(0, end.size) : whole;
      const header = decodeSegmentHeader(bytes);
      const ids = { journal: header?.journal ?? this.opened?.id ?? '', run: header?.run ?? '' };
      const frames: StoredFrame[] = [];
      let size = 0;
      for (const piece of [...pieces(bytes, number, first - 1, SEGMENT_HEADER)].reverse()) {
        if (!piece.good || piece.header.kind !== 'records' || piece.header.first >= limit) continue;
        const { first: from, last, length } = piece.header;
        const text = this.payloadOf(bytes, piece, header).toString('utf8');
        frames.unshift({ ...ids, first: from, last, text });
        size += length;
        if (size > READ_BACK_BYTES) break;
      }
      if (frames.length > 0) return { kind: 'frames', frames, cursor: null };
    }
    return { kind: 'frames', frames: [], cursor: null };
  }

  /** The last frame vouches for all before it: the next start need not doubt anything. */
  private close(): void {
    try {
      this.opened?.writer.witness('stop');
      if (this.opened !== null) tried(() => this.books.close(this.writer.end.segment));
    } finally {
      this.opened?.writer.close();
      this.opened = null;
      this.unlock();
    }
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
