/**
 * What vouches for the spine (durability.md 12): each of its lines carries a MAC, under a key that moves forward with every
 * line and of which the one before is destroyed. The first key is derived from the recovery key, which the box does not have:
 * who takes the box can write on, but not write anew what it wrote before; who holds the recovery key can check all of it.
 * Another recovery key begins anew, and its first MAC goes over everything before it.
 *
 * The file also says how far the spine reached and what it held, so that the box itself, at each start, finds what somebody
 * without its keys has changed.
 */
import { createHash, createHmac } from 'node:crypto';
import * as v from 'valibot';
import type { Disk, DiskReader } from './disk.ts';
import { JournalError } from './error.ts';
import type { Masters } from './masters.ts';
import { deriveKey, noRandom } from './seal.ts';
import type { RandomBytes } from './seal.ts';
import { fileSeal, isSealedFile } from './sealed-file.ts';
import type { Line, LineKey, SpineMac } from './spine.ts';
import { copiesOf, putTwice, readTwice } from './two-copies.ts';
import { checked, withCheck } from './whole-file.ts';

const NAME = 'spine-key';

const fileSchema = v.object({
  v: v.literal(1),
  generation: v.number(),
  /** Which recovery key it began with, and how many lines it has vouched for since: the key is the one for line `n`. */
  by: v.string(),
  n: v.number(),
  key: v.string(),
  /** All lines of the spine by then, also those from before there were MACs, and what they hold. */
  lines: v.number(),
  sum: v.string(),
  /** Once it was found other than it was left, until there is another recovery key. */
  changed: v.boolean(),
});
export type SpineKeyFile = v.InferOutput<typeof fileSchema>;

/** The first of the keys that come from this recovery key. */
export const firstKey = (recovery: Uint8Array): Buffer => deriveKey(recovery, 'spine');
export const nextKey = (key: Uint8Array): Buffer => deriveKey(key, 'spine, next line');
/** Tells nothing about the key. */
export const nameOf = (first: Uint8Array): string => deriveKey(first, 'spine, name').toString('hex', 0, 8);

/** Hex; over the line, its place, and through the MAC before it all that `by` vouched for, and what stood there before. */
export function tagOf(key: Uint8Array, before: readonly Line[], line: Line, { by, n }: Omit<SpineMac, 'tag'>): string {
  const previous = before.findLast(({ mac }) => mac?.by === by)?.mac?.tag ?? sumOf(before);
  const body = JSON.stringify({ ...line, mac: undefined });
  return createHmac('sha256', key).update([by, n, previous, body].join('\n')).digest('hex');
}

export const sumOf = (lines: readonly Line[]): string =>
  createHash('sha256')
    .update(lines.map((line) => JSON.stringify(line)).join('\n'))
    .digest('hex');

/** `missing`: there is none; `lost`: neither copy is good. Throws `wrong_key`. */
function readSpineKey(disk: DiskReader, masters: Masters): SpineKeyFile | 'missing' | 'lost' {
  const copies = readTwice(disk, NAME);
  const good = copies.flatMap((bytes) => parse(bytes, masters) ?? []).sort((a, b) => b.generation - a.generation);
  return good[0] ?? (copies.length === 0 ? 'missing' : 'lost');
}

function parse(bytes: Buffer, masters: Masters): SpineKeyFile | null {
  const stored = checked(bytes);
  if (stored === null || !isSealedFile(stored)) return null;
  const plain = sealUnder(masters).open(NAME, stored);
  const parsed = v.safeParse(fileSchema, plain === null ? null : JSON.parse(plain.toString('utf8')));
  return parsed.success ? parsed.output : null;
}

const sealUnder = (masters: Masters, random = noRandom) => fileSeal(() => masters, random);

/** With a new recovery key, while no Porter runs: from here on it vouches, for what stands there too. */
export function beginSpineKey(
  disk: Disk,
  { masters, random }: { readonly masters: Masters; readonly random: RandomBytes },
  recovery: Uint8Array,
  lines: readonly Line[],
): void {
  const first = firstKey(recovery);
  const before = readSpineKey(disk, masters);
  const generation = typeof before === 'string' ? 0 : before.generation;
  const at = { n: 0, lines: lines.length, sum: sumOf(lines), changed: false };
  const begun = { v: 1 as const, generation: generation + 1, by: nameOf(first), key: first.toString('base64') };
  save(disk, masters, random, { ...begun, ...at });
}

/** Both copies, read back: the key before it is in neither. Throws what the disk throws, and then nobody knows. */
function save(disk: Disk, masters: Masters, random: RandomBytes, file: SpineKeyFile): void {
  const bytes = withCheck(sealUnder(masters, random).seal(NAME, Buffer.from(JSON.stringify(file))));
  putTwice(disk, NAME, bytes);
  const copies = readTwice(disk, NAME);
  if (copies.length < copiesOf(NAME).length || copies.some((copy) => !copy.equals(bytes))) {
    throw new JournalError('refused', 'the last key of the spine may still be on the card');
  }
}

/** How a box finds its spine. `changed`: not as it was left; `key-lost`: there are MACs, and nothing to go on with. */
export type SpineFound = 'as-left' | 'changed' | 'key-lost';

export class SpineKey implements LineKey {
  private readonly masters: Masters;
  private readonly random: RandomBytes;
  private file: SpineKeyFile | null;
  private readonly lost: boolean;
  /** Do both copies hold `file`, and nothing older? */
  private saved = false;

  /** Only reads. Throws `wrong_key`. */
  constructor(disk: DiskReader, masters: Masters, random = noRandom) {
    this.masters = masters;
    this.random = random;
    const found = readSpineKey(disk, masters);
    this.file = typeof found === 'string' ? null : found;
    this.lost = found === 'lost';
    const [one, other] = readTwice(disk, NAME);
    this.saved = one !== undefined && other !== undefined && one.equals(other);
  }

  /** As it was put away last; null: there is none, or it is lost. */
  get left(): SpineKeyFile | null {
    return this.file;
  }

  found(lines: readonly Line[]): SpineFound {
    if (this.file === null) return this.lost || lines.some(({ mac }) => mac !== undefined) ? 'key-lost' : 'as-left';
    return this.file.changed || this.ahead(lines) === null ? 'changed' : 'as-left';
  }

  /** The same lines with their MACs; without a key as they are. */
  sign(before: readonly Line[], added: readonly Line[]): readonly Line[] {
    const { file } = this;
    if (file === null) return added;
    let key: Buffer = Buffer.from(file.key, 'base64');
    const lines = [...before];
    for (const [index, line] of added.entries()) {
      const place = { by: file.by, n: file.n + index };
      lines.push({ ...line, mac: { ...place, tag: tagOf(key, lines, line, place) } });
      key = nextKey(key);
    }
    return lines.slice(before.length);
  }

  /** Is the key where it belongs behind these lines? */
  isBehind(lines: readonly Line[]): boolean {
    return this.file === null || (this.saved && this.ahead(lines) === 0);
  }

  /**
   * Moves it behind them, when they are on the disk: the keys of before are gone when it returns. What somebody else has
   * changed is noted, and gone on from. Throws what the disk throws; then it is to be called again.
   */
  move(disk: Disk, lines: readonly Line[]): void {
    const { file } = this;
    if (file === null || this.isBehind(lines)) return;
    const ahead = this.ahead(lines);
    let key: Buffer = Buffer.from(file.key, 'base64');
    for (let n = 0; n < (ahead ?? 0); n += 1) key = nextKey(key);
    this.file = {
      ...file,
      generation: file.generation + 1,
      n: file.n + (ahead ?? 0),
      key: key.toString('base64'),
      lines: lines.length,
      sum: sumOf(lines),
      changed: file.changed || ahead === null,
    };
    this.saved = false;
    save(disk, this.masters, this.random, this.file);
    this.saved = true;
  }

  /** How many lines were written with this key since it was put away; null: that is not all that has happened to them. */
  private ahead(lines: readonly Line[]): number | null {
    const { file } = this;
    if (file === null || lines.length < file.lines || sumOf(lines.slice(0, file.lines)) !== file.sum) return null;
    const added = lines.slice(file.lines);
    const bare = added.map((line): Line => ({ ...line, mac: undefined }));
    const signed = this.sign(lines.slice(0, file.lines), bare);
    return signed.every(({ mac }, index) => mac?.tag === added[index]?.mac?.tag) ? added.length : null;
  }
}
