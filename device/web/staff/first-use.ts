/** The code with which the first administrator is made: shown at the box, of this start only. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Random } from '../../system/ports.ts';

/** No letter that looks like a digit (Crockford). */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Of five bits each: 60 are not guessed in the time of one start, at the pace that guesses are taken. */
const letters = 12;

/** `7K2M-9QXD-C4TB` */
export function newFirstUseCode(random: Random): string {
  const code = [...random.bytes(letters)].map((byte) => alphabet[byte & 31] ?? '').join('');
  return code.replace(/.{4}(?=.)/g, '$&-');
}

export function isFirstUseCode(typed: string, code: string): boolean {
  const plain = typed
    .toUpperCase()
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1')
    .replace(/[^\dA-Z]/g, '');
  return timingSafeEqual(digest(plain), digest(code.replaceAll('-', '')));
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
