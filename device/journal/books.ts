/** The closed segments of one folder: into the spine, and out of the folder when their time is over (durability.md 12, 14). */
import type { Disk } from './disk.ts';
import type { FrameKeys } from './frame-keys.ts';
import { heldOf } from './held.ts';
import { recordsIn } from './reading.ts';
import type { OpenPayload } from './reading.ts';
import { segmentsOf } from './segments.ts';
import { closeBooks, finishRemovals, isSpineWhole, noteRemoval, readSpine } from './spine.ts';
import type { Removal, SpineEntry } from './spine.ts';
import { SpineKey } from './spine-key.ts';
import type { SpineFound } from './spine-key.ts';

/** `current` is always the segment that is being written. */
export class Books {
  private readonly disk: Disk;
  private readonly key: SpineKey;
  private readonly payloadOf: OpenPayload;
  /** Every segment before this one is in the spine; null: not looked at yet. */
  private end: number | null = null;

  /** Throws `wrong_key`. */
  constructor(disk: Disk, { masters, random }: FrameKeys, payloadOf: OpenPayload) {
    this.disk = disk;
    this.key = new SpineKey(disk, masters, random);
    this.payloadOf = payloadOf;
  }

  found(): SpineFound {
    return this.key.found(readSpine(this.disk).lines);
  }

  /** Behind a badge, as far as the spine knows; 0: none. */
  highestSerial(): number {
    return readSpine(this.disk).entries.reduce((highest, { held }) => Math.max(highest, held?.serial ?? 0), 0);
  }

  /**
   * Puts the segments closed since into the spine, and makes that good, in a quiet moment: until then the next start reads them
   * itself.
   */
  close(current: number): void {
    if (this.end === current && isSpineWhole(this.disk)) return;
    closeBooks(this.disk, current, (bytes, segment) => heldOf(recordsIn(bytes, segment, this.payloadOf)), this.key);
    this.end = current;
  }

  remove(segments: readonly number[], removal: Removal, current: number): void {
    this.close(current);
    noteRemoval(this.disk, segments, removal, this.key);
    finishRemovals(this.disk);
  }

  /** Of the closed segments; what an earlier version did not note is read from them. */
  all(current: number): readonly SpineEntry[] {
    tried(() => {
      this.close(current);
    });
    const files = new Map(segmentsOf(this.disk).map((segment) => [segment.number, segment]));
    return readSpine(this.disk).entries.map((entry) => {
      const file = files.get(entry.segment);
      const isNoted = entry.held === null || entry.held.days !== undefined || entry.removed !== null;
      if (isNoted || file === undefined) return entry;
      return { ...entry, held: heldOf(recordsIn(this.disk.read(file.name), file, this.payloadOf)) };
    });
  }
}

/** What nobody waits for: a card that does not take it costs no record, and is asked again in the next quiet moment or start. */
export function tried(work: () => void): void {
  try {
    work();
  } catch {
    return;
  }
}
