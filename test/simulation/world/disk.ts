/**
 * The card of the box: a volatile cache in front of it (of what was not synced a power cut keeps what chance decides, in torn
 * and reordered sectors), a size, and every fault of a card. As strict as `support/memory-disk.ts`, and quick for a long life.
 */
import type { Disk, DiskFile } from '../../../device/journal/disk.ts';
import { JournalError } from '../../../device/journal/error.ts';

const SECTOR = 512;

interface Inode {
  bytes: Buffer;
  size: number;
  /** What was done since the last sync, with what stood there before: taken back from the end, it is what is on the card. */
  unsynced: Change[];
  /** Lost by a sync that failed: everybody reads it, and it will never be on the card. */
  forgotten: Change[];
}
interface Change {
  readonly at: number;
  readonly data: Buffer | null;
  readonly before: Buffer;
  readonly sizeBefore: number;
  readonly sizeAfter: number;
}

export interface DiskFaults {
  /** Every change fails with this: `EROFS`, `EIO`. */
  all: string | null;
  /** The next write, or the next sync. The kernel forgets what it could not write, and calls the next sync a success. */
  write: string | null;
  sync: string | null;
  /** The next write takes this many bytes only. */
  short: number | null;
}

export class WorldDisk implements Disk {
  /** Bytes that all files together may hold. */
  capacity = Infinity;
  readonly faults: DiskFaults = { all: null, write: null, sync: null, short: null };
  /** Changes until the process dies in the middle of them. */
  private left = Infinity;
  private die: () => void = () => undefined;
  private dead = false;
  private names = new Map<string, Inode>();
  private syncedNames = new Map<string, Inode>();
  private renames: ((names: Map<string, Inode>) => void)[] = [];
  private locked = false;

  // ---- What the world does to it ----

  /** The process dies in the middle of the change after `changes` more of them. */
  dieAfter(changes: number, die: () => void): void {
    this.left = changes;
    this.die = die;
  }

  /** The process is gone; the kernel still has everything. */
  kill(): void {
    this.locked = false;
    this.dead = false;
    this.left = Infinity;
  }

  /** The power is gone: of what was not synced, chance decides. */
  cutPower(uniform: () => number): void {
    this.kill();
    const keep = Math.floor(uniform() * (this.renames.length + 1));
    for (const change of this.renames.slice(0, keep)) change(this.syncedNames);
    this.names = new Map(this.syncedNames);
    this.renames = [];
    for (const inode of new Set(this.names.values())) lose(inode, uniform);
  }

  /** One bit of a file turns. */
  rot(name: string, bit: number): void {
    const { bytes } = this.inode(name);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  }

  /** What every file holds, as whoever copies them while Porter runs reads it. */
  copy(): ReadonlyMap<string, Buffer> {
    return new Map([...this.names.keys()].map((name) => [name, this.read(name)]));
  }
  /** Another card, with these files on it and nothing else. */
  replace(files: ReadonlyMap<string, Buffer>): void {
    const inodes = [...files].map(([name, bytes]): [string, Inode] => [
      name,
      { bytes: Buffer.from(bytes), size: bytes.length, unsynced: [], forgotten: [] },
    ]);
    this.names = new Map(inodes);
    this.syncedNames = new Map(inodes);
    this.renames = [];
  }

  used(): number {
    let sum = 0;
    for (const { size } of this.names.values()) sum += size;
    return sum;
  }

  // ---- What the journal does with it ----

  list(): readonly string[] {
    return [...this.names.keys()];
  }

  read(name: string, most = Infinity): Buffer {
    const { bytes, size } = this.inode(name);
    return Buffer.from(bytes.subarray(0, Math.min(size, most)));
  }

  size(name: string): number {
    return this.inode(name).size;
  }

  create(name: string): DiskFile {
    this.step();
    if (this.names.has(name)) throw fsError('EEXIST');
    const inode: Inode = { bytes: Buffer.alloc(1024), size: 0, unsynced: [], forgotten: [] };
    this.changeNames((names) => names.set(name, inode));
    return this.open(inode);
  }

  rename(from: string, to: string): void {
    this.step();
    const inode = this.inode(from);
    this.changeNames((names) => {
      names.delete(from);
      names.set(to, inode);
    });
  }

  remove(name: string): void {
    if (!this.names.has(name)) return;
    this.step();
    this.changeNames((names) => names.delete(name));
  }

  syncFolder(): void {
    this.step();
    this.failSync();
    this.syncedNames = new Map(this.names);
    this.renames = [];
  }

  lock(): () => void {
    if (this.locked) throw new JournalError('locked', 'another Porter is using this disk');
    this.locked = true;
    return () => {
      this.locked = false;
    };
  }

  private open(inode: Inode): DiskFile {
    return {
      write: (bytes, at) => {
        this.step();
        if (this.faults.write !== null) throw fsError(this.take('write'));
        const grows = Math.max(0, at + bytes.length - inode.size);
        const room = Math.max(0, this.capacity - this.used());
        const size = Math.min(bytes.length - Math.max(0, grows - room), this.take('short') ?? Infinity);
        if (size <= 0) throw fsError('ENOSPC');
        change(inode, at, Buffer.from(bytes.subarray(0, size)), Math.max(inode.size, at + size));
        return size;
      },
      truncate: (size) => {
        this.step();
        change(inode, 0, null, size);
      },
      sync: () => {
        this.step();
        if (this.faults.sync !== null) forget(inode);
        this.failSync();
        inode.unsynced = [];
      },
      close: () => undefined,
    };
  }

  private changeNames(change: (names: Map<string, Inode>) => void): void {
    this.renames.push(change);
    change(this.names);
  }

  private step(): void {
    if (!this.dead && this.left <= 0) {
      this.dead = true;
      this.die();
    }
    if (this.dead) throw fsError('DEAD');
    this.left -= 1;
    if (this.faults.all !== null) throw fsError(this.faults.all);
  }

  private failSync(): void {
    if (this.faults.sync !== null) throw fsError(this.take('sync'));
  }

  private take<K extends 'write' | 'sync' | 'short'>(name: K): DiskFaults[K] {
    const value = this.faults[name];
    this.faults[name] = null;
    return value;
  }

  private inode(name: string): Inode {
    const inode = this.names.get(name);
    if (inode === undefined) throw fsError('ENOENT');
    return inode;
  }
}

/** `data` null: only the size changes. */
function change(inode: Inode, at: number, data: Buffer | null, size: number): void {
  const end = data === null ? size : at + data.length;
  const grown = Math.max(end, size);
  if (grown > inode.bytes.length) {
    const bytes = Buffer.alloc(grown * 2);
    inode.bytes.copy(bytes, 0, 0, inode.size);
    inode.bytes = bytes;
  }
  const from = data === null ? size : at;
  const to = data === null ? Math.max(inode.size, size) : end;
  const before = Buffer.from(inode.bytes.subarray(from, to));
  inode.unsynced.push({ at: from, data, before, sizeBefore: inode.size, sizeAfter: size });
  if (data === null) inode.bytes.fill(0, from, to);
  else data.copy(inode.bytes, at);
  inode.size = size;
}

/** Each sector of each unsynced write is there or not; the size may have grown before its data came. */
function lose(inode: Inode, uniform: () => number): void {
  const unsynced = [...inode.forgotten, ...inode.unsynced];
  if (unsynced.length === 0) return;
  const grown = inode.size;
  for (const { at, before, sizeBefore } of unsynced.toReversed()) {
    before.copy(inode.bytes, at);
    inode.size = sizeBefore;
  }
  inode.forgotten = [];
  for (const { at, data, sizeAfter } of unsynced) {
    if (data === null) {
      if (uniform() < 0.5) change(inode, 0, null, sizeAfter);
      continue;
    }
    for (let from = at; from < at + data.length; from = (Math.floor(from / SECTOR) + 1) * SECTOR) {
      const to = Math.min(at + data.length, (Math.floor(from / SECTOR) + 1) * SECTOR);
      if (uniform() < 0.5) change(inode, from, data.subarray(from - at, to - at), Math.max(inode.size, to));
    }
  }
  if (uniform() < 0.2 && grown > inode.size) change(inode, 0, null, grown);
  inode.unsynced = [];
}

/** A sync has failed: the pages count as clean, and no later sync writes them. */
function forget(inode: Inode): void {
  inode.forgotten.push(...inode.unsynced);
  inode.unsynced = [];
}

const fsError = (code: string | null): Error => Object.assign(new Error(String(code)), { code });
