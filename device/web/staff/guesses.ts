/**
 * Wrong passwords and codes, counted three ways: by person and address, by address, and by person from addresses that are not
 * the person's. A guesser is stopped by each of them; the person, at a place of its own, by none of somebody else's guesses.
 * In memory: a restart forgives. Monotonic time.
 */
import type { Clock } from '../../system/ports.ts';

interface Limit {
  /** Wrong ones that cost nothing. */
  readonly free: number;
  readonly firstMs: number;
  /** Each more doubles the time, up to this. */
  readonly longestMs: number;
}
const atPlace: Limit = { free: 5, firstMs: 60_000, longestMs: 15 * 60_000 };
const fromAddress: Limit = { free: 20, firstMs: 60_000, longestMs: 15 * 60_000 };
const ofPerson: Limit = { free: 30, firstMs: 60_000, longestMs: 15 * 60_000 };
/** Without a wrong one for so long, all is forgotten. */
const forgottenMs = 60 * 60_000;
const keptMax = 5_000;

interface Count {
  wrong: number;
  last: number;
  until: number;
}
export interface Attempt {
  /** As `nameKey` gives it; for a PIN the computer, for the code of first use that. */
  readonly name: string;
  readonly address: string;
  /** Has that person signed in from there before? Also where there is no person whom others could lock out. */
  readonly known: boolean;
}

export class Guesses {
  private readonly counts = new Map<string, Count>();
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Milliseconds until it may be tried; 0: now. */
  waitMs(attempt: Attempt): number {
    const now = this.clock.mono();
    return Math.max(0, ...keysOf(attempt).map(([key]) => (this.counts.get(key)?.until ?? 0) - now));
  }

  /** Counted before it is looked at: many at once are many too. True: by this one, more than before have to wait. */
  count(attempt: Attempt): boolean {
    const now = this.clock.mono();
    let locks = false;
    for (const [key, limit] of keysOf(attempt)) {
      const before = this.counts.get(key);
      const wrong = before === undefined || now - before.last > forgottenMs ? 1 : before.wrong + 1;
      const over = wrong - limit.free;
      const waitMs = over < 0 ? 0 : Math.min(limit.longestMs, limit.firstMs * 2 ** Math.min(over, 20));
      locks ||= over >= 0;
      this.counts.delete(key); // the newest are last
      this.counts.set(key, { wrong, last: now, until: now + waitMs });
    }
    for (const key of [...this.counts.keys()].slice(0, Math.max(0, this.counts.size - keptMax)))
      this.counts.delete(key);
    return locks;
  }

  /** It was right: the count at that place is void; for the others it was none. */
  right(attempt: Attempt): void {
    const [[place] = [''], ...others] = keysOf(attempt);
    this.counts.delete(place);
    for (const [key] of others) {
      const count = this.counts.get(key);
      if (count === undefined) continue;
      count.wrong -= 1;
      count.until = 0; // while others had to wait, this one was not looked at
    }
  }
}

/** The place first. */
function keysOf({ name, address, known }: Attempt): readonly (readonly [string, Limit])[] {
  const keys: (readonly [string, Limit])[] = [
    [`place ${address} ${name}`, atPlace],
    [`address ${address}`, fromAddress],
  ];
  return known ? keys : [...keys, [`person ${name}`, ofPerson]];
}

/** An address as guesses are counted: of IPv6 the network, since one machine has as many addresses as it likes. */
export function placeOf(address: string | undefined): string {
  const text = (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (!text.includes(':')) return text;
  const [head = '', tail] = text.split('%')[0]?.split('::') ?? [];
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const groups = [...first, ...Array.from({ length: zeros }, () => '0'), ...last];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
