/** Records of one segment, read from its bytes: for whoever reads without the journal being open. */
import type { Recorded } from '../domain/record.ts';
import type { DiskReader } from './disk.ts';
import { SEGMENT_HEADER, decodeSegmentHeader, partsOf, pieces } from './frame.ts';
import type { Piece, StoredSegmentHeader } from './frame.ts';
import type { FrameKeys } from './frame-keys.ts';
import { openParts } from './personal.ts';
import { PupilKeys } from './pupil-keys.ts';
import { readFrame } from './records.ts';
import { segmentsOf } from './segments.ts';
import type { Segment } from './segments.ts';

/** What a good frame says: the text of records, for others the bytes that stand open. Throws `forged`. */
export type OpenPayload = (
  bytes: Buffer,
  piece: Piece & { readonly good: true },
  header: StoredSegmentHeader | null,
) => Buffer;

/**
 * With the keys at hand. Holds the header of every segment against them first: throws `wrong_key`, `forged` (durability.md 9).
 */
export function openWith(
  disk: DiskReader,
  keys: FrameKeys,
  pupils = new PupilKeys(disk, keys.masters, keys.random),
): OpenPayload {
  const headers = headersOf(disk);
  for (const header of headers) keys.accept(header);
  const journals = [...new Set([storedId(disk), ...headers.map(({ journal }) => journal)])].filter(isId);
  return (bytes, piece, header) => {
    const payload = keys.open({ segment: piece.header.segment, ...partsOf(bytes, piece) }, header, journals);
    if (piece.header.kind !== 'records') return payload;
    return Buffer.from(openParts(payload.toString('utf8'), piece.header.first, pupils));
  };
}

/** Of the segments whose header is good. */
export const headersOf = (disk: DiskReader): readonly StoredSegmentHeader[] =>
  segmentsOf(disk).flatMap(({ name }) => decodeSegmentHeader(disk.read(name, SEGMENT_HEADER)) ?? []);

export const storedId = (disk: DiskReader): string =>
  disk.list().includes('id') ? disk.read('id').toString('latin1').trim() : '';
export const isId = (text: string): boolean => /^[0-9a-f]{32}$/.test(text);

/** The records of a whole folder, a segment in memory at a time. As `recordsIn`. */
export function* recordsOf(disk: DiskReader, open: OpenPayload): Generator<Recorded> {
  for (const segment of segmentsOf(disk)) yield* recordsIn(disk.read(segment.name), segment, open);
}

/** In order; what is damaged or no JSON of ours is passed over. Throws what `open` throws. */
export function* recordsIn(bytes: Buffer, { number, first }: Segment, open: OpenPayload): Generator<Recorded> {
  const header = decodeSegmentHeader(bytes);
  const ids = { journal: header?.journal ?? '', run: header?.run ?? '' };
  for (const piece of pieces(bytes, number, first - 1)) {
    if (!piece.good || piece.header.kind !== 'records') continue;
    const { first: from, last } = piece.header;
    yield* readFrame({ ...ids, first: from, last, text: open(bytes, piece, header).toString('utf8') }).records;
  }
}
