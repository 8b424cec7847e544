/** The recovery key between first boot, which makes it, and the screen, which shows it: in memory only (durability.md 16). */
import { existsSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { openDisk } from '../journal/disk.ts';
import type { Recovery } from '../web/set-up-page.ts';

/** In the data folder, as long as nobody has said that the key is written down: each start makes another one. */
export const unnotedName = 'recovery-unnoted';
/** In the folder of the box, in memory. */
export const recoveryName = 'recovery-key';

export function recoveryOf(dataFolder: string, boxFolder: string): Recovery {
  const [unnoted, shown] = [join(dataFolder, unnotedName), join(boxFolder, recoveryName)];
  return {
    key: () => (existsSync(unnoted) && existsSync(shown) ? readFileSync(shown, 'utf8').trim() || null : null),
    noted() {
      rmSync(unnoted, { force: true });
      openDisk(dataFolder).syncFolder();
      // The folder is root's, the file is not.
      if (existsSync(shown)) truncateSync(shown);
    },
  };
}
