/** Where daily exports lie on the box: `exports/` of the data folder, a file a day, readable by the box's keys or the recovery key. */
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { loadWhole, removeWhole, saveWhole } from '../journal/whole-file.ts';
import { openDay, sealDay } from './day-export.ts';
import type { ExportKeys } from './day-export.ts';

export interface ExportFolder {
  /** Days with a file, and how large each is. */
  days(): Promise<ReadonlyMap<string, number>>;
  /** Whole or not at all. Rejects with what the card says. */
  write(date: string, lines: readonly object[]): Promise<void>;
  /** As it is to be downloaded; null: there is none, or it is damaged. */
  read(date: string): Promise<Buffer | null>;
  /** What it says, as text; null: there is none, or it cannot be opened. */
  text(date: string): Promise<string | null>;
  remove(date: string): Promise<void>;
}

const ending = '.porter-day';

export function exportFolder(folder: string, keys: () => ExportKeys): ExportFolder {
  const path = (date: string): string => join(folder, `${date}${ending}`);
  const read = (date: string): Promise<Buffer | null> => loadWhole(path(date));
  return {
    async days() {
      const names = existsSync(folder) ? await readdir(folder) : [];
      const days = names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
      return new Map(await Promise.all(days.map(async (day) => [day, (await stat(path(day))).size] as const)));
    },
    write: async (date, lines) => saveWhole(path(date), await sealDay(date, lines, keys()), { keep: false }),
    read,
    async text(date) {
      const stored = await read(date);
      if (stored === null) return null;
      try {
        const parts: Buffer[] = [];
        for await (const part of (await openDay([stored], keys())).plain) parts.push(part);
        return Buffer.concat(parts).toString('utf8');
      } catch (error) {
        if (error instanceof Error && error.name === 'JournalError') return null;
        throw error;
      }
    },
    remove: (date) => removeWhole(path(date)),
  };
}
