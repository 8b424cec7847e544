/** Staff PINs at the box itself, six digits, those of the accounts (`staff/accounts.ts`). */
import type { Clock } from '../system/ports.ts';
import { Busy } from './staff/hashing.ts';

export interface PinPorts {
  readonly clock: Clock;
  /** Whose PIN it is; null: nobody's. Rejects with `Busy`. */
  readonly ownerOf: (pin: string) => Promise<{ readonly name: string } | null>;
  /** Too many were wrong: so many since it was told last. */
  readonly onLocked: (count: number) => void;
}

/** Guesses are counted for the whole box; monotonic time. */
const wrongMax = 5;
const lockMs = 60_000;

export class Pins {
  private wrong = 0;
  private lockedUntil = 0;
  private readonly ports: PinPorts;

  constructor(ports: PinPorts) {
    this.ports = ports;
  }

  /** Whose PIN this is; `locked` after five wrong ones in a row, for a minute. Counted first: many at once are many too. */
  async check(pin: string): Promise<{ readonly name: string } | 'wrong' | 'locked'> {
    if (this.isLocked()) return 'locked';
    this.wrong += 1;
    const locks = this.wrong >= wrongMax;
    if (locks) {
      this.wrong = 0;
      this.lockedUntil = this.ports.clock.mono() + lockMs;
    }
    const owner = await this.owner(pin);
    if (owner === null) {
      if (locks) this.ports.onLocked(wrongMax);
      return this.isLocked() ? 'locked' : 'wrong';
    }
    this.wrong = 0;
    this.lockedUntil = 0;
    return owner;
  }

  private async owner(pin: string): Promise<{ readonly name: string } | null> {
    try {
      return await this.ports.ownerOf(pin);
    } catch (error) {
      if (error instanceof Busy) return null;
      throw error;
    }
  }

  private isLocked(): boolean {
    return this.ports.clock.mono() < this.lockedUntil;
  }
}
