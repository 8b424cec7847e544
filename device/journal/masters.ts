/** The master keys of a data folder: everything in it is sealed under one of them, or under a key that one of them seals. */
import { deriveKey } from './seal.ts';

export interface Master {
  /** 32 hex digits, derived from the key: what stands under another key is told apart from what was tampered with. */
  readonly id: string;
  readonly key: Uint8Array;
}

export interface Masters {
  /** Seals what is written from now on. */
  readonly newest: Master;
  /** All that anything may stand under; rotation adds one and keeps the others. */
  readonly all: readonly Master[];
  /**
   * Is there data from before anything was encrypted? Only then is plain data read: nobody shall slip in a file by leaving
   * out the encryption.
   */
  readonly plainBefore: boolean;
}

export const asMaster = (key: Uint8Array): Master => ({
  id: deriveKey(key, 'key id').toString('hex', 0, 16),
  key,
});

/** `keys` newest last, at least one. */
export function mastersOf(keys: readonly Uint8Array[], plainBefore = false): Masters {
  const all = keys.map(asMaster);
  const newest = all.at(-1);
  if (newest === undefined) throw new RangeError('a data folder has at least one master key');
  return { newest, all, plainBefore };
}
