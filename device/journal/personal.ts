/**
 * The personal parts of commits: as the daemon hands them over, as they stand within a frame, and back. A frame's text is JSON
 * in which a part about a pupil is a box: `{"keys":[ids],"box":"base64"}`, with `of` (how many records) where records stand in it.
 */
import type { PupilKeys } from './pupil-keys.ts';
import { SEAL_BYTES } from './seal.ts';

/** Text that stands open, or that is sealed under the keys of these pupils. Together they are one commit as JSON. */
export type CommitPart = string | Personal;
interface Personal {
  readonly pupils: readonly string[];
  readonly text: string;
  /** What stands open beside it. */
  readonly beside?: Beside;
}
interface Beside {
  /** Records within. */
  readonly of?: number;
  /** The highest of the badge serials within: they never go back. */
  readonly serial?: number;
}

/** Bytes around a box, and of each id. */
const BOX_BYTES = 64;
const KEY_ID_BYTES = 20;

/** Bytes that it takes at most once it is sealed. */
export function sizeOf(parts: readonly CommitPart[]): number {
  return parts.reduce((sum, part) => sum + (typeof part === 'string' ? Buffer.byteLength(part) : boxSize(part)), 0);
}
const boxSize = ({ pupils, text }: Personal): number =>
  Math.ceil((Buffer.byteLength(text) + SEAL_BYTES) / 3) * 4 + pupils.length * KEY_ID_BYTES + BOX_BYTES;

/** Everybody who needs a key for it. */
export const pupilsIn = (parts: readonly CommitPart[]): readonly string[] =>
  parts.flatMap((part) => (typeof part === 'string' ? [] : part.pupils));

/** One commit as it will stand. `first`: its first number. */
export function sealParts(parts: readonly CommitPart[], first: number, keys: PupilKeys): string {
  let place = 0;
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      const { pupils, text, beside } = part;
      const sealed = keys.sealFor(pupils, Buffer.from(text), about(first, place++));
      return JSON.stringify({ keys: sealed.keys, box: sealed.box.toString('base64'), ...beside });
    })
    .join('');
}

/**
 * A frame's text with every box opened; in the place of what nobody can open stand outlines, and rows of a batch are left out.
 * `lost` of a commit: which of its records lack something that nobody erased. Text that is none of ours stays as it is.
 */
export function openParts(text: string, first: number, keys: PupilKeys): string {
  if (!text.includes('"box":"')) return text;
  const commits: unknown = parsed(text);
  if (!Array.isArray(commits)) return text;
  let next = first;
  return JSON.stringify(
    commits.map((commit: unknown) => {
      const opened = isObject(commit) ? new Opening(keys, next).commit(commit) : commit;
      next += isObject(opened) && Array.isArray(opened['records']) ? opened['records'].length : 0;
      return opened;
    }),
  );
}

/** The boxes of one commit, in the order in which they were sealed. */
class Opening {
  private readonly keys: PupilKeys;
  private readonly first: number;
  private place = 0;

  constructor(keys: PupilKeys, first: number) {
    this.keys = keys;
    this.first = first;
  }

  commit({ command, records, ...rest }: Record<string, unknown>): Record<string, unknown> {
    const known = isBox(command) ? this.open(command) : command;
    const lost: number[] = [];
    const opened: unknown[] = [];
    for (const record of Array.isArray(records) ? (records as readonly unknown[]) : []) {
      const { all, lacks } = isBox(record) ? this.records(record) : this.rows(record);
      if (lacks) lost.push(...all.map((_, index) => opened.length + index));
      opened.push(...all);
    }
    return {
      ...rest,
      ...(isObject(known) && { command: known }),
      records: opened,
      ...(lost.length > 0 && { lost }),
    };
  }

  private records(box: Box): { readonly all: readonly unknown[]; readonly lacks: boolean } {
    const opened = this.open(box);
    const count = box.of ?? 1;
    if (Array.isArray(opened) && opened.length === count) return { all: opened, lacks: false };
    const type = opened === 'erased' ? 'erased' : 'lost';
    const all = Array.from({ length: count }, (_, index) => ({
      type,
      v: 1,
      keys: box.keys,
      ...(index === 0 && box.serial !== undefined && { serial: box.serial }),
    }));
    return { all, lacks: type === 'lost' };
  }

  /** A record that stands open, with rows that may not. */
  private rows(record: unknown): { readonly all: readonly unknown[]; readonly lacks: boolean } {
    if (!isObject(record)) return { all: [record], lacks: false };
    let lacks = false;
    const open = (row: unknown): readonly unknown[] => {
      if (!isBox(row)) return [row];
      const opened = this.open(row);
      lacks ||= opened === 'lost';
      return opened === 'lost' || opened === 'erased' ? [] : [opened];
    };
    const entries = Object.entries(record).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.flatMap(open) : value,
    ]);
    return { all: [Object.fromEntries(entries)], lacks };
  }

  private open({ keys, box }: Box): unknown {
    const opened = this.keys.open({ keys, box: Buffer.from(box, 'base64') }, about(this.first, this.place++));
    return typeof opened === 'string' ? opened : (parsed(opened.toString('utf8')) ?? 'lost');
  }
}

interface Box extends Beside {
  readonly keys: readonly string[];
  readonly box: string;
}
const isBox = (value: unknown): value is Box =>
  isObject(value) && typeof value['box'] === 'string' && Array.isArray(value['keys']) && value['type'] === undefined;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Binds a box to its place: the first number of its commit, and the how manieth box of it. */
const about = (first: number, place: number): Buffer => Buffer.from(`personal ${first}.${place}`);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
