/** Records of one segment, read from its bytes: for whoever reads without the journal being open. */
import type { Recorded } from '../domain/record.ts';
import { FRAME_HEADER, decodeSegmentHeader, pieces } from './frame.ts';
import type { Piece, SegmentHeader } from './frame.ts';
import { readFrame } from './records.ts';
import type { Segment } from './segments.ts';

/** The text of a frame of records; throws where it cannot be read with the keys at hand. */
export type OpenPayload = (
  bytes: Buffer,
  piece: Piece & { readonly good: true },
  header: SegmentHeader | null,
) => string;

export const plainPayload: OpenPayload = (bytes, piece) => bytes.toString('utf8', piece.from + FRAME_HEADER, piece.to);

/** In order; what is damaged or no JSON of ours is passed over. Throws what `open` throws. */
export function* recordsIn(bytes: Buffer, { number, first }: Segment, open: OpenPayload): Generator<Recorded> {
  const header = decodeSegmentHeader(bytes);
  const ids = { journal: header?.journal ?? '', run: header?.run ?? '' };
  for (const piece of pieces(bytes, number, first - 1)) {
    if (!piece.good || piece.header.kind !== 'records') continue;
    const { first: from, last } = piece.header;
    yield* readFrame({ ...ids, first: from, last, text: open(bytes, piece, header) }).records;
  }
}
