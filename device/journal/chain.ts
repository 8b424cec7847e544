/**
 * The chain (durability.md 12): every segment header and every good frame is hashed, as it is stored, together with the head
 * before it. Each header says which head it builds on, each witness where the chain stands, so that what was altered later
 * shows, and between which numbers. It needs no key. What is bad by its own checksum is left out: recovery names that.
 */
import { hash } from 'node:crypto';
import { FRAME_HEADER, SEGMENT_HEADER, decodeSegmentHeader, pieces } from './frame.ts';
import type { FrameHeader, NumberRange, SegmentHeader } from './frame.ts';

const HEAD_BYTES = 32;
/** The head before the first segment. */
export const noHead: Buffer = Buffer.alloc(HEAD_BYTES);

/** The head after `stored`, a segment header or a frame as it stands in the file. */
export function link(head: Uint8Array, stored: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([head, stored]), 'buffer');
}

/** What one segment holds, by framing and chain alone. */
export interface Survey {
  /** Null: damaged. */
  readonly header: SegmentHeader | null;
  /** The highest number in a good frame; one below the segment's first where there is none. */
  readonly last: number;
  /** Records in good frames. */
  readonly records: number;
  /** The highest number that a header calls synced. */
  readonly durable: number;
  readonly head: Buffer;
  /** Bytes that are no good frame, oldest first, and the numbers missing there. The last may be an unfinished end. */
  readonly bad: readonly BadBytes[];
  /** Good by their own checksums, and yet not what the chain says: changed after they were written. */
  readonly altered: readonly NumberRange[];
  /** Up to this number a witness confirms the chain; one below the segment's first: none does. */
  readonly agreed: number;
  /** Says where the chain stands, in its header or by a witness: what was written before there was a chain does not. */
  readonly chained: boolean;
  /** Ends with the witness of a clean stop. */
  readonly stopped: boolean;
}
export interface BadBytes {
  readonly from: number;
  readonly to: number;
  /** Null: no number is missing there. */
  readonly missing: NumberRange | null;
  /** Nothing good follows. */
  readonly atEnd: boolean;
  /** Provably the beginning of one frame, whose end is not there. */
  readonly incomplete: boolean;
}

/** `first`: of the segment's name, the lowest number that may stand in it. */
export function survey(bytes: Buffer, segment: number, first: number, head: Buffer = noHead): Survey {
  const header = decodeSegmentHeader(bytes);
  const walk = new Walk(first, head, header);
  if (header !== null) walk.begin(header, bytes.subarray(0, SEGMENT_HEADER));
  for (const piece of pieces(bytes, segment, first - 1)) {
    if (piece.good) walk.take(piece.header, bytes.subarray(piece.from, piece.to));
    else walk.pass(piece.from, piece.to, piece.header);
  }
  return { header, ...walk.end() };
}

class Walk {
  private head: Buffer;
  private last: number;
  private records = 0;
  private durable = 0;
  private stopped = false;
  private readonly bad: BadBytes[] = [];
  private readonly altered: NumberRange[] = [];
  /** Bad bytes since the last good frame, and the highest number that their headers claim. */
  private open: (Omit<BadBytes, 'missing' | 'atEnd'> & { readonly claims: number }) | null = null;
  private chained = false;
  /** The chain is known to agree up to this number. */
  private agreed: number;
  /** Bytes were left out since the last statement: a head that differs says no more than that. */
  private incomplete: boolean;

  constructor(first: number, head: Buffer, header: SegmentHeader | null) {
    this.head = head;
    this.incomplete = header === null;
    this.last = first - 1;
    this.agreed = first - 1;
  }

  begin(header: SegmentHeader, stored: Buffer): void {
    const builtOn = Buffer.from(header.builtOn, 'hex');
    this.chained = !builtOn.equals(noHead);
    this.head = link(builtOn, stored);
  }

  pass(from: number, to: number, header: FrameHeader | null): void {
    const room = to - from - FRAME_HEADER;
    const incomplete = this.open === null && (room < 0 || (header !== null && header.length > room));
    const claims = Math.max(this.open?.claims ?? 0, header?.last ?? 0);
    this.open = { from: this.open?.from ?? from, to, claims, incomplete };
    this.durable = Math.max(this.durable, header?.durable ?? 0);
    this.incomplete = true;
    this.stopped = false;
  }

  take({ kind, first, last, durable }: FrameHeader, stored: Buffer): void {
    this.settle(first - 1, false);
    const isWitness = kind === 'idle' || kind === 'stop';
    if (isWitness && stored.length >= FRAME_HEADER + HEAD_BYTES) {
      this.compare(stored.subarray(FRAME_HEADER, FRAME_HEADER + HEAD_BYTES), last);
    }
    this.head = link(this.head, stored);
    this.records += last - first + 1;
    this.last = last;
    this.durable = Math.max(this.durable, durable);
    this.stopped = kind === 'stop';
  }

  private compare(stated: Buffer, last: number): void {
    if (!stated.equals(this.head) && !this.incomplete) this.altered.push({ from: this.agreed + 1, to: last });
    this.head = Buffer.from(stated);
    this.chained = true;
    this.agreed = last;
    this.incomplete = false;
  }

  private settle(before: number, atEnd: boolean): void {
    const missing = before > this.last ? { from: this.last + 1, to: before } : null;
    const { from, to, incomplete } = this.open ?? { from: 0, to: 0, incomplete: false };
    if (this.open !== null || missing !== null) this.bad.push({ from, to, missing, atEnd, incomplete });
    this.open = null;
  }

  end(): Omit<Survey, 'header'> {
    const { last, records, head, bad, altered, agreed, chained, stopped } = this;
    this.settle(Math.max(this.durable, this.open?.claims ?? 0), true);
    return { last, records, durable: this.durable, head, bad, altered, agreed, chained, stopped };
  }
}
