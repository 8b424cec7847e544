/**
 * The spine (durability.md 12): what is known for years of every closed segment, in one small file without personal data. It
 * stays when a segment goes, with the reason, so that the chain can be followed across what is not there any more. It also
 * saves the start from reading all history: a closed segment of the right size is left to `verify`. Who wrote its lines, the
 * MACs tell (`spine-key.ts`).
 */
import { putFile } from './disk.ts';
import type { Disk, DiskReader } from './disk.ts';
import { noHead, survey } from './chain.ts';
import type { BadBytes } from './chain.ts';
import type { NumberRange } from './frame.ts';
import { segmentsOf } from './segments.ts';
import type { Segment } from './segments.ts';
import { checked, withCheck } from './whole-file.ts';

export interface SpineEntry {
  readonly segment: number;
  /** Numbers that may stand in it: `last` is `first - 1` where it holds none. */
  readonly first: number;
  readonly last: number;
  /** Numbers from here to `first - 1` were cut away before it. */
  readonly gapFrom: number | null;
  /** Journal id, 32 hex digits; empty: its header is damaged. */
  readonly journal: string;
  readonly records: number;
  readonly bytes: number;
  /** Heads of the chain before and after it, 64 hex digits. */
  readonly builtOn: string;
  readonly head: string;
  /** Damage within it when it was closed: the numbers missing, and at which byte the bad ones begin. */
  readonly damage: readonly { readonly missing: NumberRange | null; readonly from: number }[];
  /** Null: its records could not be read then. */
  readonly held: Held | null;
  /** Not stored with it: its line was written when it was closed, and stays as it was. */
  readonly removed: Removal | null;
}

/** What the records of a segment were, in figures. */
export interface Held {
  /** First and last trusted time, milliseconds since the epoch; null: none was trusted. */
  readonly from: number | null;
  readonly to: number | null;
  /** Records whose time was not trusted then; not given: of before this was noted, and so are the days. */
  readonly unsure?: number;
  /** The highest running number behind a badge; 0: none. */
  readonly serial: number;
  /** How many of each type. */
  readonly kinds: Readonly<Record<string, number>>;
  /** By school day, what was decided in it, by outcome. */
  readonly days?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface Removal {
  readonly why: 'retention';
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly by: string;
}

/** These segments went; their entries stay. */
interface RemovalLine extends Removal {
  readonly removes: readonly number[];
}

/** Vouches for a line: which recovery key that goes back to, the how manieth since, and the MAC, 64 hex digits. */
export interface SpineMac {
  readonly by: string;
  readonly n: number;
  readonly tag: string;
}
/** Without a MAC: from before there were any. It stands last. */
export type Line = (SpineEntry | RemovalLine) & { readonly mac?: SpineMac | undefined };

/** What vouches for lines: `SpineKey`. */
export interface LineKey {
  readonly isBehind: (lines: readonly Line[]) => boolean;
  readonly sign: (before: readonly Line[], added: readonly Line[]) => readonly Line[];
  readonly move: (disk: Disk, lines: readonly Line[]) => void;
}

const SPINE = 'spine';

export interface Spine {
  /** In order of their segments. */
  readonly entries: readonly SpineEntry[];
  /** As they were written, oldest first. */
  readonly lines: readonly Line[];
  /** `restored`: the generation before the last, the newest entries may be missing; `damaged`: neither was good. */
  readonly state: 'ok' | 'missing' | 'restored' | 'damaged';
}

/** Only reads. */
export function readSpine(disk: DiskReader): Spine {
  const there = [SPINE, PREVIOUS].filter((name) => disk.list().includes(name));
  for (const name of there) {
    const lines = parse(checked(disk.read(name)));
    if (lines !== null) return { lines, entries: entriesOf(lines), state: name === SPINE ? 'ok' : 'restored' };
  }
  return { lines: [], entries: [], state: there.length === 0 ? 'missing' : 'damaged' };
}

function entriesOf(lines: readonly Line[]): readonly SpineEntry[] {
  const gone = new Map<number, Removal>();
  for (const line of lines) {
    if (!('removes' in line)) continue;
    const { removes, why, at, by } = line;
    for (const segment of removes) gone.set(segment, { why, at, by });
  }
  return lines
    .flatMap((line) => {
      if ('removes' in line) return [];
      const { mac: _mac, ...entry } = line;
      return [{ ...entry, removed: gone.get(line.segment) ?? line.removed }];
    })
    .sort((a, b) => a.segment - b.segment);
}

/** Both generations good, and the same: then nothing has happened to them since they were written. */
export function isSpineWhole(disk: DiskReader): boolean {
  const names = disk.list();
  if (![SPINE, PREVIOUS].every((name) => names.includes(name))) return false;
  const stored = disk.read(SPINE);
  return checked(stored) !== null && stored.equals(disk.read(PREVIOUS));
}

/** Where a stop came between the lines and their key, that is finished first: each line has a key of its own. */
function add(disk: Disk, lines: readonly Line[], added: readonly Line[], key: LineKey | null): void {
  if (key?.isBehind(lines) === false) write(disk, lines, key);
  if (added.length > 0) write(disk, [...lines, ...(key?.sign(lines, added) ?? added)], key);
  else if (lines.length > 0 && !isSpineWhole(disk)) write(disk, lines, key);
}

/** In both generations; only then the key moves on. */
function write(disk: Disk, lines: readonly Line[], key: LineKey | null): void {
  const bytes = withCheck(Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n')));
  for (const name of [PREVIOUS, SPINE]) putFile(disk, name, bytes);
  key?.move(disk, lines);
}

const PREVIOUS = `${SPINE}.prev`;

/**
 * Says of segments that they go: whatever is lost later, nobody takes for damage what retention did. Only then may their files
 * go (`finishRemovals`). Those that are not closed, or have gone, are left out.
 */
export function noteRemoval(
  disk: Disk,
  segments: readonly number[],
  removal: Removal,
  key: LineKey | null = null,
): void {
  const { lines, entries } = readSpine(disk);
  const removes = entries.flatMap(({ segment, removed }) =>
    segments.includes(segment) && removed === null ? [segment] : [],
  );
  if (removes.length > 0) add(disk, lines, [{ removes, ...removal }], key);
}

/** Takes away the files of segments that the spine calls removed, and what recovery had set aside of them. */
export function finishRemovals(disk: Disk): void {
  const gone = new Set(readSpine(disk).entries.flatMap(({ segment, removed }) => (removed === null ? [] : [segment])));
  const files = disk.list().filter((name) => gone.has(Number(/^(\d{6})-\d{12}\.pj/.exec(name)?.[1])));
  // What was set aside first: it is found by the name of its segment.
  for (const name of files.toSorted((a, b) => b.length - a.length)) disk.remove(name);
  if (files.length > 0) disk.syncFolder();
}

/**
 * Adds the segments before `current` that are not in it yet, and makes good what is wrong with its generations and its key.
 * Without a spine, or with an older generation of it, that is whatever is there. `heldIn` sums up what the records say; null
 * where they cannot be read.
 */
export function closeBooks(
  disk: Disk,
  current: number,
  heldIn: (bytes: Buffer, segment: Segment) => Held | null,
  key: LineKey | null = null,
): void {
  const { lines, entries } = readSpine(disk);
  const known = new Set(entries.map(({ segment }) => segment));
  const closed = segmentsOf(disk).filter(({ number }) => number < current && !known.has(number));
  let head: Buffer = Buffer.from(entries.at(-1)?.head ?? noHead.toString('hex'), 'hex');
  const added = closed.map((segment) => {
    const bytes = disk.read(segment.name);
    const closing = entryOf(segment, bytes, head, heldIn(bytes, segment));
    ({ head } = closing);
    return closing.entry;
  });
  add(disk, lines, added, key);
}

/** The entry of a closed segment. */
export function entryOf(
  { number, first }: Segment,
  bytes: Buffer,
  before: Buffer,
  held: Held | null,
): { readonly entry: SpineEntry; readonly head: Buffer } {
  const { header, last, records, head, bad } = survey(bytes, number, first, before);
  const entry: SpineEntry = {
    segment: number,
    first,
    last,
    gapFrom: header?.gapFrom ?? null,
    journal: header?.journal ?? '',
    records,
    bytes: bytes.length,
    builtOn: header?.builtOn ?? before.toString('hex'),
    head: head.toString('hex'),
    damage: [...(header === null ? [{ missing: null, from: 0 }] : []), ...bad.filter(isWithin)].map(damageOf),
    held,
    removed: null,
  };
  return { entry, head };
}

/** Numbers missing at its end are seen as missing before the next. */
const isWithin = ({ atEnd, missing }: BadBytes): boolean => !atEnd || missing === null;
const damageOf = ({ missing, from }: SpineEntry['damage'][number]): SpineEntry['damage'][number] => ({ missing, from });

function parse(bytes: Buffer | null): readonly Line[] | null {
  if (bytes === null) return null;
  const texts = bytes.toString('utf8').split('\n');
  const lines: unknown[] = texts.filter((line) => line !== '').map((line): unknown => JSON.parse(line));
  return lines.every(isLine) ? lines : null;
}

/** Looks at the outline only: the seal says that the rest is what `writeSpine` made. */
const isLine = (value: unknown): value is Line =>
  typeof value === 'object' &&
  value !== null &&
  ('removes' in value ? Array.isArray(value.removes) : 'segment' in value && 'head' in value && 'removed' in value);
