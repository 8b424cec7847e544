/** An administrator who has lost the password is made anew by who holds the card (product.md 8). Part of `main.ts`. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where a box looks for its technician file, also when there is none. */
const cardOfBox = '/config';
/** Beside the technician file. Windows likes to add an ending. */
const names = ['reset-administrator', 'reset-administrator.txt'];

/**
 * Which reset lies there: it opens first use once, so the file may stay on a partition that the box cannot write. Written anew, it
 * is another. Null: none.
 */
export function resetOn(configPath: string | null, card = cardOfBox): string | null {
  for (const name of names) {
    const at = statSync(join(configPath === null ? card : dirname(configPath), name), { throwIfNoEntry: false });
    if (at?.isFile() === true)
      return createHash('sha256')
        .update(`${name} ${String(at.mtimeMs)}`)
        .digest('hex')
        .slice(0, 16);
  }
  return null;
}
