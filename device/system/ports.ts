/** What the outside world looks like to the daemon: everything that is not the same twice comes in through here. */

import type { Recorded } from '../domain/record.ts';
import type { TimeSource } from '../domain/time-evidence.ts';

/**
 * An instant with its evidence (durability.md 17). Milliseconds since the epoch, UTC; `mono` is milliseconds since
 * this boot of the machine, so readings of one boot compare whatever the wall clock did.
 */
export interface TimeReading {
  readonly earliest: number;
  /** Null: open, until evidence comes. */
  readonly latest: number | null;
  readonly mono: number;
  readonly boot: string;
}

export interface Clock {
  /** Wall clock, milliseconds since the epoch. For labels and for the MIS; never for order or for elapsed time. */
  now(): number;
  /** Milliseconds since the machine started; never jumps. */
  mono(): number;
  /** Random id of this boot of the machine. */
  readonly boot: string;
  /** Is the time known, to a few minutes? What decides a mark asks the whole reading instead (durability.md 18). */
  trusted(): boolean;
  /** By whose word; empty while it is not known. */
  sources(): readonly TimeSource[];
  /** What the battery clock shows minus the time, milliseconds; null: there is none, or the time is not known to seconds. */
  rtcOffMs(): number | null;
  /** The instant `agoMs` milliseconds ago, with its evidence. */
  reading(agoMs?: number): TimeReading;
}

/** What the records teach the clock: it is the same in every run of a boot (durability.md 18). */
export interface ClockPupil {
  /** Records as the journal has them: those read at start, and each that is added. */
  recorded(records: readonly Recorded[]): void;
  /** The journal has been read: from now on the time may be sure. */
  begin(): void;
}

export interface Timers {
  /** Runs once after `ms`; the answer cancels. */
  after(ms: number, run: () => void): () => void;
  /** Runs every `ms` (first after one `ms`); the answer cancels. */
  every(ms: number, run: () => void): () => void;
}

export interface Random {
  bytes(count: number): Uint8Array;
  /** Uniform in [0, 1). */
  uniform(): number;
  /** 128 random bits, 32 hex digits. */
  id(): string;
}

/** Fields never hold a name, a photo or a token. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}
