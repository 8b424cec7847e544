/**
 * Files that are written whole or not at all (durability.md 11): unique temporary name, sync, the last good one kept as
 * `.prev`, rename, sync of the folder. A last line with length and SHA-256 shows damage, and leaves text readable and a
 * JPEG a JPEG. Empty is damaged, not missing. Files are 0600.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { openDisk, putFile } from './disk.ts';
import { causeOf } from './error.ts';

export type WholeFile =
  | { readonly state: 'ok'; readonly bytes: Buffer }
  | { readonly state: 'missing' }
  /** The file before it; `damaged`: where the bad one was set aside, null when there was none. */
  | { readonly state: 'restored'; readonly bytes: Buffer; readonly damaged: string | null }
  | { readonly state: 'damaged'; readonly damaged: string };

/**
 * Reads a file, or the last good one before it. What is damaged is set aside, what a cut left half-written goes. For the
 * start: it holds up the loop.
 */
export function readWhole(path: string): WholeFile {
  removeLeftovers(path);
  const { bytes, damaged } = readOrSetAside(path);
  if (bytes !== null) return { state: 'ok', bytes };
  const previous = readOrSetAside(`${path}.prev`);
  if (previous.bytes !== null) return { state: 'restored', bytes: previous.bytes, damaged };
  const aside = damaged ?? previous.damaged;
  return aside === null ? { state: 'missing' } : { state: 'damaged', damaged: aside };
}

function readOrSetAside(path: string): { readonly bytes: Buffer | null; readonly damaged: string | null } {
  const stored = readIfThere(path);
  const bytes = stored === null ? null : checked(stored);
  return { bytes, damaged: stored !== null && bytes === null ? setAside(path) : null };
}

function removeLeftovers(path: string): void {
  const folder = dirname(path);
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (name.startsWith(`${basename(path)}.`) && name.endsWith('.tmp')) rmSync(join(folder, name), { force: true });
  }
}

/** Writes a file and keeps the one before it. For the start: it holds up the loop. */
export function writeWhole(path: string, bytes: Uint8Array): void {
  const disk = openDisk(dirname(path));
  const current = readIfThere(path);
  if (current !== null && checked(current) !== null) putFile(disk, `${basename(path)}.prev`, current);
  putFile(disk, basename(path), withCheck(bytes));
}

let temporaries = 0;

/**
 * The same while the daemon serves. When it fails nothing has changed. `keep` false: no copy of what was there before.
 * Two saves of one file must not overlap.
 */
export async function saveWhole(path: string, bytes: Uint8Array, { keep = true } = {}): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}-${++temporaries}.tmp`;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(withCheck(bytes));
      await file.sync();
    } finally {
      await file.close();
    }
    if (keep) await keepPrevious(path, `${temporary}.tmp`);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Null: missing or damaged. */
export async function loadWhole(path: string): Promise<Buffer | null> {
  try {
    return checked(await readFile(path));
  } catch (error) {
    if (causeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A damaged file must not take the place of the good one before it. */
async function keepPrevious(path: string, temporary: string): Promise<void> {
  if ((await loadWhole(path)) === null) return;
  await link(path, temporary);
  await rename(temporary, `${path}.prev`);
  // Renaming one name of a file to another of its names does nothing.
  await rm(temporary, { force: true });
}

const END = /\n# porter 1 (\d{10}) ([0-9a-f]{64})\n$/;
const END_LENGTH = 88;

/** With a last line that shows damage. */
export function withCheck(bytes: Uint8Array): Buffer {
  const length = String(bytes.length).padStart(10, '0');
  return Buffer.concat([bytes, Buffer.from(`\n# porter 1 ${length} ${sha256(bytes)}\n`)]);
}

/** Without that line; null: damaged. */
export function checked(stored: Buffer): Buffer | null {
  const end = Math.max(0, stored.length - END_LENGTH);
  const bytes = stored.subarray(0, end);
  const match = END.exec(stored.toString('latin1', end));
  return match !== null && Number(match[1]) === bytes.length && match[2] === sha256(bytes) ? bytes : null;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (causeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Moves a damaged file to `NAME.damaged-N` and says where. */
export function setAside(path: string): string {
  const disk = openDisk(dirname(path));
  const taken = new Set(disk.list());
  let n = 1;
  while (taken.has(`${basename(path)}.damaged-${n}`)) n += 1;
  renameSync(path, `${path}.damaged-${n}`);
  disk.syncFolder();
  return `${path}.damaged-${n}`;
}
