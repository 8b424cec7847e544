/** The MACs of the spine, checked by who holds the recovery key (durability.md 12): `porter journal verify --recovery-key`. */
import type { Line } from './spine.ts';
import { firstKey, nameOf, nextKey, sumOf, tagOf } from './spine-key.ts';
import type { SpineKeyFile } from './spine-key.ts';

/** What is wrong with who wrote the spine. Lines count from 1. */
export type SpineProblem =
  /** Not written by the box, or changed since; it is about these segments. */
  | { readonly kind: 'spine-line'; readonly line: number; readonly segments: readonly number[] }
  /** So many lines that were vouched for are not there, before line `line` or at the end (null). */
  | { readonly kind: 'spine-cut'; readonly lines: number; readonly line: number | null }
  /** What vouches for the end (`spine-key`) is lost, or is not what the recovery key leads to. */
  | { readonly kind: 'spine-end' }
  /** From this line on another recovery key vouches; null: this one vouches for nothing here. */
  | { readonly kind: 'spine-other'; readonly line: number | null }
  /** Not what the box left; who does not have its key did that, or damage. */
  | { readonly kind: 'spine-changed' };

export interface SpineProof {
  /** Lines that the recovery key vouches for, and those before them that it vouches for as they stood when it was new. */
  readonly vouched: number;
  readonly problems: readonly SpineProblem[];
}

/** No key is so far from the one before it. */
const MOST_STEPS = 100_000;

/** `left`: what the box has put away; null: it is lost. */
export function proveSpine(lines: readonly Line[], recovery: Uint8Array, left: SpineKeyFile | null): SpineProof {
  const walk = new Proof(lines, firstKey(recovery));
  for (const at of lines.keys()) walk.take(at);
  return walk.end(left);
}

class Proof {
  private readonly lines: readonly Line[];
  private readonly by: string;
  private readonly problems: SpineProblem[] = [];
  private key: Buffer;
  private n = 0;
  private vouched = 0;
  private other: number | null = null;

  constructor(lines: readonly Line[], first: Buffer) {
    this.lines = lines;
    this.by = nameOf(first);
    this.key = first;
  }

  take(at: number): void {
    const line = this.lines[at];
    if (line?.mac?.by !== this.by) {
      // Before the first of ours: that one vouches for them.
      if (this.n === 0) return;
      if (line?.mac === undefined) this.problems.push({ kind: 'spine-line', line: at + 1, segments: segmentsOf(line) });
      else this.other ??= at + 1;
      return;
    }
    const { n, tag } = line.mac;
    const key = this.keyFor(n);
    const isOurs = key !== null && tagOf(key, this.lines.slice(0, at), line, line.mac) === tag;
    if (!isOurs) this.problems.push({ kind: 'spine-line', line: at + 1, segments: segmentsOf(line) });
    if (key === null || (!isOurs && n > this.n)) return;
    if (n > this.n) this.problems.push({ kind: 'spine-cut', lines: n - this.n, line: at + 1 });
    if (isOurs) this.vouched += this.vouched === 0 ? at + 1 : 1;
    this.key = nextKey(key);
    this.n = n + 1;
  }

  end(left: SpineKeyFile | null): SpineProof {
    const { problems, vouched } = this;
    if (this.other !== null) problems.push({ kind: 'spine-other', line: this.other });
    else if (left !== null && left.by !== this.by) problems.push({ kind: 'spine-other', line: this.nextLine });
    else this.checkEnd(left);
    return { vouched, problems };
  }

  private get nextLine(): number | null {
    return this.n === 0 ? null : this.lines.length + 1;
  }

  /** Nobody but the box at that time had that key: a spine that was cut short does not lead to it. */
  private checkEnd(left: SpineKeyFile | null): void {
    const { problems } = this;
    if (left === null) {
      problems.push(this.n === 0 ? { kind: 'spine-other', line: null } : { kind: 'spine-end' });
      return;
    }
    const leads = left.n >= this.n ? this.keyFor(left.n) : null;
    const key = Buffer.from(left.key, 'base64');
    // A stop came between a line and its key; the box moves it at the next start.
    const isBefore = left.n < this.n && this.n - left.n < MOST_STEPS && forward(key, this.n - left.n).equals(this.key);
    if (leads?.equals(key) !== true && !isBefore) problems.push({ kind: 'spine-end' });
    else if (left.n > this.n) problems.push({ kind: 'spine-cut', lines: left.n - this.n, line: null });
    else if (this.n === 0 && left.sum !== sumOf(this.lines)) problems.push({ kind: 'spine-changed' });
  }

  private keyFor(n: number): Buffer | null {
    return n < this.n || n - this.n > MOST_STEPS ? null : forward(this.key, n - this.n);
  }
}

function forward(key: Buffer, steps: number): Buffer {
  let at = key;
  for (let step = 0; step < steps; step += 1) at = nextKey(at);
  return at;
}

function segmentsOf(line: Line | undefined): readonly number[] {
  if (line === undefined) return [];
  return 'removes' in line ? line.removes : [line.segment];
}
