/**
 * Who is signed in. In memory: a restart signs everybody out. Of a token only its hash is kept. Monotonic time (durability.md 15).
 */
import { createHash } from 'node:crypto';
import type { Clock, Random } from '../../system/ports.ts';

/** Without a touch. A registered reception computer shows counts then, and stays signed in (product.md 6). */
const idleMs = 30 * 60_000;
const lockMs = 5 * 60_000;
const longestMs = 12 * 3_600_000;
/** The password counts as just entered for so long. */
const confirmedMs = 5 * 60_000;
const perPersonMax = 10;
const allMax = 500;

/** `taken-over`: by a PIN, and the same page goes on with another session. */
export type Ended = 'elsewhere' | 'expired' | 'changed' | 'taken-over';
export interface Session {
  /** Hash of the token. */
  readonly id: string;
  readonly name: string;
  readonly address: string;
  /** Id of the registered computer that it is on; null: on none. */
  readonly computer: string | null;
}
interface Kept extends Session {
  readonly since: number;
  locked: boolean;
  last: number;
  confirmed: number;
}

export class Sessions {
  private readonly all = new Map<string, Kept>();
  private readonly clock: Clock;
  private readonly random: Random;
  /** Told of each that ends. */
  onEnded: (session: Session, why: Ended) => void = () => undefined;
  /** Told of each that shows counts only from now on. */
  onLocked: (session: Session) => void = () => undefined;

  constructor(ports: { readonly clock: Clock; readonly random: Random }) {
    this.clock = ports.clock;
    this.random = ports.random;
  }

  /** A new one, with a token that nobody has seen before: whatever cookie the browser came with counts for nothing. */
  open(
    name: string,
    address: string,
    computer: string | null = null,
  ): { readonly token: string; readonly session: Session } {
    this.sweep();
    const own = this.of(name);
    for (const one of own.slice(0, Math.max(0, own.length + 1 - perPersonMax))) this.end(one.id, 'elsewhere');
    for (const id of [...this.all.keys()].slice(0, Math.max(0, this.all.size + 1 - allMax))) this.end(id, 'expired');
    const token = Buffer.from(this.random.bytes(32)).toString('base64url');
    const now = this.clock.mono();
    const session = { id: idOf(token), name, address, computer, since: now, last: now, locked: false, confirmed: now };
    this.all.set(session.id, session);
    return { token, session };
  }

  /** Somebody else, or the same again, at a registered computer, by a PIN: the twelve hours go on, no password was entered. */
  takeOver(id: string, name: string): { readonly token: string; readonly session: Session } | null {
    const before = this.alive(id);
    if (before === null) return null;
    const opened = this.open(name, before.address, before.computer);
    const kept = this.all.get(opened.session.id);
    if (kept !== undefined)
      this.all.set(kept.id, { ...kept, since: before.since, confirmed: Number.NEGATIVE_INFINITY });
    this.end(id, 'taken-over');
    return opened;
  }

  lock(id: string): void {
    const session = this.alive(id);
    if (session === null || session.computer === null || session.locked) return;
    session.locked = true;
    this.onLocked(session);
  }

  isLocked(id: string): boolean {
    return this.alive(id)?.locked ?? false;
  }

  /** The computer is registered no more. */
  endAt(computer: string): void {
    for (const one of [...this.all.values()]) if (one.computer === computer) this.end(one.id, 'changed');
  }

  find(token: string): Session | null {
    return this.alive(idOf(token));
  }

  get(id: string): Session | null {
    return this.alive(id);
  }

  isAlive(id: string): boolean {
    return this.alive(id) !== null;
  }

  /** Somebody is there: it lasts on. */
  touch(id: string): void {
    const session = this.alive(id);
    if (session !== null) session.last = this.clock.mono();
  }

  confirm(id: string): void {
    const session = this.alive(id);
    if (session !== null) session.confirmed = this.clock.mono();
  }

  isConfirmed(id: string): boolean {
    const session = this.alive(id);
    return session !== null && this.clock.mono() - session.confirmed < confirmedMs;
  }

  of(name: string): readonly Session[] {
    return [...this.all.values()].filter((one) => one.name === name && !this.isOver(one));
  }

  end(id: string, why: Ended): void {
    const session = this.all.get(id);
    if (session === undefined) return;
    this.all.delete(id);
    this.onEnded(session, why);
  }

  endAll(name: string, why: Ended, but: string | null = null): void {
    for (const { id } of this.of(name)) if (id !== but) this.end(id, why);
  }

  /** Ends those whose time is over, and locks those that nobody sits at. */
  sweep(): void {
    const now = this.clock.mono();
    for (const one of [...this.all.values()]) {
      if (this.isOver(one)) this.end(one.id, 'expired');
      else if (now - one.last >= lockMs) this.lock(one.id);
    }
  }

  private alive(id: string): Kept | null {
    const session = this.all.get(id);
    if (session === undefined) return null;
    if (!this.isOver(session)) return session;
    this.end(id, 'expired');
    return null;
  }

  private isOver({ since, last, computer }: Kept): boolean {
    const now = this.clock.mono();
    return (computer === null && now - last >= idleMs) || now - since >= longestMs;
  }
}

export const idOf = (token: string): string => createHash('sha256').update(token).digest('hex');
