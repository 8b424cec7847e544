/**
 * A restored folder in the place of the one that is there, where only what is inside the data folder may be written (a box): what the
 * staff page has restored waits in `restore/ready`, and the next start, before it opens anything, moves the old to
 * `restore/before-WHEN` and the new to its place. Wherever it is cut off, the next start goes on; so in the end all is new.
 */
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
} from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { openDisk } from '../journal/disk.ts';
import { causeOf } from '../journal/error.ts';
import { TroubleError, troubleOf } from '../journal/trouble.ts';
import { syncFolder } from '../journal/whole-file.ts';

/** In the data folder. */
export const roomName = 'restore';
/** Being unpacked: of no use to any later start. */
export const makingIn = (folder: string): string => join(folder, roomName, 'making');
/** Whole, and on the disk: from now on the next start takes it. */
export const readyIn = (folder: string): string => join(folder, roomName, 'ready');
/** The old has gone: what is at the top of the data folder is of this. */
const comingIn = (folder: string): string => join(folder, roomName, 'coming');
const asideName = /^before-(\d{1,15})$/;

/** In a restored folder, until it is told in its records. */
export const noteName = 'restored.json';
const noteSchema = v.object({
  /** When it was asked for, and when the backup was made: milliseconds since the epoch. */
  at: v.pipe(v.number(), v.integer(), v.minValue(0)),
  made: v.number(),
  /** Who asked for it. */
  by: v.string(),
  /** As the backup says. */
  box: v.string(),
  school: v.string(),
});
export type RestoreNote = v.InferOutput<typeof noteSchema>;

/** Null: nothing is to be told. */
export function noteIn(folder: string): RestoreNote | null {
  try {
    return v.parse(noteSchema, JSON.parse(readFileSync(join(folder, noteName), 'utf8')));
  } catch {
    return null; // there is none, or none that says anything
  }
}

/** At the start of a process that will open the folder. Throws `TroubleError`; then nothing may be opened. */
export function putInForce(folder: string): void {
  try {
    goOn(folder);
  } catch (error) {
    throw new TroubleError(troubleOf(error) ?? { kind: 'failing', code: causeOf(error) });
  }
}

function goOn(folder: string): void {
  const room = join(folder, roomName);
  if (!existsSync(room)) return;
  rmSync(makingIn(folder), { recursive: true, force: true });
  const [ready, coming] = [readyIn(folder), comingIn(folder)];
  if (existsSync(ready)) {
    const aside = join(room, `before-${String(noteIn(ready)?.at ?? 0)}`);
    makeLike(aside, folder);
    putAside(folder, aside);
    renameSync(ready, coming);
    syncNow(room);
  }
  if (!existsSync(coming)) return;
  for (const name of readdirSync(coming)) renameSync(join(coming, name), join(folder, name));
  syncNow(folder);
  rmdirSync(coming);
  syncNow(room);
}

/** Photos are in no backup and are not to outlive their day: nobody could see them again. */
function putAside(folder: string, aside: string): void {
  for (const { name } of entriesOf(folder)) {
    if (name === 'photos') rmSync(join(folder, name), { recursive: true });
    else if (name !== roomName) renameSync(join(folder, name), join(aside, name));
  }
  syncNow(aside);
  syncNow(folder);
}

/** Files and folders; a control socket is of whoever listens there. */
const entriesOf = (folder: string) =>
  readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() || entry.isDirectory());

/** First boot, which may be the first to go on, is root; the daemon is to remove it one day. */
function makeLike(path: string, like: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const { uid, gid } = statSync(like);
  if (process.getuid?.() === 0) chownSync(path, uid, gid);
}

const syncNow = (folder: string): void => {
  openDisk(folder).syncFolder();
};

/** What was there before a restore: in no backup, never read. */
export interface Aside {
  readonly name: string;
  /** When that restore was asked for, milliseconds since the epoch. */
  readonly at: number;
}

export function asideIn(folder: string): readonly Aside[] {
  const room = join(folder, roomName);
  return (existsSync(room) ? readdirSync(room) : []).flatMap((name) => {
    const [, at] = asideName.exec(name) ?? [];
    return at === undefined ? [] : [{ name, at: Number(at) }];
  });
}

export async function destroyAside(folder: string, which: readonly Aside[] = asideIn(folder)): Promise<void> {
  if (which.length === 0) return;
  const room = join(folder, roomName);
  for (const { name } of which) await rm(join(room, name), { recursive: true, force: true });
  await syncFolder(room);
}

export async function sizeOf(folder: string, { name }: Aside): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(join(folder, roomName, name), { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await lstat(join(entry.parentPath, entry.name))).size;
  return bytes;
}
