/**
 * Files that are written whole or not at all (durability.md 11): unique temporary name, sync, the last good one kept as
 * `.prev`, rename, sync of the folder. A last line with length and SHA-256 shows damage. Empty is damaged, not missing. Files
 * are 0600. What names a person or is a secret is sealed within (`sealed-file.ts`).
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { openDisk, putFile } from './disk.ts';
import { causeOf } from './error.ts';
import { isSealedFile } from './sealed-file.ts';
import type { FileSeal } from './sealed-file.ts';

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
export function readWhole(path: string, seal?: FileSeal): WholeFile {
  removeLeftovers(path);
  const { bytes, damaged } = readOrSetAside(path, basename(path), seal);
  if (bytes !== null) return { state: 'ok', bytes };
  const previous = readOrSetAside(`${path}.prev`, basename(path), seal);
  if (previous.bytes !== null) return { state: 'restored', bytes: previous.bytes, damaged };
  const aside = damaged ?? previous.damaged;
  return aside === null ? { state: 'missing' } : { state: 'damaged', damaged: aside };
}

function readOrSetAside(
  path: string,
  name: string,
  seal: FileSeal | undefined,
): { readonly bytes: Buffer | null; readonly damaged: string | null } {
  const stored = readIfThere(path);
  const bytes = stored === null ? null : opened(stored, name, seal);
  return { bytes, damaged: stored !== null && bytes === null ? setAside(path) : null };
}

/** Null: damaged, or of another file. Throws `wrong_key`, and what opening the keys throws. */
function opened(stored: Buffer, name: string, seal: FileSeal | undefined): Buffer | null {
  const bytes = checked(stored);
  return bytes === null || seal === undefined ? bytes : seal.open(name, bytes);
}

/** The same for whoever may change nothing: nothing is set aside. Null: neither the file nor the one before it is good. */
export function peekWhole(path: string, seal?: FileSeal): Buffer | null {
  for (const one of [path, `${path}.prev`]) {
    const stored = readIfThere(one);
    const bytes = stored === null ? null : opened(stored, basename(path), seal);
    if (bytes !== null) return bytes;
  }
  return null;
}

function removeLeftovers(path: string): void {
  const folder = dirname(path);
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (name.startsWith(`${basename(path)}.`) && name.endsWith('.tmp')) rmSync(join(folder, name), { force: true });
  }
}

/** Writes a file and keeps the one before it. For the start: it holds up the loop. */
export function writeWhole(path: string, bytes: Uint8Array, seal?: FileSeal): void {
  const disk = openDisk(dirname(path));
  const name = basename(path);
  const stored = withCheck(seal?.seal(name, bytes) ?? bytes);
  const current = readIfThere(path);
  if (current !== null && isToBeKept(current, seal)) putFile(disk, `${name}.prev`, current);
  else if (current !== null && checked(current) !== null) disk.remove(`${name}.prev`);
  putFile(disk, name, stored);
}

/** A damaged file must not take the place of the good one before it, and no plain copy stays of what is sealed now. */
const isToBeKept = (current: Buffer, seal: FileSeal | undefined): boolean =>
  checked(current) !== null && (seal === undefined || isSealedFile(current));

/** Seals what was written before anything was. Nothing happens where there is nothing plain; throws what the disk throws. */
export function sealNow(path: string, seal: FileSeal): void {
  const current = readIfThere(path);
  const plain = current === null ? null : checked(current);
  if (plain !== null && !isSealedFile(plain) && seal.open(basename(path), plain) !== null)
    writeWhole(path, plain, seal);
}

let temporaries = 0;

/**
 * The same while the daemon serves. When it fails nothing has changed. `keep` false: no copy of what was there before.
 * Two saves of one file must not overlap.
 */
export async function saveWhole(
  path: string,
  bytes: Uint8Array,
  { keep = true, seal }: { readonly keep?: boolean; readonly seal?: FileSeal | undefined } = {},
): Promise<void> {
  const stored = withCheck(seal?.seal(basename(path), bytes) ?? bytes);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}-${++temporaries}.tmp`;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(stored);
      await file.sync();
    } finally {
      await file.close();
    }
    if (keep) await keepPrevious(path, `${temporary}.tmp`, seal);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Null: missing, damaged, or of another file. Rejects with `wrong_key`. */
export async function loadWhole(path: string, seal?: FileSeal): Promise<Buffer | null> {
  const stored = await loadIfThere(path);
  return stored === null ? null : opened(stored, basename(path), seal);
}

async function loadIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (causeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Also when there is none. Resolves when it is not on the disk any more. */
export async function removeWhole(path: string): Promise<void> {
  await rm(path, { force: true });
  if (existsSync(dirname(path))) await syncFolder(dirname(path));
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function keepPrevious(path: string, temporary: string, seal: FileSeal | undefined): Promise<void> {
  const current = await loadIfThere(path);
  if (current === null || checked(current) === null) return;
  if (!isToBeKept(current, seal)) return rm(`${path}.prev`, { force: true });
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
