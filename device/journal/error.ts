/**
 * What the journal cannot do, by code:
 * `refused`: no room; nothing of it is stored, a later commit may work. `failed`: nobody knows what is on the disk, the
 * caller ends the process. `busy`: too many records wait. `too_large`: see the bounds in `frame.ts`. `closed`: after
 * `close()`. `locked`: another process uses the folder. `newer`: written by a later version; nothing was touched.
 * `key_missing`, `wrong_key`: what is there needs a key that is not, or another one; `forged`: not written with its key. By
 * these three nothing was touched either.
 */
export type JournalErrorCode =
  'refused' | 'failed' | 'busy' | 'too_large' | 'closed' | 'locked' | 'newer' | 'key_missing' | 'wrong_key' | 'forged';

export class JournalError extends Error {
  readonly code: JournalErrorCode;
  /** What the file system said, such as `EROFS`; null: it was not asked, or had no part in it. */
  readonly errno: string | null;
  constructor(code: JournalErrorCode, message: string, errno: string | null = null) {
    super(message);
    this.name = 'JournalError';
    this.code = code;
    this.errno = errno;
  }
}

/** The code of a file-system error such as `ENOSPC`, or its name. Never its text, which holds paths. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
