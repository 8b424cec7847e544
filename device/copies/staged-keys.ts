/** Does a restored folder open on this machine? Where it does not, its recovery key puts it under the machine's own key. */
import { join } from 'node:path';
import { diskReader, openDisk } from '../journal/disk.ts';
import { JournalError } from '../journal/error.ts';
import { FrameKeys } from '../journal/frame-keys.ts';
import { hostKeyOf, mastersMissing, openByRecovery, readKeys } from '../journal/key-folder.ts';
import type { KeyPlaces } from '../journal/key-folder.ts';
import { readMasterFile, sealMasters, writeMasterFile } from '../journal/master-file.ts';
import { openWith } from '../journal/reading.ts';
import { noRandom } from '../journal/seal.ts';
import type { RandomBytes } from '../journal/seal.ts';

/** `places`: of this machine; `staged`: the restored folder. False: it takes a recovery key. Throws `newer`, and what the card does. */
export function opensHere(places: KeyPlaces, staged: string): boolean {
  try {
    const masters = readKeys({ ...places, dataFolder: staged });
    openWith(diskReader(join(staged, 'journal')), new FrameKeys(masters, noRandom));
    return true;
  } catch (error) {
    if (error instanceof JournalError && (error.code === 'wrong_key' || error.code === 'key_missing')) return false;
    throw error;
  }
}

/**
 * By the recovery key of the box that was backed up, which stays the recovery key. Throws `JournalError` with what to say; then it is
 * as it was.
 */
export function putUnderHostKey(places: KeyPlaces, staged: string, typed: string, random: RandomBytes): void {
  const disk = openDisk(join(staged, 'keys'));
  const file = readMasterFile(disk);
  if (file === null) throw mastersMissing();
  const { masters, recovery } = openByRecovery(file, typed);
  const openers = { host: [hostKeyOf(places)], recovery: [recovery] };
  openWith(diskReader(join(staged, 'journal')), new FrameKeys(masters, noRandom));
  writeMasterFile(disk, sealMasters(masters, file.generation + 1, openers, random));
}
