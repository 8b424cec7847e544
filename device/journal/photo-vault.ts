/**
 * Photos of visits: one file each, named by the visit's id and nothing else, in a folder of its own (0700). Never in a
 * backup. When they are destroyed is up to the caller (durability.md 13, 15).
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { causeOf } from './error.ts';
import { loadWhole, saveWhole, syncFolder } from './whole-file.ts';

/** Bytes of one photo. */
export const PHOTO_BYTES = 2 * 1024 * 1024;

export interface PhotoVault {
  /** Resolves when it is on the disk; takes the place of an earlier one. Rejects with RangeError over 2 MiB. */
  put(visit: string, jpeg: Uint8Array): Promise<void>;
  /** Null: none, or a damaged one. */
  get(visit: string): Promise<Uint8Array | null>;
  /** Whatever there is of it, half-written files too. Resolves when that is on the disk. */
  destroy(visit: string): Promise<void>;
  /** The visits of which there is anything, even a half-written photo. */
  list(): Promise<readonly string[]>;
}

/** Visit ids become file names: nothing else does. */
const VISIT = /^[A-Za-z0-9_-]{1,64}$/;

export function openPhotoVault(folder: string): PhotoVault {
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
    async put(visit, jpeg) {
      if (jpeg.length > PHOTO_BYTES) throw new RangeError('the photo is too large');
      await saveWhole(pathOf(visit), jpeg, { keep: false });
    },
    get: async (visit) => (VISIT.test(visit) ? loadWhole(pathOf(visit)) : null),
    async destroy(visit) {
      if (!VISIT.test(visit)) return;
      const ours = (await names()).filter((name) => name.startsWith(`${visit}.`));
      for (const name of ours) await rm(join(folder, name), { force: true });
      if (ours.length > 0) await syncFolder(folder);
    },
    async list() {
      const visits = (await names()).map((name) => name.slice(0, name.indexOf('.')));
      return [...new Set(visits)].filter((visit) => VISIT.test(visit));
    },
  };
}
