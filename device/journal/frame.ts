/**
 * The bytes of a segment, made to last: everything that recovery and audit need stands outside the payload, which alone is
 * encrypted. Numbers are little-endian; unnamed bytes are zero. In every later format the first 128 bytes of a segment and
 * the first 48 of a frame keep their magic, format byte and CRC where they are. Two are only read: in format 1 nothing is
 * encrypted, in format 2 nothing stands under pupils' own keys (`personal.ts`).
 *
 *   segment header, 128 bytes                         frame header, 48 bytes, then the payload
 *     0  magic "PORTERJ\n"                              0  magic c5 50 4a 46 (never part of UTF-8 text)
 *     8  format, 1 byte                                 4  format, 1 byte
 *    12  number of the segment, 4                       5  kind, 1 byte
 *    16  first sequence that may stand in it, 8         6  flags, 2: none yet
 *    24  first number cut away before it, 8; 0: none    8  number of the segment, 4
 *    32  journal id, 16                                12  length of the payload, 4
 *    48  id of the run that wrote it, 16               16  first sequence, 8
 *    64  id of the master key, 16                      24  last sequence, 8; first - 1: no records
 *    80  check by that key of all but 80 to 91, 12     32  durable: highest sequence known synced, 8
 *    92  head of the chain it builds on, 32            40  CRC-32 of the payload, 4
 *   124  CRC-32 of the above, 4                        44  CRC-32 of the above, 4
 *
 * Records are sealed (`seal.ts`) with bytes 0 to 39 of their frame as additional data. What other frames say is needed
 * without a key: it stands open, and a seal of nothing behind it vouches for it.
 */
import { crc32 } from 'node:zlib';
import { JournalError } from './error.ts';
import { SEAL_BYTES } from './seal.ts';

export const SEGMENT_HEADER = 128;
export const FRAME_HEADER = 48;
/** Bytes of a frame's payload before it is sealed; also bounds a commit, since a commit is never split. */
export const FRAME_BYTES = 1024 * 1024;
/** Records of a frame: bounds what a garbled tail can stand for. */
export const FRAME_RECORDS = 1000;
/** Bytes of one record's JSON. */
export const RECORD_BYTES = 64 * 1024;

const PLAIN = 1;
const FORMAT = 3;
const SEGMENT_MAGIC = Buffer.from('PORTERJ\n', 'latin1');
const FRAME_MAGIC = Buffer.from('c5504a46', 'hex');
const NOTHING = Buffer.alloc(0);
const CHECK_AT = 80;
export const CHECK_BYTES = 12;
/** Bytes of a frame's header that its seal vouches for. */
const FRAME_SEALED_BYTES = 40;

/**
 * `idle` and `stop` hold no records: they bear witness to what came before, and their payload is the head of the chain up to
 * there (`chain.ts`). `footer` is kept for the end of a closed segment.
 */
const KINDS = ['records', 'idle', 'stop', 'footer'] as const;
export type FrameKind = (typeof KINDS)[number];

/** Sequences, both ends included. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

export interface SegmentHeader {
  readonly segment: number;
  readonly first: number;
  /** Numbers from here to `first - 1` were cut away in recovery; null: none. */
  readonly gapFrom: number | null;
  /** 32 hex digits each. */
  readonly journal: string;
  readonly run: string;
  /** Head of the chain over all segments before, 64 hex digits; zeros: the first, or of before there was a chain. */
  readonly builtOn: string;
}

/** What a master key adds to a segment header. */
export interface HeaderSeal {
  /** 32 hex digits. */
  readonly keyId: string;
  /** 12 bytes over the header as it is without them. */
  readonly check: (header: Uint8Array) => Uint8Array;
}
/** Seals a payload; `about` is what it vouches for besides: the frame's header, and what stands open. */
export type FrameSeal = (payload: Uint8Array, about: Uint8Array) => Uint8Array;

/** As it was read. `sealed` null: not encrypted. */
export interface StoredSegmentHeader extends SegmentHeader {
  readonly sealed: { readonly keyId: string; readonly check: Buffer; readonly checked: Buffer } | null;
  /** May records in it stand under pupils' own keys? */
  readonly personal: boolean;
}

export interface FrameHeader {
  /** Null: of a later version. Carries no records for us. */
  readonly kind: FrameKind | null;
  readonly segment: number;
  readonly length: number;
  readonly first: number;
  readonly last: number;
  readonly durable: number;
  readonly crc: number;
  readonly sealed: boolean;
}

export function encodeSegmentHeader(header: SegmentHeader, seal: HeaderSeal): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER);
  SEGMENT_MAGIC.copy(bytes);
  bytes[8] = FORMAT;
  bytes.writeUInt32LE(header.segment, 12);
  bytes.writeBigUInt64LE(BigInt(header.first), 16);
  bytes.writeBigUInt64LE(BigInt(header.gapFrom ?? 0), 24);
  bytes.write(header.journal, 32, 16, 'hex');
  bytes.write(header.run, 48, 16, 'hex');
  bytes.write(header.builtOn, 92, 32, 'hex');
  bytes.write(seal.keyId, 64, 16, 'hex');
  bytes.set(seal.check(bytes.subarray(0, 124)), CHECK_AT);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 124)), 124);
  return bytes;
}

/** Null: not a whole segment header. Throws `newer`. */
export function decodeSegmentHeader(bytes: Buffer): StoredSegmentHeader | null {
  if (bytes.length < SEGMENT_HEADER || !bytes.subarray(0, 8).equals(SEGMENT_MAGIC)) return null;
  if (crc32(bytes.subarray(0, 124)) !== bytes.readUInt32LE(124)) return null;
  refuseNewer(bytes.readUInt8(8));
  return {
    segment: bytes.readUInt32LE(12),
    first: numberAt(bytes, 16),
    gapFrom: numberAt(bytes, 24) || null,
    journal: bytes.toString('hex', 32, 48),
    run: bytes.toString('hex', 48, 64),
    builtOn: bytes.toString('hex', 92, 124),
    sealed: bytes.readUInt8(8) === PLAIN ? null : sealOf(bytes),
    personal: bytes.readUInt8(8) === FORMAT,
  };
}

/** By its first bytes, also where the rest is damaged. Throws `newer`. */
export function isSealedSegment(bytes: Buffer): boolean {
  if (bytes.length <= 8 || !bytes.subarray(0, 8).equals(SEGMENT_MAGIC)) return false;
  refuseNewer(bytes.readUInt8(8));
  return bytes.readUInt8(8) !== PLAIN;
}

function sealOf(bytes: Buffer): StoredSegmentHeader['sealed'] {
  const [from, to] = [CHECK_AT, CHECK_AT + CHECK_BYTES];
  const checked = Buffer.from(bytes.subarray(0, 124)).fill(0, from, to);
  return { keyId: bytes.toString('hex', 64, from), check: bytes.subarray(from, to), checked };
}

/** One frame, ready to write. */
export function encodeFrame(frame: {
  readonly kind: FrameKind;
  readonly segment: number;
  readonly first: number;
  readonly count: number;
  readonly durable: number;
  readonly payload: Buffer;
  readonly seal: FrameSeal;
}): Buffer {
  const { kind, payload } = frame;
  const length = payload.length + SEAL_BYTES;
  const bytes = Buffer.alloc(FRAME_HEADER + length);
  FRAME_MAGIC.copy(bytes);
  bytes[4] = FORMAT;
  bytes[5] = KINDS.indexOf(kind);
  bytes.writeUInt32LE(frame.segment, 8);
  bytes.writeUInt32LE(length, 12);
  bytes.writeBigUInt64LE(BigInt(frame.first), 16);
  bytes.writeBigUInt64LE(BigInt(frame.first + frame.count - 1), 24);
  bytes.writeBigUInt64LE(BigInt(frame.durable), 32);
  const open = kind === 'records' ? NOTHING : payload;
  const about = Buffer.concat([bytes.subarray(0, FRAME_SEALED_BYTES), open]);
  bytes.set(open, FRAME_HEADER);
  bytes.set(frame.seal(kind === 'records' ? payload : NOTHING, about), FRAME_HEADER + open.length);
  bytes.writeUInt32LE(crc32(bytes.subarray(FRAME_HEADER)), 40);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 44)), 44);
  return bytes;
}

/** What stands in a good frame: the part that is open, the part that is sealed, and what the seal vouches for besides. */
export function partsOf(
  bytes: Buffer,
  { from, to, header }: Piece & { readonly good: true },
): { readonly open: Buffer; readonly sealed: Buffer | null; readonly about: Buffer } {
  const payload = bytes.subarray(from + FRAME_HEADER, to);
  const split = !header.sealed ? payload.length : header.kind === 'records' ? 0 : payload.length - SEAL_BYTES;
  const open = payload.subarray(0, Math.max(0, split));
  return {
    open,
    sealed: header.sealed ? payload.subarray(open.length) : null,
    about: Buffer.concat([bytes.subarray(from, from + FRAME_SEALED_BYTES), open]),
  };
}

function decodeFrameHeader(bytes: Buffer, at: number): FrameHeader | null {
  if (at + FRAME_HEADER > bytes.length || !bytes.subarray(at, at + 4).equals(FRAME_MAGIC)) return null;
  if (crc32(bytes.subarray(at, at + 44)) !== bytes.readUInt32LE(at + 44)) return null;
  refuseNewer(bytes.readUInt8(at + 4));
  return {
    kind: KINDS[bytes.readUInt8(at + 5)] ?? null,
    segment: bytes.readUInt32LE(at + 8),
    length: bytes.readUInt32LE(at + 12),
    first: numberAt(bytes, at + 16),
    last: numberAt(bytes, at + 24),
    durable: numberAt(bytes, at + 32),
    crc: bytes.readUInt32LE(at + 40),
    sealed: bytes.readUInt8(at + 4) !== PLAIN,
  };
}

const numberAt = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));

/** A format is read one release before it is written, so this is an older Porter on a newer folder: hands off. */
function refuseNewer(format: number): void {
  if (format > FORMAT)
    throw new JournalError('newer', `the journal is in format ${format}; this version reads ${FORMAT}`);
}

/** A stretch of a segment: a good frame, or bytes that are none; a bad one whose header is good says what it was. */
export type Piece = { readonly from: number; readonly to: number } & (
  { readonly good: true; readonly header: FrameHeader } | { readonly good: false; readonly header: FrameHeader | null }
);

/** Walks a segment from `at` on framing alone. A frame at or below `seen` is an older one, astray: bad. */
export function* pieces(bytes: Buffer, segment: number, seen: number, at = SEGMENT_HEADER): Generator<Piece> {
  const frameAt = (place: number): FrameHeader | null => {
    const header = decodeFrameHeader(bytes, place);
    return header?.segment === segment && header.first > seen ? header : null;
  };
  while (at < bytes.length) {
    const header = frameAt(at);
    const payload = at + FRAME_HEADER;
    if (header !== null && crc32(bytes.subarray(payload, payload + header.length)) === header.crc) {
      const end = payload + header.length;
      if (end <= bytes.length) {
        yield { good: true, from: at, to: end, header };
        seen = header.last;
        at = end;
        continue;
      }
    }
    let next = bytes.indexOf(FRAME_MAGIC, at + 1);
    while (next !== -1 && frameAt(next) === null) next = bytes.indexOf(FRAME_MAGIC, next + 1);
    const end = next === -1 ? bytes.length : next;
    yield { good: false, from: at, to: end, header };
    at = end;
  }
}
