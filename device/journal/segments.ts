/** The names of segments: number and first sequence, never a date (durability.md 5). */
import type { DiskReader } from './disk.ts';

export interface Segment {
  readonly name: string;
  readonly number: number;
  readonly first: number;
}

/** `000007-000000001234.pj`: segment 7, first sequence 1234. */
export const segmentName = (segment: number, first: number): string =>
  `${String(segment).padStart(6, '0')}-${String(first).padStart(12, '0')}.pj`;

/** The segments of a folder, in order. */
export function segmentsOf(disk: DiskReader): readonly Segment[] {
  const named = disk.list().flatMap((name) => {
    const match = /^(\d{6})-(\d{12})\.pj$/.exec(name);
    return match === null ? [] : [{ name, number: Number(match[1]), first: Number(match[2]) }];
  });
  return named.sort((a, b) => a.number - b.number);
}
