/**
 * The one place where bytes are encrypted: ChaCha20-Poly1305, which a Pi without AES instructions does quickly, under keys
 * that HKDF-SHA256 derives for one purpose each. A nonce is random and stands in front of what it sealed; what else must
 * be so for it to open (which file, which place) goes in as additional data (durability.md 9).
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Bytes that sealing adds. */
export const SEAL_BYTES = NONCE_BYTES + TAG_BYTES;

/** So many bytes that nobody can foretell. */
export type RandomBytes = (count: number) => Uint8Array;

/** For who only opens. */
export const noRandom: RandomBytes = () => {
  throw new RangeError('only for reading');
};

export function sealBytes(random: RandomBytes, key: Uint8Array, plain: Uint8Array, about: Uint8Array): Buffer {
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(about, { plaintextLength: plain.length });
  const encrypted = cipher.update(plain);
  cipher.final();
  return Buffer.concat([nonce, encrypted, cipher.getAuthTag()]);
}

/** Null: another key, another place, or not as it was sealed. */
export function openBytes(key: Uint8Array, sealed: Uint8Array, about: Uint8Array): Buffer | null {
  if (sealed.length < SEAL_BYTES) return null;
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('chacha20-poly1305', key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(about, { plaintextLength: end - NONCE_BYTES });
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(NONCE_BYTES, end));
  try {
    decipher.final();
    return plain;
  } catch {
    return null;
  }
}

/** A key of its own for each purpose and place. `salt`: what keeps two journals or folders apart, may be empty. */
export function deriveKey(key: Uint8Array, purpose: string, salt: Uint8Array = new Uint8Array()): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, `porter ${purpose}`, KEY_BYTES));
}
