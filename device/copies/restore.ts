/**
 * Puts a backup in the place of a data folder: all of it, or the folder that was there stays in force. The restored folder gets a
 * journal of its own (durability.md 1), and whoever has been erased since the backup was made stays erased.
 */
import { createReadStream, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { chown, mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { JournalError } from '../journal/error.ts';
import { syncFolder } from '../journal/whole-file.ts';
import { readBackup } from './backup.ts';
import type { BackupHead } from './backup.ts';
import type { Bytes } from './envelope.ts';
import { noteName, putInForce } from './swap.ts';
import type { RestoreNote } from './swap.ts';

export interface Restore {
  readonly file: string;
  readonly folder: string;
  readonly password: string;
  /** May what is in the folder now be put aside? */
  readonly replace: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Who asks for it. */
  readonly by: string;
  /** Ids of the keys of whoever has been erased, as the folder knows; null: it cannot be read. */
  readonly erased: () => Promise<readonly string[] | null>;
}
export interface Restored {
  readonly head: BackupHead;
  readonly files: number;
  /** Where the folder is that was there before; null: there was none. */
  readonly aside: string | null;
  /** Can it be told who has been erased since the backup was made? */
  readonly knowsErased: boolean;
}

/** What a pupil's record may have to wait behind, bytes. */
const unsyncedMax = 1024 * 1024;

/** In the restored folder: keys that the next start destroys again (`read-in.ts`). */
export const erasedName = 'erased-before-restore.json';

/** Rejects with `JournalError`; then nothing was changed. */
export async function restore(given: Restore): Promise<Restored> {
  const { file, folder, password, replace, now, by } = given;
  finishRestore(folder);
  const isUsed = existsSync(folder) && readdirSync(folder).length > 0;
  if (isUsed && !replace) {
    throw new JournalError('refused', `${folder} is not empty: name another folder, or say --replace`);
  }
  const making = `${folder}.restoring`;
  rmSync(making, { recursive: true, force: true });
  try {
    const { head, files } = await unpack(createReadStream(file), password, making, now);
    const erased = isUsed ? await given.erased() : [];
    await finish(making, noteOf(head, by, now), erased ?? []);
    await settle(making, existsSync(folder) ? folder : dirname(folder));
    const aside = swap(folder, making, isUsed);
    await syncFolder(dirname(folder));
    return { head, files, aside, knowsErased: erased !== null };
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/**
 * Before a process opens the folder: what the staff page has restored goes in force; after a power cut or a kill in the middle of a
 * restore by the command, the folder that is whole goes where it belongs. What a person must hear of that, in a sentence; null: nothing.
 * Throws what the file system says, and `TroubleError`; then nothing may be opened.
 */
export function finishRestore(folder: string): string | null {
  if (existsSync(folder)) putInForce(folder);
  const ready = `${folder}.restored`;
  if (!existsSync(folder) && existsSync(ready)) {
    renameSync(ready, folder);
    return `A restore was cut off and is done now: the restored records are in force. Those of before are in ${folder}.before-1, or a later number.`;
  }
  const rest = [`${folder}.restoring`, ready].find((path) => existsSync(path));
  if (rest === undefined) return null;
  return `A restore was not finished: what was here before it is in force. Restore once more, or remove ${rest}, which is left of it.`;
}

/** The files of a backup that may still be kept, into a new folder. `now`: milliseconds since the epoch. Rejects with `JournalError`. */
export async function unpack(bytes: Bytes, password: string, making: string, now: number) {
  await mkdir(making, { recursive: true, mode: 0o700 });
  const unpacked = await readBackup(bytes, password, async (path, file) => {
    await mkdir(dirname(join(making, path)), { recursive: true, mode: 0o700 });
    await write(join(making, path), file);
  });
  const { until } = unpacked.head;
  if (Date.parse(until) < now)
    throw new JournalError('refused', `this backup was to be kept until ${until.slice(0, 10)}: it is not restored`);
  return unpacked;
}

export const noteOf = ({ box, school, made }: BackupHead, by: string, at: number): RestoreNote => ({
  ...{ at, by, box, school },
  made: Date.parse(made),
});

/** What the restored records do not know: who restored them, and who has been erased meanwhile. */
export async function finish(making: string, note: RestoreNote, erased: readonly string[]): Promise<void> {
  for (const [name, what] of [
    [noteName, note],
    [erasedName, erased],
  ] as const) {
    await rm(join(making, name), { force: true });
    await write(join(making, name), [Buffer.from(JSON.stringify(what))]);
  }
}

async function write(path: string, bytes: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    let unsynced = 0;
    for await (const piece of bytes) {
      await handle.writeFile(piece);
      unsynced += piece.length;
      if (unsynced < unsyncedMax) continue;
      await handle.datasync();
      unsynced = 0;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** On the disk, and whose the folder was: restored by root, run as another user. */
export async function settle(making: string, like: string): Promise<void> {
  const { uid, gid } = statSync(like);
  const all = readdirSync(making, { recursive: true, withFileTypes: true });
  const isRoot = process.getuid?.() === 0;
  for (const entry of all) {
    const path = join(entry.parentPath, entry.name);
    if (isRoot) await chown(path, uid, gid);
    if (entry.isDirectory()) await syncFolder(path);
  }
  if (isRoot) await chown(making, uid, gid);
  await syncFolder(making);
}

/** At every instant one of the two is there, or `finishRestore` puts it there. Where the one before is now. */
function swap(folder: string, making: string, isUsed: boolean): string | null {
  const ready = `${folder}.restored`;
  rmSync(ready, { recursive: true, force: true });
  renameSync(making, ready);
  let aside: string | null = null;
  if (isUsed) {
    for (let n = 1; aside === null; n += 1) if (!existsSync(`${folder}.before-${n}`)) aside = `${folder}.before-${n}`;
    renameSync(folder, aside);
  } else rmSync(folder, { recursive: true, force: true });
  renameSync(ready, folder);
  return aside;
}
