/**
 * Why Porter cannot keep records. Found at start it does not end the process: the box stays up, takes nobody and says what to
 * do (`out-of-service.ts`, durability.md 28).
 */
import { JournalError, causeOf } from './error.ts';

export type Trouble =
  /** Full, the reserve used up. */
  | { readonly kind: 'no-room' }
  | { readonly kind: 'read-only' }
  /** The card, or whatever lies under the data folder. `code`: what the file system said, such as `EIO`. */
  | { readonly kind: 'failing'; readonly code: string }
  /** Written by a later version. */
  | { readonly kind: 'newer' }
  | { readonly kind: 'key-missing' }
  /** Also when the records are from another box, or were altered (durability.md 9). */
  | { readonly kind: 'key-wrong' }
  /** The process ended so often that nothing is opened for a while. */
  | { readonly kind: 'restarts' };

/** Thrown where a trouble is found that no file-system error tells. */
export class TroubleError extends Error {
  readonly trouble: Trouble;
  constructor(trouble: Trouble) {
    super(`no records can be kept: ${trouble.kind}`);
    this.name = 'TroubleError';
    this.trouble = trouble;
  }
}

/** Null: a bug, or a mistake of whoever started it (another Porter uses the folder). */
export function troubleOf(error: unknown): Trouble | null {
  if (error instanceof TroubleError) return error.trouble;
  if (error instanceof JournalError) {
    if (error.code === 'newer') return { kind: 'newer' };
    if (error.code === 'key_missing') return { kind: 'key-missing' };
    if (error.code === 'wrong_key' || error.code === 'forged') return { kind: 'key-wrong' };
    if (error.code !== 'refused' && error.code !== 'failed') return null;
    return { ...(troubles[error.errno ?? ''] ?? { kind: 'failing', code: error.errno ?? 'no answer' }) };
  }
  return troubles[causeOf(error)] ?? null;
}

/**
 * A write that the card did not take, or a journal that is closing: never a bug. Whoever asked is refused, the state of the
 * storage tells, and the process goes on (durability.md 6).
 */
export function isStorageTrouble(error: unknown): boolean {
  if (error instanceof JournalError && (error.code === 'busy' || error.code === 'closed')) return true;
  return troubleOf(error) !== null;
}

const failing = (code: string): Trouble => ({ kind: 'failing', code });
/** `man 3 errno`; EUCLEAN and EBADMSG: ext4 found its own structure damaged. */
const troubles: Readonly<Record<string, Trouble>> = {
  ENOSPC: { kind: 'no-room' },
  EDQUOT: { kind: 'no-room' },
  EROFS: { kind: 'read-only' },
  ...Object.fromEntries(['EIO', 'EUCLEAN', 'EBADMSG', 'ENODEV', 'ENXIO'].map((code) => [code, failing(code)])),
};
