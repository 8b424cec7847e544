/**
 * The spine (durability.md 12): what is known for years of every closed segment, in one small file without personal data. It
 * stays when a segment goes, with the reason, so that the chain can be followed across what is not there any more. It also
 * saves the start from reading all history: a closed segment of the right size is left to `verify`.
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
  readonly removed: Removal | null;
}

/** What the records of a segment were, in figures. */
export interface Held {
  /** First and last trusted time, milliseconds since the epoch; null: none was trusted. */
  readonly from: number | null;
  readonly to: number | null;
  /** The highest running number behind a badge; 0: none. */
  readonly serial: number;
  /** How many of each type. */
  readonly kinds: Readonly<Record<string, number>>;
}

export interface Removal {
  readonly why: 'retention';
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly by: string;
}

const SPINE = 'spine';

export interface Spine {
  readonly entries: readonly SpineEntry[];
  /** `restored`: the generation before the last, the newest entries may be missing; `damaged`: neither was good. */
  readonly state: 'ok' | 'missing' | 'restored' | 'damaged';
}

/** Only reads. */
export function readSpine(disk: DiskReader): Spine {
  const there = [SPINE, `${SPINE}.prev`].filter((name) => disk.list().includes(name));
  for (const name of there) {
    const entries = parse(checked(disk.read(name)));
    if (entries !== null) return { entries, state: name === SPINE ? 'ok' : 'restored' };
  }
  return { entries: [], state: there.length === 0 ? 'missing' : 'damaged' };
}

/** One entry a line. The file before it stays as `spine.prev`, where it was good. */
export function writeSpine(disk: Disk, entries: readonly SpineEntry[]): void {
  const text = entries.map((entry) => JSON.stringify(entry)).join('\n');
  if (disk.list().includes(SPINE)) {
    const before = disk.read(SPINE);
    if (checked(before) !== null) putFile(disk, `${SPINE}.prev`, before);
  }
  putFile(disk, SPINE, withCheck(Buffer.from(text)));
}

/**
 * Adds the segments before `current` that are not in it yet. Without a spine, or with an older generation of it, that is
 * whatever is there. `heldIn` sums up what the records say; null where they cannot be read.
 */
export function closeBooks(
  disk: Disk,
  current: number,
  heldIn: (bytes: Buffer, segment: Segment) => Held | null,
): void {
  const { entries } = readSpine(disk);
  const known = new Set(entries.map(({ segment }) => segment));
  const closed = segmentsOf(disk).filter(({ number }) => number < current && !known.has(number));
  if (closed.length === 0) return;
  let head: Buffer = Buffer.from(entries.at(-1)?.head ?? noHead.toString('hex'), 'hex');
  const added = closed.map((segment) => {
    const bytes = disk.read(segment.name);
    const closing = entryOf(segment, bytes, head, heldIn(bytes, segment));
    ({ head } = closing);
    return closing.entry;
  });
  writeSpine(
    disk,
    [...entries, ...added].sort((a, b) => a.segment - b.segment),
  );
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

function parse(bytes: Buffer | null): readonly SpineEntry[] | null {
  if (bytes === null) return null;
  const lines = bytes.toString('utf8').split('\n');
  const entries: unknown[] = lines.filter((line) => line !== '').map((line): unknown => JSON.parse(line));
  return entries.every(isEntry) ? entries : null;
}

/** Looks at the outline only: the seal says that the rest is what `writeSpine` made. */
const isEntry = (value: unknown): value is SpineEntry =>
  typeof value === 'object' && value !== null && 'segment' in value && 'head' in value && 'removed' in value;
