/**
 * Staff PINs for the box itself: six digits, kept as scrypt hashes in the data folder. (Accounts with roles come with the
 * staff page; the PIN stays theirs.)
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import type { Clock } from '../system/ports.ts';

export interface StaffPins {
  readonly people: readonly { readonly name: string; readonly salt: string; readonly hash: string }[];
}
export interface PinTable {
  readonly data: StaffPins;
  write(next: StaffPins): Promise<void>;
}

const pinsSchema = v.object({
  people: v.array(
    v.object({
      name: v.string(),
      salt: v.pipe(v.string(), v.regex(/^[\da-f]{32}$/)),
      hash: v.pipe(v.string(), v.regex(/^[\da-f]{64}$/)),
    }),
  ),
});
export const noPins: StaffPins = { people: [] };
/** The table's content; null when it is none. */
export function parsePins(data: unknown): StaffPins | null {
  const parsed = v.safeParse(pinsSchema, data);
  return parsed.success ? parsed.output : null;
}

/** Guesses are counted for the whole box; monotonic time. */
const wrongMax = 5;
const lockMs = 60_000;
const peopleMax = 200;
const cost = { N: 16_384, r: 8, p: 1 };

export class Pins {
  private wrong = 0;
  private lockedUntil = 0;
  private readonly table: PinTable;
  private readonly clock: Clock;

  constructor(table: PinTable, clock: Clock) {
    this.table = table;
    this.clock = clock;
  }

  /** Whose PIN this is; `locked` after five wrong ones in a row, for a minute. Counted first: many at once are many too. */
  async check(pin: string): Promise<{ readonly name: string } | 'wrong' | 'locked'> {
    if (this.isLocked()) return 'locked';
    this.wrong += 1;
    if (this.wrong >= wrongMax) {
      this.wrong = 0;
      this.lockedUntil = this.clock.mono() + lockMs;
    }
    const name = await this.ownerOf(pin);
    if (name === null) return this.isLocked() ? 'locked' : 'wrong';
    this.wrong = 0;
    this.lockedUntil = 0;
    return { name };
  }

  /** Gives a person a PIN, or another one. Throws a RangeError on a PIN that is not six digits or is somebody else's. */
  async set(name: string, pin: string): Promise<void> {
    if (!/^\d{6}$/.test(pin)) throw new RangeError('a PIN is six digits');
    const owner = await this.ownerOf(pin);
    if (owner !== null && owner !== name) throw new RangeError('this PIN cannot be used, take another');
    const salt = randomBytes(16);
    const hash = await hashOf(pin, salt);
    const others = this.table.data.people.filter((person) => person.name !== name);
    if (others.length >= peopleMax) throw new RangeError(`at most ${String(peopleMax)} people have a PIN`);
    const person = { name, salt: salt.toString('hex'), hash: hash.toString('hex') };
    await this.table.write({ people: [...others, person] });
  }

  private isLocked(): boolean {
    return this.clock.mono() < this.lockedUntil;
  }

  private async ownerOf(pin: string): Promise<string | null> {
    for (const person of this.table.data.people) {
      const hash = await hashOf(pin, Buffer.from(person.salt, 'hex'));
      if (timingSafeEqual(hash, Buffer.from(person.hash, 'hex'))) return person.name;
    }
    return null;
  }
}

function hashOf(pin: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(pin, salt, 32, cost, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
