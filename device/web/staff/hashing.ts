/**
 * Passwords and PINs, kept as scrypt hashes only. The work is done on libuv's pool, never on the loop, and one at a time for each
 * door: the pool is shared (durability.md 7), and a thousand guesses at the staff page must not keep a PIN at the kiosk waiting.
 */
import { scrypt, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import type { Random } from '../../system/ports.ts';

export interface SecretHash {
  readonly N: number;
  readonly r: number;
  readonly p: number;
  /** 16 bytes, hex. */
  readonly salt: string;
  /** 32 bytes, hex. */
  readonly hash: string;
}
const power = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 17));
export const secretHash: v.GenericSchema<unknown, SecretHash> = v.object({
  N: power,
  r: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(8)),
  p: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16)),
  salt: v.pipe(v.string(), v.regex(/^[\da-f]{32}$/)),
  hash: v.pipe(v.string(), v.regex(/^[\da-f]{64}$/)),
});

/** 16 MiB each: as much as the OWASP Password Storage Cheat Sheet asks for, in the little memory of a Pi. */
export const passwordCost = { N: 16_384, r: 8, p: 5 } as const;
/** A million PINs are tried through at any cost: what protects them is that guesses are few, and that the file is sealed. */
export const pinCost = { N: 16_384, r: 8, p: 1 } as const;

/** Too many wait already. */
export class Busy extends Error {}

/** One after another; at most `waitingMax` wait. */
export class Lane {
  private waiting = 0;
  private last: Promise<unknown> = Promise.resolve();
  private readonly waitingMax: number;

  constructor(waitingMax: number) {
    this.waitingMax = waitingMax;
  }

  /** Rejects with `Busy` at once where too many wait. */
  run<T>(work: () => Promise<T>): Promise<T> {
    if (this.waiting >= this.waitingMax) return Promise.reject(new Busy('too many at once'));
    this.waiting += 1;
    const done = this.last.then(work).finally(() => (this.waiting -= 1));
    this.last = done.catch(() => undefined);
    return done;
  }
}

export async function hashOf(
  secret: string,
  cost: Pick<SecretHash, 'N' | 'r' | 'p'>,
  salt: string,
): Promise<SecretHash> {
  const { N, r, p } = cost;
  const hash = await derived(secret.normalize('NFC'), { N, r, p }, salt);
  return { N, r, p, salt, hash: hash.toString('hex') };
}

export const newSalt = (random: Random): string => Buffer.from(random.bytes(16)).toString('hex');

export async function matches(secret: string, kept: SecretHash): Promise<boolean> {
  const hash = await derived(secret.normalize('NFC'), kept, kept.salt);
  return timingSafeEqual(hash, Buffer.from(kept.hash, 'hex'));
}

function derived(secret: string, { N, r, p }: Pick<SecretHash, 'N' | 'r' | 'p'>, salt: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(secret, Buffer.from(salt, 'hex'), 32, { N, r, p, maxmem: 256 * N * r }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
