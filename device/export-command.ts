/** `porter export open FILE`: what a daily export says, as JSON lines; with the recovery key alone, or with the keys of the box. */
import { readFileSync } from 'node:fs';
import { openDay } from './copies/day-export.ts';
import { JournalError, causeOf } from './journal/error.ts';
import type { Masters } from './journal/masters.ts';
import { checked } from './journal/whole-file.ts';
import { readRecoveryKey } from './journal/written-keys.ts';

export interface ExportCommand {
  readonly action: string | undefined;
  readonly file: string | undefined;
  /** As it was typed; null: the keys of the data folder open it. */
  readonly recoveryKey: string | null;
  /** Throws where there is none. */
  readonly masters: () => Masters;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
}

/** 0: all of it was printed; 1: it cannot be opened, nothing was printed. Null: no such action. */
export async function exportCommand(command: ExportCommand): Promise<0 | 1 | null> {
  const { action, file, recoveryKey, masters, print, complain } = command;
  if (action !== 'open' || file === undefined) return null;
  const recovery = recoveryKey === null ? null : readRecoveryKey(recoveryKey);
  if (recovery === null && recoveryKey !== null) {
    complain('That is no recovery key: a symbol is wrong, or there are not 28 of them.\n');
    return 1;
  }
  try {
    const stored = readFileSync(file);
    // One that was copied out of the data folder has a last line more.
    const bytes = checked(stored) ?? stored;
    const { plain } = await openDay([bytes], recovery === null ? { masters: masters() } : { recovery });
    const parts: Buffer[] = [];
    for await (const part of plain) parts.push(part);
    print(Buffer.concat(parts).toString('utf8'));
    return 0;
  } catch (error) {
    complain(
      error instanceof JournalError ? `${file}: ${error.message}.\n` : `${file} cannot be read (${causeOf(error)}).\n`,
    );
    return 1;
  }
}
