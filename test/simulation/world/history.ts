/** Everything that happens in a world, line by line: its hash is the proof that a seed replays, its tail tells what led to a failure. */
import { createHash } from 'node:crypto';

const kept = 400;

export class History {
  /** Lines so far. */
  count = 0;
  private readonly hash = createHash('sha256');
  private readonly lines: string[] = [];
  private readonly print: ((line: string) => void) | null;

  constructor(print: ((line: string) => void) | null) {
    this.print = print;
  }

  add(at: number, what: string): void {
    this.count += 1;
    this.hash.update(`${at} ${what}\n`);
    this.lines[this.count % kept] = `${at} ${what}`;
    this.print?.(told(`${at} ${what}`));
  }

  /** The last lines, oldest first. */
  tail(most: number): readonly string[] {
    const count = Math.min(most, this.count, kept);
    return Array.from({ length: count }, (_, index) => told(this.lines[(this.count - count + 1 + index) % kept] ?? ''));
  }

  /** Of the whole history. To be asked once, at the end. */
  digest(): string {
    return this.hash.digest('hex').slice(0, 16);
  }
}

/** The epoch's milliseconds as a date. */
function told(line: string): string {
  const space = line.indexOf(' ');
  return `${new Date(Number(line.slice(0, space))).toISOString().slice(0, 23)}${line.slice(space)}`;
}

/** What must never happen has happened. */
export class Violation extends Error {
  readonly invariant: string;
  constructor(invariant: string, what: string) {
    super(`${invariant}: ${what}`);
    this.name = 'Violation';
    this.invariant = invariant;
  }
}
