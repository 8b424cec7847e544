/**
 * A backup to the USB stick in the box. The daemon may mount nothing, so it asks the machine (`systemd/stick-backup.sh`) by a file in
 * memory that only the two can read, and hears from it by another.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random, Timers } from '../system/ports.ts';

export interface Stick {
  /** Resolves when it is written, or cannot be: in a sentence. One at a time. */
  backUp(password: string): Promise<{ readonly ok: boolean; readonly words: string }>;
}

const lookEveryMs = 500;
/** A full card to a slow stick. */
const answerMaxMs = 5 * 60_000;

/** `boxFolder`: root's, in memory; it is there on a box only. Null: this is none. */
export function stickOf(
  runFolder: string | null,
  boxFolder: string,
  { random, timers }: { readonly random: Pick<Random, 'id'>; readonly timers: Timers },
): Stick | null {
  if (runFolder === null || !existsSync(boxFolder)) return null;
  const folder = join(runFolder, 'stick');
  const request = join(folder, 'backup');
  const answer = join(boxFolder, 'stick-backup');
  const heard = (id: string): { readonly ok: boolean; readonly words: string } | null => {
    const [of, how, words = ''] = existsSync(answer) ? readFileSync(answer, 'utf8').split('\n') : [];
    return of === id ? { ok: how === '0', words } : null;
  };
  return {
    async backUp(password) {
      if (existsSync(request)) return { ok: false, words: 'Another backup is being written.' };
      const id = random.id();
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(request, `${id}\n${password}\n`, { mode: 0o600 });
      try {
        return await new Promise((done) => {
          const end = (found: { readonly ok: boolean; readonly words: string }): void => {
            stopLooking();
            giveUp();
            done(found);
          };
          const stopLooking = timers.every(lookEveryMs, () => {
            const found = heard(id);
            if (found !== null) end(found);
          });
          const giveUp = timers.after(answerMaxMs, () => {
            end({ ok: false, words: 'The machine did not answer: switch the box off and on.' });
          });
        });
      } finally {
        rmSync(request, { force: true });
      }
    },
  };
}
