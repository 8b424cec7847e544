/** What the kernel tells about the card under the data folder. */
import { access, constants, statfs } from 'node:fs/promises';

export interface Room {
  /** What Porter may still write. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly readOnly: boolean;
}

/** Cheap. Rejects with the file system's error when the card does not even answer this. */
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
