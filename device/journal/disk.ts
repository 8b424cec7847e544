/**
 * The few file operations that the journal is made of, synchronous: they run on the journal's own thread, where waiting
 * hurts nobody (durability.md 7), and in memory in tests. Names are inside one folder.
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
} from 'node:fs';
import { readFileSync, readSync, readdirSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { JournalError, causeOf } from './error.ts';

/** What reading needs: takes no lock and changes nothing (durability.md 10). */
export interface DiskReader {
  /** Names of all files. */
  list(): readonly string[];
  /** The whole file, or its first bytes; what the medium no longer gives reads as zeros. */
  read(name: string, most?: number): Buffer;
  /** Bytes of a file. */
  size(name: string): number;
}

export interface Disk extends DiskReader {
  /** A new, empty file; throws when there is one. */
  create(name: string): DiskFile;
  rename(from: string, to: string): void;
  /** Also when there is none. */
  remove(name: string): void;
  /** Names created, renamed and removed so far survive a power cut. */
  syncFolder(): void;
  /** One process at a time, for as long as it lives. Throws `locked`. The answer unlocks. */
  lock(): () => void;
}

export interface DiskFile {
  /** Bytes written, which may be fewer than given. */
  write(bytes: Uint8Array, at: number): number;
  truncate(size: number): void;
  /** Bytes and size so far survive a power cut. After an error the descriptor is never tried again. */
  sync(): void;
  close(): void;
}

/** Writes a file whole or not at all: temporary name, sync, rename, sync of the folder. */
export function putFile(disk: Disk, name: string, bytes: Uint8Array): void {
  const temporary = `${name}.tmp`;
  disk.remove(temporary);
  const file = disk.create(temporary);
  try {
    writeFully(file, bytes, 0);
    file.sync();
  } finally {
    file.close();
  }
  disk.rename(temporary, name);
  disk.syncFolder();
}

/** A short write is a full disk that has not said so yet. */
export function writeFully(file: DiskFile, bytes: Uint8Array, at: number): void {
  const written = file.write(bytes, at);
  if (written < bytes.length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
}

/** The real file system. Makes the folder (0700) if there is none; files are 0600. */
export function openDisk(folder: string): Disk {
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    syncFolder(dirname(folder));
  }
  return {
    ...diskReader(folder),
    create(name) {
      const fd = openSync(join(folder, name), 'wx+', 0o600);
      return {
        write: (bytes, at) => writeSync(fd, bytes, 0, bytes.length, at),
        truncate: (size) => ftruncateSync(fd, size),
        sync: () => fdatasyncSync(fd),
        close: () => closeSync(fd),
      };
    },
    rename: (from, to) => renameSync(join(folder, from), join(folder, to)),
    remove: (name) => rmSync(join(folder, name), { force: true }),
    syncFolder: () => syncFolder(folder),
    lock: () => lockFolder(folder),
  };
}

/** The same to read from: a folder that is not there throws ENOENT, one on a read-only file system is as good as any. */
export function diskReader(folder: string): DiskReader {
  return {
    list: () => readdirSync(folder),
    read: (name, most) => readWhatCanBeRead(join(folder, name), most),
    size: (name) => statSync(join(folder, name)).size,
  };
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Only for the words of whoever comes second: a full or read-only card must not keep the lock from being given back. */
function noteHolder(fd: number): void {
  try {
    ftruncateSync(fd);
    writeSync(fd, `${process.pid}\n`);
  } catch {
    return;
  }
}

const BLOCK = 4096;

/** Block by block, so that one bad spot on the card does not take the rest of the file with it. */
function readWhatCanBeRead(path: string, most = Infinity): Buffer {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.min(most, fstatSync(fd).size));
    for (let at = 0; at < bytes.length; at += BLOCK) {
      try {
        readSync(fd, bytes, at, Math.min(BLOCK, bytes.length - at), at);
      } catch (error) {
        if (causeOf(error) !== 'EIO') throw error;
        bytes.fill(0, at, at + BLOCK);
      }
    }
    return bytes;
  } finally {
    closeSync(fd);
  }
}

/**
 * A kernel lock without native code: Node has no flock(2), but such a lock belongs to the open file and not to who asked
 * for it, so util-linux's `flock` takes it on the descriptor it inherits and leaves. It goes with this process, however
 * that ends, so nothing stale can block. (A pid file would need guessing; an abstract socket does not tell one folder,
 * or one network namespace, from another.)
 */
function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock');
  const fd = openSync(path, 'a+', 0o600);
  const { status, error } = spawnSync('flock', ['--exclusive', '--nonblock', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', fd],
    timeout: 5_000,
  });
  if (status === 0) {
    noteHolder(fd);
    return () => closeSync(fd);
  }
  closeSync(fd);
  if (status === 1) {
    const holder = readFileSync(path, 'utf8').trim();
    throw new JournalError('locked', `another Porter (process ${holder || 'unknown'}) is using ${folder}`);
  }
  throw new JournalError('failed', `cannot lock ${folder}: flock ended with ${status ?? causeOf(error)}`);
}
