/** Codes of an authenticator app: RFC 6238 with SHA-1, six digits, 30 seconds, which is what all of these apps do. */
import { createHmac } from 'node:crypto';

const stepMs = 30_000;
const digits = 6;
/** A clock may be half a minute off. */
const stepsAround = 1;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export const stepAt = (now: number): number => Math.floor(now / stepMs);

/** RFC 4226 5.3. `length`: digits. */
export function codeAt(secret: Uint8Array, step: number, length = digits): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  const number = (mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** length;
  return String(number).padStart(length, '0');
}

/** The step of a right code that comes after `lastStep`: no code is taken twice. Null: wrong, or used. */
export function stepOf(code: string, secret: Uint8Array, now: number, lastStep: number): number | null {
  const middle = stepAt(now);
  let found: number | null = null;
  for (let step = middle - stepsAround; step <= middle + stepsAround; step += 1) {
    if (step > lastStep && codeAt(secret, step) === code) found ??= step;
  }
  return found;
}

/** RFC 4648, without padding. */
export function toBase32(bytes: Uint8Array): string {
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(value >> bits) & 31] ?? '';
    }
  }
  return bits === 0 ? text : text + (alphabet[(value << (5 - bits)) & 31] ?? '');
}

export function fromBase32(text: string): Uint8Array {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const letter of text) {
    value = ((value << 5) | Math.max(0, alphabet.indexOf(letter))) & 0xffff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >> bits) & 255);
  }
  return Uint8Array.from(bytes);
}
