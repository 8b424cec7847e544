/**
 * Writes to the card's FAT that a cut at any moment survives: in place, as long as before, a sector at a time, so that neither the
 * folder nor the chain of any other file changes (the firmware boots from the same partition; image.md). A file that may not be half
 * old and half new has a plan in the data folder, by which the next start finishes it.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { openDisk } from '../journal/disk.ts';
import type { FileSeal } from '../journal/sealed-file.ts';
import { peekWhole, writeWhole } from '../journal/whole-file.ts';

/** What a card writes whole or not at all, bytes. */
export const sectorBytes = 512;

/** Each sector that differs, synced before the next. A file that is not there is made. */
export function writeInPlace(path: string, wanted: Uint8Array): void {
  const before = existsSync(path) ? readFileSync(path) : null;
  const file = openSync(path, before === null ? 'wx' : 'r+', 0o644);
  try {
    for (let at = 0; at < wanted.length; at += sectorBytes) {
      const sector = wanted.subarray(at, at + sectorBytes);
      if (before !== null && Buffer.compare(before.subarray(at, at + sector.length), sector) === 0) continue;
      writeSync(file, sector, 0, sector.length, at);
      fsyncSync(file);
    }
  } finally {
    closeSync(file);
  }
}

/** As long as the file is, spaces behind it; as long as `least` where there is none. What does not fit is cut off. */
export function textInPlace(path: string, text: string, least: number): void {
  writeInPlace(path, padded(text, existsSync(path) ? readFileSync(path).length || least : least));
}

export function padded(text: string, length: number): Buffer {
  const bytes = Buffer.alloc(length, ' ');
  bytes.write(text.replace(/\n/g, '\r\n'), 0, 'utf8');
  return bytes;
}

export interface Change {
  readonly path: string;
  readonly after: Uint8Array;
}

export const planName = 'card-plan.json';
const planSchema = v.array(v.object({ path: v.string(), before: v.string(), after: v.string() }));
type Plan = v.InferOutput<typeof planSchema>;

/** All of them, from what stands there to `after`: done, or finished at the next start. */
export function replaceByPlan(dataDir: string, changes: readonly Change[], seal: FileSeal): void {
  const plan: Plan = changes.map(({ path, after }) => ({
    path,
    before: readFileSync(path, 'base64'),
    after: Buffer.from(after).toString('base64'),
  }));
  writeWhole(join(dataDir, planName), Buffer.from(JSON.stringify(plan)), seal);
  finishPlan(dataDir, seal);
}

/** What a cut has left half done. A file that somebody has put there since is none of that, and stays as it is. */
export function finishPlan(dataDir: string, seal: FileSeal): void {
  for (const { path, before, after } of readPlan(join(dataDir, planName), seal)) {
    if (!existsSync(path)) continue;
    const wanted = Buffer.from(after, 'base64');
    if (isBetween(readFileSync(path), Buffer.from(before, 'base64'), wanted)) writeInPlace(path, wanted);
  }
  const disk = openDisk(dataDir);
  for (const name of [planName, `${planName}.prev`]) disk.remove(name);
  disk.syncFolder();
}

function readPlan(file: string, seal: FileSeal): Plan {
  const bytes = existsSync(file) ? peekWhole(file, seal) : null;
  const parsed = bytes === null ? null : v.safeParse(planSchema, JSON.parse(bytes.toString('utf8')));
  return parsed?.success === true ? parsed.output : [];
}

/** Is each sector that of before or that of after? */
export function isBetween(found: Buffer, before: Buffer, after: Buffer): boolean {
  if (found.length !== before.length && found.length !== after.length) return false;
  const sector = (bytes: Buffer, at: number): Buffer => bytes.subarray(at, Math.min(at + sectorBytes, found.length));
  for (let at = 0; at < found.length; at += sectorBytes) {
    const here = sector(found, at);
    if (!here.equals(sector(before, at)) && !here.equals(sector(after, at))) return false;
  }
  return true;
}
