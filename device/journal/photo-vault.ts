/**
 * Photos of visits: one file each, named by the visit's id and nothing else, in a folder of its own (0700). Never in a
 * backup, and neither are their keys, which lie in the same folder. When they are destroyed is up to the caller
 * (durability.md 13, 15).
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { causeOf } from './error.ts';
import type { Masters } from './masters.ts';
import { PhotoKeys } from './photo-keys.ts';
import { openBytes, sealBytes } from './seal.ts';
import type { RandomBytes } from './seal.ts';
import { loadWhole, saveWhole, syncFolder } from './whole-file.ts';

/** Bytes of one photo. */
export const PHOTO_BYTES = 2 * 1024 * 1024;

export interface PhotoVault {
  /**
   * Resolves when it is on the disk; takes the place of an earlier one. `day`: of the visit, as far as the clock knows. Rejects
   * with RangeError over 2 MiB.
   */
  put(visit: string, jpeg: Uint8Array, day: string): Promise<void>;
  /** Null: none, a damaged one, or one whose key was destroyed. */
  get(visit: string): Promise<Uint8Array | null>;
  /** Its key, and whatever there is of it, half-written files too. Resolves when that is on the disk. */
  destroy(visit: string): Promise<void>;
  /** The visits of which there is anything, even a half-written photo. */
  list(): Promise<readonly string[]>;
}

export interface OpenedVault extends PhotoVault {
  /** Neither copy of the photos' keys is good, and there are photos: those of before cannot be seen again. For the start. */
  keysLost(): Promise<boolean>;
  /** A person knows that. */
  lossSeen(): Promise<void>;
}

/** Visit ids become file names: nothing else does. */
const VISIT = /^[A-Za-z0-9_-]{1,64}$/;

export function openPhotoVault(
  folder: string,
  { masters, random }: { readonly masters: Masters; readonly random: RandomBytes },
): OpenedVault {
  const keys = new PhotoKeys(folder, masters, random);
  const pathOf = (visit: string): string => {
    if (!VISIT.test(visit)) throw new RangeError('not a visit id');
    return join(folder, `${visit}.jpg`);
  };
  const names = async (): Promise<readonly string[]> => {
    try {
      return await readdir(folder);
    } catch (error) {
      if (causeOf(error) === 'ENOENT') return [];
      throw error;
    }
  };
  return {
    async put(visit, jpeg, day) {
      if (jpeg.length > PHOTO_BYTES) throw new RangeError('the photo is too large');
      const path = pathOf(visit);
      const key = await keys.keyFor(visit, day);
      await saveWhole(path, sealBytes(random, key, jpeg, aboutPhoto(visit)), { keep: false });
    },
    async get(visit) {
      if (!VISIT.test(visit)) return null;
      const stored = await loadWhole(pathOf(visit));
      if (stored === null) return null;
      const key = await keys.keyOf(visit);
      if (key !== null) return openBytes(key, stored, aboutPhoto(visit));
      return masters.plainBefore && isJpeg(stored) ? stored : null;
    },
    async destroy(visit) {
      if (!VISIT.test(visit)) return;
      await keys.destroy(visit);
      const ours = (await names()).filter((name) => name.startsWith(`${visit}.`));
      for (const name of ours) await rm(join(folder, name), { force: true });
      if (ours.length > 0) await syncFolder(folder);
    },
    async keysLost() {
      const there = await names();
      const hasPhotos = there.some((name) => name.endsWith('.jpg'));
      const hasKeys = there.some((name) => name.startsWith('.keys.'));
      if (hasPhotos && !hasKeys && !masters.plainBefore) await keys.noteLoss();
      return keys.areLost();
    },
    lossSeen: () => keys.acknowledgeLoss(),
    async list() {
      const visits = (await names()).map((name) => name.slice(0, name.indexOf('.')));
      return [...new Set([...visits, ...(await keys.visits())])].filter((visit) => VISIT.test(visit));
    },
  };
}

const aboutPhoto = (visit: string): Buffer => Buffer.from(`photo ${visit}`);
/** Of before photos were encrypted. */
const isJpeg = (bytes: Buffer): boolean => bytes[0] === 0xff && bytes[1] === 0xd8;
