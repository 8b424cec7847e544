/**
 * Whole files under a master key: roster, settings, PINs, the badge key, the keys of photos. The name is vouched for, so that
 * one file in the place of another does not open (durability.md 9, 11).
 */
import { JournalError } from './error.ts';
import type { Master, Masters } from './masters.ts';
import { deriveKey, openBytes, sealBytes } from './seal.ts';
import type { RandomBytes } from './seal.ts';

/** Seals and opens what stands in a file. `name`: of the file, without its folder. */
export interface FileSeal {
  /** Throws what opening the keys throws. */
  seal(name: string, plain: Uint8Array): Buffer;
  /** Null: damaged, or of another file. Throws `wrong_key` where it stands under a key that is not here. */
  open(name: string, stored: Buffer): Buffer | null;
}

const MAGIC = Buffer.from('PORTERS1', 'latin1');
const ID_BYTES = 16;
const HEAD_BYTES = MAGIC.length + ID_BYTES;

/** By its first bytes. */
export const isSealedFile = (bytes: Uint8Array): boolean =>
  bytes.length >= MAGIC.length && MAGIC.equals(bytes.subarray(0, MAGIC.length));

/** What was sealed under another master key is read all the same. */
export const isUnder = (bytes: Uint8Array, { id }: Master): boolean =>
  Buffer.from(id, 'hex').equals(bytes.subarray(MAGIC.length, HEAD_BYTES));

/** `masters` is asked when the first file is read or written, and again where it threw. */
export function fileSeal(masters: () => Masters, random: RandomBytes): FileSeal {
  return {
    seal(name, plain) {
      const { newest } = masters();
      const sealed = sealBytes(random, keyOf(newest), plain, Buffer.from(name));
      return Buffer.concat([MAGIC, Buffer.from(newest.id, 'hex'), sealed]);
    },
    open(name, stored) {
      // From before anything was encrypted: it is sealed when it is written the next time.
      if (!isSealedFile(stored)) return masters().plainBefore ? stored : null;
      if (stored.length < HEAD_BYTES) return null;
      const id = stored.toString('hex', MAGIC.length, HEAD_BYTES);
      const master = masters().all.find((one) => one.id === id);
      if (master === undefined) throw new JournalError('wrong_key', `${name} is under a key that is not here`);
      return openBytes(keyOf(master), stored.subarray(HEAD_BYTES), Buffer.from(name));
    },
  };
}

const keyOf = (master: Master): Buffer => deriveKey(master.key, 'whole files');
