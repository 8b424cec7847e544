/** Keys as they are written down: the host key as the text of a file, the recovery key as a person reads it out. */
import { createHash } from 'node:crypto';
import { JournalError } from './error.ts';

const HOST = /^porter-key-1 ([0-9a-f]{64}) ([0-9a-f]{8})\s*$/;

/** One line: what it is, the key, and the start of its SHA-256, so that a mistyped file is told from another key. */
export function hostKeyText(key: Uint8Array): string {
  const hex = Buffer.from(key).toString('hex');
  return `porter-key-1 ${hex} ${sumOf(hex)}\n`;
}

/** Throws `wrong_key` for what is no such text. */
export function readHostKey(text: string): Buffer {
  const [, hex, sum] = HOST.exec(text) ?? [];
  if (hex === undefined || sum !== sumOf(hex))
    throw new JournalError('wrong_key', 'the key file holds no key of Porter');
  return Buffer.from(hex, 'hex');
}

const sumOf = (hex: string): string => createHash('sha256').update(hex).digest('hex').slice(0, 8);

/** Crockford's 32: without I, L, O and U, which are misread. */
const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export const RECOVERY_BYTES = 16;
/** 26 symbols hold 128 bits, two more are the check. */
const RECOVERY_SYMBOLS = 28;
/** The largest prime below 32²: any one wrong symbol and any two neighbours swapped give another remainder. */
const CHECK = 1021n;

/** Seven groups of four. */
export function recoveryKeyText(key: Uint8Array): string {
  const value = BigInt(`0x${Buffer.from(key).toString('hex')}`);
  let rest = (value << 10n) | (value % CHECK);
  let text = '';
  for (let n = 0; n < RECOVERY_SYMBOLS; n += 1) {
    text = `${SYMBOLS[Number(rest & 31n)] ?? ''}${text}`;
    rest >>= 5n;
  }
  return (text.match(/.{4}/g) ?? []).join('-');
}

/** However it was typed. Null: a symbol too many or too few, or one is wrong. */
export function readRecoveryKey(typed: string): Buffer | null {
  const symbols = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  if (symbols.length !== RECOVERY_SYMBOLS) return null;
  let value = 0n;
  for (const symbol of symbols) {
    const digit = SYMBOLS.indexOf(symbol);
    if (digit === -1) return null;
    value = (value << 5n) | BigInt(digit);
  }
  const key = value >> 10n;
  if (key >> BigInt(RECOVERY_BYTES * 8) !== 0n || key % CHECK !== (value & 1023n)) return null;
  return Buffer.from(key.toString(16).padStart(RECOVERY_BYTES * 2, '0'), 'hex');
}
