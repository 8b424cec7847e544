/**
 * Puts a backup in the place of a data folder: all of it, or the folder that was there stays in force. The restored folder gets a
 * journal of its own (durability.md 1), and whoever has been erased since the backup was made stays erased.
 */
import { createReadStream, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { chown, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { JournalError } from '../journal/error.ts';
import { syncFolder } from '../journal/whole-file.ts';
import { readBackup } from './backup.ts';
import type { BackupHead } from './backup.ts';

export interface Restore {
  readonly file: string;
  readonly folder: string;
  readonly password: string;
  /** May what is in the folder now be put aside? */
  readonly replace: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
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

/** In the restored folder: keys that the next start destroys again (`read-in.ts`). */
export const erasedName = 'erased-before-restore.json';

/** Rejects with `JournalError`; then nothing was changed. */
export async function restore(given: Restore): Promise<Restored> {
  const { file, folder, password, replace, now } = given;
  finishRestore(folder);
  const isUsed = existsSync(folder) && readdirSync(folder).length > 0;
  if (isUsed && !replace) {
    throw new JournalError('refused', `${folder} is not empty: name another folder, or say --replace`);
  }
  const making = `${folder}.restoring`;
  rmSync(making, { recursive: true, force: true });
  try {
    const { head, files } = await unpack(file, password, making);
    if (Date.parse(head.until) < now) {
      throw new JournalError(
        'refused',
        `this backup was to be kept until ${head.until.slice(0, 10)}: it is not restored`,
      );
    }
    const erased = isUsed ? await given.erased() : [];
    await write(join(making, erasedName), [Buffer.from(JSON.stringify(erased ?? []))]);
    await settle(making, existsSync(folder) ? folder : dirname(folder));
    const aside = swap(folder, making, isUsed);
    await syncFolder(dirname(folder));
    return { head, files, aside, knowsErased: erased !== null };
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/**
 * After a power cut or a kill in the middle of one: the folder that is whole goes where it belongs. What a person must hear, in a
 * sentence; null: no restore was cut off.
 */
export function finishRestore(folder: string): string | null {
  const ready = `${folder}.restored`;
  if (!existsSync(folder) && existsSync(ready)) {
    renameSync(ready, folder);
    return `A restore was cut off and is done now: the restored records are in force. Those of before are in ${folder}.before-1, or a later number.`;
  }
  const rest = [`${folder}.restoring`, ready].find((path) => existsSync(path));
  if (rest === undefined) return null;
  return `A restore was not finished: what was here before it is in force. Restore once more, or remove ${rest}, which is left of it.`;
}

async function unpack(file: string, password: string, making: string) {
  await mkdir(making, { recursive: true, mode: 0o700 });
  return readBackup(createReadStream(file), password, async (path, bytes) => {
    await mkdir(dirname(join(making, path)), { recursive: true, mode: 0o700 });
    await write(join(making, path), bytes);
  });
}

async function write(path: string, bytes: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    for await (const piece of bytes) await handle.writeFile(piece);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** On the disk, and whose the folder was: restored by root, run as another user. */
async function settle(making: string, like: string): Promise<void> {
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
