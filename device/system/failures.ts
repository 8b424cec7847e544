/**
 * How often this process failed since the machine started, kept where a power cut forgets it (`/run`): that chooses the level
 * (durability.md 28). A folder that takes nothing costs the counting, never the start.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Clock } from './ports.ts';

export type Level = 'normal' | 'safe' | 'minimal';
/** `process`: it ended without a stop, whatever the reason; `storage`: it ended because the journal failed. */
export type Failure = 'process' | 'storage';

/** Failures that count, in monotonic time. */
export const failuresWithinMs = 60 * 60_000;
const safeFrom = 3;
const minimalFrom = 5;
/** Not even the least works: nothing is opened until an hour has gone by. */
const nothingFrom = 8;

export interface Run {
  /** Null: it failed so often that nothing is to be opened. */
  level(): Level | null;
  /** Has the journal failed within the last hour? */
  storageFailed(): boolean;
  /** This run is about to end by a failure that has a name. */
  fails(failure: Failure): void;
  /** This run ends as it should. */
  ends(): void;
}

const schema = v.object({
  boot: v.string(),
  /** A run that did not say how it ended is one that failed. */
  running: v.boolean(),
  failures: v.array(v.object({ mono: v.number(), failure: v.picklist(['process', 'storage']) })),
});
type Kept = v.InferOutput<typeof schema>;

/** Null folder: nothing is counted, and every start is a normal one. */
export function beginRun(folder: string | null, clock: Pick<Clock, 'boot' | 'mono'>): Run {
  const path = folder === null ? null : join(folder, 'failures.json');
  const before = path === null ? null : read(path);
  const sameBoot = before?.boot === clock.boot;
  let failures = sameBoot ? before.failures : [];
  const add = (failure: Failure): void => {
    failures = [...failures.slice(1 - nothingFrom), { mono: clock.mono(), failure }];
  };
  if (sameBoot && before.running) add('process');
  const keep = (running: boolean): void => {
    if (path !== null) write(path, { boot: clock.boot, running, failures });
  };
  keep(true);
  const recent = (): Kept['failures'] => failures.filter(({ mono }) => clock.mono() - mono < failuresWithinMs);
  return {
    level() {
      const { length } = recent();
      if (length >= nothingFrom) return null;
      return length >= minimalFrom ? 'minimal' : length >= safeFrom ? 'safe' : 'normal';
    },
    storageFailed: () => recent().some(({ failure }) => failure === 'storage'),
    fails(failure) {
      add(failure);
      keep(false);
    },
    ends: () => {
      keep(false);
    },
  };
}

function read(path: string): Kept | null {
  try {
    return v.parse(schema, JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null; // none yet, or of another version
  }
}

/** Memory, not a card: it needs no sync. */
function write(path: string, kept: Kept): void {
  try {
    writeFileSync(`${path}.tmp`, JSON.stringify(kept), { mode: 0o600 });
    renameSync(`${path}.tmp`, path);
  } catch {
    // Without it the next start is a normal one.
  }
}
