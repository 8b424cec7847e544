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
  people: v.array(v.object({ name: v.string(), salt: v.string(), hash: v.string() })),
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

  /** The name of whoever has this PIN; null: nobody. `locked` after five wrong ones in a row, for a minute. */
  async check(pin: string): Promise<{ readonly name: string } | 'wrong' | 'locked'> {
    if (this.clock.mono() < this.lockedUntil) return 'locked';
    for (const person of this.table.data.people) {
      const hash = await hashOf(pin, Buffer.from(person.salt, 'hex'));
      if (timingSafeEqual(hash, Buffer.from(person.hash, 'hex'))) {
        this.wrong = 0;
        return { name: person.name };
      }
    }
    this.wrong += 1;
    if (this.wrong < wrongMax) return 'wrong';
    this.wrong = 0;
    this.lockedUntil = this.clock.mono() + lockMs;
    return 'locked';
  }

  /** Gives a person a PIN, or another one. Throws a RangeError on a PIN that is not six digits or is somebody else's. */
  async set(name: string, pin: string): Promise<void> {
    if (!/^\d{6}$/.test(pin)) throw new RangeError('a PIN is six digits');
    const known = await this.check(pin);
    if (typeof known === 'object' && known.name !== name) throw new RangeError('this PIN cannot be used, take another');
    const salt = randomBytes(16);
    const hash = await hashOf(pin, salt);
    const others = this.table.data.people.filter((person) => person.name !== name);
    if (others.length >= peopleMax) throw new RangeError(`at most ${String(peopleMax)} people have a PIN`);
    const person = { name, salt: salt.toString('hex'), hash: hash.toString('hex') };
    await this.table.write({ people: [...others, person] });
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
