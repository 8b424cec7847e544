/**
 * A disk in memory that behaves like a bad one: what was not synced may be lost, torn or reordered at a power cut, it can
 * be full, and it fails when told to.
 */
import type { Disk, DiskFile } from '../../device/journal/disk.ts';
import { JournalError } from '../../device/journal/error.ts';

const SECTOR = 512;

interface Inode {
  bytes: Buffer;
  synced: Buffer;
  pending: Change[];
}
type Change = { readonly at: number; readonly data: Buffer } | { readonly size: number };

export class MemoryDisk implements Disk {
  /** Bytes that all files together may hold. */
  capacity = Infinity;
  /** Each is used up by the operation that it spoils; `everySync` is not. */
  readonly faults: { shortWrite?: number; write?: string; sync?: string; everySync?: string; truncate?: string } = {};
  /** What was done, such as `write 000001-000000000001.pj 128`. */
  readonly trace: string[] = [];
  /** Operations that change something, until the power goes; then every one throws. */
  operationsLeft = Infinity;

  private names = new Map<string, Inode>();
  private syncedNames = new Map<string, Inode>();
  private renames: ((names: Map<string, Inode>) => void)[] = [];
  private locked = false;

  list(): readonly string[] {
    return [...this.names.keys()];
  }

  read(name: string, most = Infinity): Buffer {
    return Buffer.from(this.inode(name).bytes.subarray(0, most));
  }

  size(name: string): number {
    return this.inode(name).bytes.length;
  }

  create(name: string): DiskFile {
    if (this.names.has(name)) throw fsError('EEXIST');
    const inode: Inode = { bytes: Buffer.alloc(0), synced: Buffer.alloc(0), pending: [] };
    this.changeNames(`create ${name}`, (names) => names.set(name, inode));
    return this.open(name, inode);
  }

  rename(from: string, to: string): void {
    const inode = this.inode(from);
    this.changeNames(`rename ${from} ${to}`, (names) => {
      names.delete(from);
      names.set(to, inode);
    });
  }

  remove(name: string): void {
    if (this.names.has(name)) this.changeNames(`remove ${name}`, (names) => names.delete(name));
  }

  syncFolder(): void {
    this.step('sync folder');
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

  /** The process is gone; the kernel still has everything. */
  kill(): void {
    this.locked = false;
    this.operationsLeft = Infinity;
  }

  /** The power is gone: of what was not synced, chance decides. */
  cutPower(uniform: () => number): void {
    this.kill();
    const kept = Math.floor(uniform() * (this.renames.length + 1));
    for (const change of this.renames.slice(0, kept)) change(this.syncedNames);
    this.names = new Map(this.syncedNames);
    this.renames = [];
    for (const inode of this.names.values()) {
      inode.bytes = afterPowerCut(inode, uniform);
      inode.synced = inode.bytes;
      inode.pending = [];
    }
  }

  /** Puts bytes on the disk behind Porter's back. */
  put(name: string, bytes: Uint8Array): void {
    const inode: Inode = { bytes: Buffer.from(bytes), synced: Buffer.from(bytes), pending: [] };
    this.names.set(name, inode);
    this.syncedNames.set(name, inode);
  }

  /** A disk with the same files, as if just plugged in. */
  copy(): MemoryDisk {
    const disk = new MemoryDisk();
    for (const [name, { bytes }] of this.names) disk.put(name, bytes);
    return disk;
  }

  private open(name: string, inode: Inode): DiskFile {
    return {
      write: (bytes, at) => {
        this.step(`write ${name} ${bytes.length}`);
        if (this.faults.write !== undefined) throw fsError(take(this.faults, 'write'));
        const grows = Math.max(0, at + bytes.length - inode.bytes.length);
        const full = Math.max(0, grows - this.free());
        const size = Math.min(bytes.length - full, take(this.faults, 'shortWrite') ?? Infinity);
        if (size <= 0) throw fsError('ENOSPC');
        this.change(inode, { at, data: Buffer.from(bytes.subarray(0, size)) });
        return size;
      },
      truncate: (size) => {
        this.step(`truncate ${name} ${size}`);
        if (this.faults.truncate !== undefined) throw fsError(take(this.faults, 'truncate'));
        this.change(inode, { size });
      },
      sync: () => {
        this.step(`sync ${name}`);
        this.failSync();
        inode.synced = inode.bytes;
        inode.pending = [];
      },
      close: () => undefined,
    };
  }

  private change(inode: Inode, change: Change): void {
    inode.pending.push(change);
    inode.bytes = applied(inode.bytes, change);
  }

  private changeNames(what: string, change: (names: Map<string, Inode>) => void): void {
    this.step(what);
    this.renames.push(change);
    change(this.names);
  }

  private step(what: string): void {
    if (this.operationsLeft <= 0) throw fsError('POWER');
    this.operationsLeft -= 1;
    this.trace.push(what);
  }

  private failSync(): void {
    const code = this.faults.everySync ?? take(this.faults, 'sync');
    if (code !== undefined) throw fsError(code);
  }

  private free(): number {
    return this.capacity - [...this.names.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  private inode(name: string): Inode {
    const inode = this.names.get(name);
    if (inode === undefined) throw fsError('ENOENT');
    return inode;
  }
}

function applied(bytes: Buffer, change: Change): Buffer {
  const size = 'size' in change ? change.size : Math.max(bytes.length, change.at + change.data.length);
  const result = Buffer.alloc(size);
  bytes.copy(result, 0, 0, size);
  if ('data' in change) change.data.copy(result, change.at);
  return result;
}

/** Each sector of each unsynced write is there or not; the size may have grown before its data came. */
function afterPowerCut({ synced, pending, bytes }: Inode, uniform: () => number): Buffer {
  let result = synced;
  for (const change of pending) {
    if ('size' in change) {
      if (uniform() < 0.5) result = applied(result, change);
      continue;
    }
    const end = change.at + change.data.length;
    for (let at = change.at; at < end; at = (Math.floor(at / SECTOR) + 1) * SECTOR) {
      const next = Math.min(end, (Math.floor(at / SECTOR) + 1) * SECTOR);
      const data = change.data.subarray(at - change.at, next - change.at);
      if (uniform() < 0.5) result = applied(result, { at, data });
    }
  }
  if (uniform() < 0.2 && bytes.length > result.length) result = applied(result, { size: bytes.length });
  return result;
}

/** Reads a fault and uses it up. */
function take<T extends object, K extends keyof T>(faults: T, name: K): T[K] {
  const value = faults[name];
  Reflect.deleteProperty(faults, name);
  return value;
}

const fsError = (code: string | undefined): Error => Object.assign(new Error(String(code)), { code });
