/**
 * Appends frames, one at a time: write, sync, and only then return (durability.md 5, 6, 8). Every number below `next` is
 * durable.
 */
import { link } from './chain.ts';
import type { Place } from './checkpoint-file.ts';
import { writeFully } from './disk.ts';
import type { Disk, DiskFile } from './disk.ts';
import { JournalError, causeOf } from './error.ts';
import { encodeFrame, encodeSegmentHeader } from './frame.ts';
import type { FrameKind } from './frame.ts';
import type { FrameKeys } from './frame-keys.ts';
import { segmentName } from './segments.ts';

export interface Sizes {
  /** Bytes after which a new segment is begun. */
  readonly segment: number;
  /** Bytes held back for the day the disk is full. */
  readonly reserve: number;
}
export const SIZES: Sizes = { segment: 8 * 1024 * 1024, reserve: 8 * 1024 * 1024 };

const RESERVE = 'reserve';

export class Writer {
  private readonly disk: Disk;
  private readonly ids: { readonly journal: string; readonly run: string };
  private readonly keys: FrameKeys;
  private readonly sizes: Sizes;
  private file: DiskFile | null = null;
  private segment: number;
  private nextNumber: number;
  private size = 0;
  private head: Buffer;
  private failed = false;

  /** Begins a segment: each run has its own. `gapFrom`: numbers from there to `next - 1` were cut away. */
  constructor(
    disk: Disk,
    ids: { readonly journal: string; readonly run: string },
    start: {
      readonly segment: number;
      readonly next: number;
      readonly gapFrom: number | null;
      /** Of the chain so far. */
      readonly head: Buffer;
    },
    keys: FrameKeys,
    sizes: Sizes,
  ) {
    this.disk = disk;
    this.ids = ids;
    this.keys = keys;
    this.sizes = sizes;
    this.segment = start.segment;
    this.nextNumber = start.next;
    this.head = start.head;
    this.begin(start.segment, start.gapFrom);
  }

  get next(): number {
    return this.nextNumber;
  }

  /** The segment at hand and how many of its bytes are durable. */
  get end(): { readonly segment: number; readonly size: number } {
    return { segment: this.segment, size: this.size };
  }

  /** The same with the chain: for a checkpoint. */
  get place(): Place {
    return { segment: this.segment, at: this.size, seen: this.nextNumber - 1, head: this.head.toString('hex') };
  }

  /**
   * Makes `count` records durable as one frame. Throws `refused`: nothing of it is stored, and its numbers go to the next
   * frame; `failed`: dead from here on. `payload` null: where the chain stands.
   */
  append(kind: FrameKind, payload: Buffer | null, count: number): void {
    if (this.failed) throw new JournalError('failed', 'the journal has failed');
    if (this.size > this.sizes.segment) this.begin(this.segment + 1, null);
    const file = this.file;
    if (file === null) throw new JournalError('closed', 'the journal is closed');
    const [first, durable] = [this.nextNumber, this.nextNumber - 1];
    const frame = encodeFrame({
      kind,
      segment: this.segment,
      first,
      count,
      durable,
      payload: payload ?? this.head,
      seal: this.keys.seal(this.ids.journal, this.segment),
    });
    try {
      writeFully(file, frame, this.size);
    } catch (error) {
      this.refuse(error, () => {
        file.truncate(this.size);
        file.sync();
      });
    }
    this.sync(file);
    this.size += frame.length;
    this.nextNumber += count;
    this.head = link(this.head, frame);
  }

  /** A frame without records, which vouches for those before it and says where the chain stands. */
  witness(kind: 'idle' | 'stop'): void {
    this.append(kind, null, 0);
  }

  close(): void {
    this.file?.close();
    this.file = null;
  }

  /** A segment is headed and synced with its folder before anything in it is acknowledged. */
  private begin(segment: number, gapFrom: number | null): void {
    const name = segmentName(segment, this.nextNumber);
    const place = { segment, first: this.nextNumber, gapFrom, ...this.ids, builtOn: this.head.toString('hex') };
    const header = encodeSegmentHeader(place, this.keys.header(this.ids.journal));
    let file: DiskFile | null = null;
    try {
      file = this.disk.create(name);
      writeFully(file, header, 0);
    } catch (error) {
      this.refuse(error, () => {
        file?.close();
        this.disk.remove(name);
        this.disk.syncFolder();
      });
    }
    this.sync(file);
    this.sync({ sync: () => this.disk.syncFolder() });
    this.close();
    this.file = file;
    this.segment = segment;
    this.size = header.length;
    this.head = link(this.head, header);
    this.holdReserve();
  }

  /** The kernel may drop what it could not write and call the next sync a success: nothing is tried again. */
  private sync(file: Pick<DiskFile, 'sync'>): void {
    try {
      file.sync();
    } catch (error) {
      throw this.fail(error);
    }
  }

  /** Leaves the disk as it was before. */
  private refuse(cause: unknown, undo: () => void): never {
    try {
      undo();
      freeReserve(this.disk);
    } catch (error) {
      throw this.fail(error);
    }
    throw new JournalError('refused', `not stored: ${causeOf(cause)}`, causeOf(cause));
  }

  private fail(cause: unknown): JournalError {
    this.failed = true;
    return new JournalError('failed', `the journal has failed: ${causeOf(cause)}`, causeOf(cause));
  }

  /** Taken again with each segment, and when there is room again; a disk too full for it can still hold records. */
  holdReserve(): void {
    if (this.disk.list().includes(RESERVE)) return;
    try {
      const file = this.disk.create(RESERVE);
      try {
        writeFully(file, Buffer.alloc(this.sizes.reserve), 0);
        file.sync();
      } finally {
        file.close();
      }
    } catch {
      freeReserve(this.disk);
    }
  }
}

/** Room for the records that a full disk would refuse. */
export function freeReserve(disk: Disk): void {
  disk.remove(RESERVE);
  disk.syncFolder();
}
