/** The one folder where a photo may lie, for as long as it takes to read it: ours alone, in memory where there is such a place. */
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { CameraProblem } from './port.ts';

/** TMPFS_MAGIC of the kernel. */
const tmpfs = 0x01021994;

/** Tells boxes on one machine apart. */
export const scratchName = (fallback: string): string =>
  `porter-camera-${createHash('sha256').update(fallback).digest('hex').slice(0, 16)}`;

/** `fallback`, in the data folder, is used where nothing is in memory: what was removed from a card can still be read there. */
export async function scratchFolder(fallback: string, memory = '/dev/shm'): Promise<string> {
  const inMemory = await statfs(memory).then(
    ({ type }) => type === tmpfs,
    () => false,
  );
  const folder = inMemory ? join(memory, scratchName(fallback)) : fallback;
  await mkdir(folder, { mode: 0o700, recursive: !inMemory }).catch(() => undefined); // there already, or told below
  const found = await lstat(folder).catch(() => null);
  // Anybody may put something of that name into a place that all may write to.
  if (found?.isDirectory() !== true || found.uid !== process.getuid?.()) {
    throw new CameraProblem(`The folder for photos ${folder} cannot be made, or is somebody else's`);
  }
  await chmod(folder, 0o700);
  await empty(folder);
  return folder;
}

export async function empty(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
}
