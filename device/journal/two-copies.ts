/**
 * What nothing else can replace stands twice, `NAME.1` and `NAME.2`, one written after the other, each whole (durability.md
 * 11, 16): a power cut leaves at least one of them good, and they differ until the next start evens them out.
 */
import { putFile } from './disk.ts';
import type { Disk, DiskReader } from './disk.ts';

/** Both are on the disk when it returns; throws what the disk throws, and then the copies may differ. */
export function putTwice(disk: Disk, name: string, bytes: Uint8Array): void {
  for (const copy of copiesOf(name)) putFile(disk, copy, bytes);
}

/** Those that are there, the first first. */
export function readTwice(disk: DiskReader, name: string): readonly Buffer[] {
  const names = disk.list();
  return copiesOf(name).flatMap((copy) => (names.includes(copy) ? [disk.read(copy)] : []));
}

export const copiesOf = (name: string): readonly string[] => [`${name}.1`, `${name}.2`];
