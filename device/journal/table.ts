/**
 * A small table in one file: lowdb over files that are written whole. Tables are caches of what records say, or what a
 * school can give again; the journal is the truth (durability.md 3).
 */
import { Low } from 'lowdb';
import { Turns } from '../domain/turns.ts';
import type { FileSeal } from './sealed-file.ts';
import { peekWhole, readWhole, saveWhole, setAside } from './whole-file.ts';

export interface Table<T> {
  readonly data: T;
  /** Resolves when `next` is on the disk, and only then `data` is `next`. */
  write(next: T): Promise<void>;
  /** `restored`: the file before the last; `damaged`: none was good, so it is empty. Bad ones are set aside. */
  readonly opened: 'ok' | 'new' | 'restored' | 'damaged';
}

/** What stands in the file. Keys that this version does not know are kept, here and at the top of `data`. */
interface Stored {
  readonly v: number;
  readonly data: object;
}
const VERSION = 1;

/** `parse` answers null for what is no table of this kind. Throws `wrong_key`. */
export async function openTable<T extends object>(
  path: string,
  options: { readonly empty: T; readonly parse: (data: unknown) => T | null; readonly seal?: FileSeal },
): Promise<Table<T>> {
  const { seal } = options;
  const { opened, stored, data } = load(path, options.parse, seal);
  const low = new Low<Stored>(
    {
      read: () => Promise.resolve(stored),
      write: (next) => saveWhole(path, Buffer.from(JSON.stringify(next)), { seal }),
    },
    { v: VERSION, data: {} },
  );
  await low.read();
  return new OpenTable(low, data ?? structuredClone(options.empty), opened);
}

/** What a table holds, for whoever may change nothing. Null: there is none, or none that is good. */
export function peekTable<T>(path: string, parse: (data: unknown) => T | null, seal: FileSeal): T | null {
  const bytes = peekWhole(path, seal);
  const stored = bytes === null ? null : parseStored(bytes);
  return stored === null ? null : parse(stored.data);
}

class OpenTable<T extends object> implements Table<T> {
  readonly opened: Table<T>['opened'];
  private readonly low: Low<Stored>;
  private current: T;
  private readonly turns = new Turns();
  private readonly unknown: object;

  constructor(low: Low<Stored>, data: T, opened: Table<T>['opened']) {
    this.low = low;
    this.current = data;
    this.opened = opened;
    this.unknown = Object.fromEntries(Object.entries(low.data.data).filter(([key]) => !(key in data)));
  }

  get data(): T {
    return this.current;
  }

  write(next: T): Promise<void> {
    return this.turns.take(async () => {
      const before = this.low.data;
      this.low.data = { ...before, data: { ...this.unknown, ...next } };
      try {
        await this.low.write();
      } catch (error) {
        this.low.data = before;
        throw error;
      }
      this.current = next;
    });
  }
}

interface Loaded<T> {
  readonly opened: Table<T>['opened'];
  readonly stored: Stored | null;
  readonly data: T | null;
}

function load<T>(path: string, parse: (data: unknown) => T | null, seal: FileSeal | undefined): Loaded<T> {
  const file = readWhole(path, seal);
  if (file.state === 'missing') return { opened: 'new', stored: null, data: null };
  if (file.state === 'damaged') return { opened: 'damaged', stored: null, data: null };
  const stored = parseStored(file.bytes);
  const data = stored === null ? null : parse(stored.data);
  if (data !== null) return { opened: file.state, stored, data };
  // Whole, and yet no such table: the one before it may be. Each turn sets one file aside.
  setAside(file.state === 'ok' ? path : `${path}.prev`);
  const before = load(path, parse, seal);
  return before.opened === 'new' ? { ...before, opened: 'damaged' } : before;
}

function parseStored(bytes: Buffer): Stored | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isStored(value) ? value : null;
  } catch {
    return null;
  }
}
const isStored = (value: unknown): value is Stored =>
  typeof value === 'object' &&
  value !== null &&
  'v' in value &&
  typeof value.v === 'number' &&
  'data' in value &&
  typeof value.data === 'object' &&
  value.data !== null;
