/** What the kernel tells about the card under the data folder. Reads only, and never through the journal's thread. */
import { access, constants, readFile, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

export interface Room {
  /** What Porter may still write. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly readOnly: boolean;
}

export interface StorageReading {
  /** Null: the card does not even answer this. */
  readonly room: Room | null;
  /** What ext4 has found wrong with itself since it was last checked; null: another file system. Times in ms since the epoch. */
  readonly fileSystemErrors: {
    readonly count: number;
    readonly first: number | null;
    readonly last: number | null;
  } | null;
  /** eMMC only; null: the device tells nothing, as SD cards. */
  readonly wear: Wear | null;
  /** Bytes that this process has had written to disks since it started; null: the kernel does not count. */
  readonly writtenBytes: number | null;
  /** What the self-check has found wrong with the machine (systemd/self-check.sh), in sentences for staff. */
  readonly concerns: readonly string[];
}
export interface Wear {
  /** Of its life, in percent, at most: 10 to 100; 110: beyond. The worse of its two kinds of memory. Null: it does not say. */
  readonly usedPercent: number | null;
  /** Reserved blocks: `warning` 80 % used up, `urgent` 90 %. */
  readonly spareBlocks: 'normal' | 'warning' | 'urgent' | 'unknown';
}

export interface Storage {
  /** Cheap: a few files of the kernel's. Never rejects. */
  read(): Promise<StorageReading>;
}

/** More is not shown. */
const concernsMax = 10;

/** The folder's file system. `root`: where the kernel's own files are, and what the self-check writes. */
export function machineStorage(folder: string, root = '/'): Storage {
  return {
    read: async () => {
      const device = await deviceOf(folder);
      const block = join(root, 'sys/dev/block', device ?? 'none');
      return {
        room: await roomIn(folder).catch(() => null),
        fileSystemErrors: await ext4Errors(root, block),
        wear: await wearOf(block),
        writtenBytes: numberIn(await text(join(root, 'proc/self/io')), /^write_bytes: (\d+)$/m),
        concerns: ((await text(join(root, 'run/porter-box/concerns'))) ?? '')
          .split('\n')
          .filter((line) => line !== '')
          .slice(0, concernsMax),
      };
    },
  };
}

/** Rejects with the file system's error when the card does not even answer this. */
export async function roomIn(folder: string): Promise<Room> {
  const { bavail, blocks, bsize, ffree, files } = await statfs(folder);
  // A file system without room for another name is as full as one without blocks; some (btrfs) count no names at all.
  const noNames = files > 0 && ffree === 0;
  return {
    freeBytes: noNames ? 0 : bavail * bsize,
    totalBytes: blocks * bsize,
    readOnly: await isReadOnly(folder),
  };
}

async function isReadOnly(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EROFS';
  }
}

/** `179:2`, as the kernel numbers its block devices. */
async function deviceOf(folder: string): Promise<string | null> {
  const dev = await stat(folder).then(
    (found) => found.dev,
    () => null,
  );
  if (dev === null) return null;
  // The C library's packing (`man 3 makedev`), as far as 32 bits go.
  return `${String((dev >>> 8) & 0xfff)}:${String((dev & 0xff) | ((dev >>> 12) & 0xfff00))}`;
}

async function ext4Errors(root: string, block: string): Promise<StorageReading['fileSystemErrors']> {
  const name = /^DEVNAME=(\S+)$/m.exec((await text(join(block, 'uevent'))) ?? '')?.[1];
  if (name === undefined) return null;
  const read = async (file: string): Promise<number | null> =>
    numberIn(await text(join(root, 'sys/fs/ext4', name, file)), /^(\d+)/);
  const count = await read('errors_count');
  if (count === null) return null;
  const time = async (file: string): Promise<number | null> => {
    const seconds = await read(file);
    return seconds === null || seconds === 0 ? null : seconds * 1000;
  };
  return { count, first: await time('first_error_time'), last: await time('last_error_time') };
}

const spare = ['unknown', 'normal', 'warning', 'urgent'] as const;

/** JEDEC's figures as the kernel shows them: two steps of ten percent, and one of three. The disk lies above its partitions. */
async function wearOf(block: string): Promise<Wear | null> {
  for (const device of [join(block, 'device'), join(block, '..', 'device')]) {
    const steps = [...((await text(join(device, 'life_time'))) ?? '').matchAll(/0x[\da-f]+/gi)].map(Number);
    const usedPercent = Math.max(0, ...steps) * 10;
    const spareBlocks = spare[Number((await text(join(device, 'pre_eol_info'))) ?? 0)] ?? 'unknown';
    if (usedPercent > 0) return { usedPercent, spareBlocks };
    if (spareBlocks !== 'unknown') return { usedPercent: null, spareBlocks };
  }
  return null;
}

const text = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null);

function numberIn(content: string | null, pattern: RegExp): number | null {
  const [, digits] = pattern.exec(content ?? '') ?? [];
  return digits === undefined ? null : Number(digits);
}
