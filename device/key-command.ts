/** `porter key check|rotate|recover|new-recovery`: the keys of a data folder, while no Porter runs on it (durability.md 16). */
import { basename, dirname, join } from 'node:path';
import type { DiskReader } from './journal/disk.ts';
import { JournalError, causeOf } from './journal/error.ts';
import { FrameKeys } from './journal/frame-keys.ts';
import {
  isThere,
  mastersMissing,
  openByHost,
  openByRecovery,
  putKeyFile,
  readKeys,
  vouchAnew,
  withKeys,
} from './journal/key-folder.ts';
import type { HostOpened, KeyPlaces } from './journal/key-folder.ts';
import { isWhole, readMasterFile, sealMasters, writeMasterFile } from './journal/master-file.ts';
import type { MasterFile } from './journal/master-file.ts';
import { mastersOf } from './journal/masters.ts';
import type { Masters } from './journal/masters.ts';
import { checkPhotoKeys } from './journal/photo-keys.ts';
import { PupilKeys } from './journal/pupil-keys.ts';
import { headersOf, openWith } from './journal/reading.ts';
import { KEY_BYTES, noRandom } from './journal/seal.ts';
import type { RandomBytes } from './journal/seal.ts';
import { segmentsOf } from './journal/segments.ts';
import { RECOVERY_BYTES, recoveryKeyText } from './journal/written-keys.ts';

export interface KeyCommand {
  readonly action: string | undefined;
  readonly places: KeyPlaces;
  readonly random: RandomBytes;
  readonly print: (text: string) => void;
  /** A line from whoever sits there: the recovery key. */
  readonly ask: () => Promise<string>;
}

/** 0: done; 1: it cannot be done, nothing was changed. Null: no such action. */
export async function keyCommand(command: KeyCommand): Promise<0 | 1 | null> {
  const { action, places, print } = command;
  try {
    switch (action) {
      case 'check':
        return check(command);
      case 'rotate':
        return stopped(places, () => withKeys(places, (disk) => rotate(command, disk)));
      case 'recover': {
        const typed = await command.ask();
        return stopped(places, () => withKeys(places, (disk) => recover(command, disk, typed)));
      }
      case 'new-recovery':
        return stopped(places, () => withKeys(places, (disk) => newRecovery(command, disk)));
      default:
        return null;
    }
  } catch (error) {
    print(error instanceof JournalError ? `${error.message}.\n` : `The card does not take it (${causeOf(error)}).\n`);
    return 1;
  }
}

type KeyDisk = Parameters<Parameters<typeof withKeys>[1]>[0];

/** A Porter that runs has the old keys in its memory. */
function stopped<T>({ dataFolder, disks }: KeyPlaces, work: () => T): T {
  const unlock = disks.open(join(dataFolder, 'journal')).lock();
  try {
    return work();
  } finally {
    unlock();
  }
}

function check({ places, print, random }: KeyCommand): 0 | 1 {
  const masters = readKeys(places);
  const journal = places.disks.reader(join(places.dataFolder, 'journal'));
  openWith(journal, new FrameKeys(masters, random));
  const count = masters.all.length;
  print(
    `The key fits. ${count === 1 ? 'One master key' : `${count} master keys`}, the newest is ${masters.newest.id}.\n`,
  );
  print(`All ${segmentsOf(journal).length} segments of the journal stand under a key that is here.\n`);
  const wrong = [
    ...(isWhole(places.disks.reader(join(places.dataFolder, 'keys')))
      ? []
      : ['One of the two copies of the master keys is damaged: the next start makes it good from the other.']),
    ...pupilKeyTroubles(journal, masters, print),
    ...photoKeyTroubles(places, masters, print),
  ];
  for (const words of wrong) print(`${words}\n`);
  return wrong.length === 0 ? 0 : 1;
}

type Print = KeyCommand['print'];

function pupilKeyTroubles(journal: DiskReader, masters: Masters, print: Print): readonly string[] {
  const keys = new PupilKeys(journal, masters, noRandom);
  const isExpected = headersOf(journal).some(({ personal }) => personal);
  if (keys.isLost(isExpected)) {
    return ['The keys of pupils (both copies of journal/pupil-keys) are LOST: what stands under them cannot be read.'];
  }
  print(`The keys of ${keys.count} pupils open.\n`);
  return keys.isEven ? [] : ['One of the two copies of journal/pupil-keys is damaged: the next start makes it good.'];
}

function photoKeyTroubles(places: KeyPlaces, masters: Masters, print: Print): readonly string[] {
  const folder = join(places.dataFolder, 'photos');
  if (!isThere(places, folder)) return [];
  const disk = places.disks.reader(folder);
  const { state, count } = checkPhotoKeys(disk, masters);
  const hasPhotos = disk.list().some((name) => name.endsWith('.jpg'));
  if (state === 'lost' || (state === 'none' && hasPhotos && !masters.plainBefore)) {
    return ['The keys of photos (both copies of photos/.keys) are LOST: photos of before cannot be seen.'];
  }
  if (state !== 'none') print(`The keys of ${count} photos open.\n`);
  return state === 'uneven' ? ['One of the two copies of photos/.keys is damaged: the next photo makes it good.'] : [];
}

/** New host key, new master key, new recovery key; at every step the old or the new host key opens everything. */
function rotate({ places, random, print }: KeyCommand, disk: KeyDisk): 0 {
  const { file, masters, hostKey, path } = opened(disk, places);
  const next = mastersOf([...masters.all.map(({ key }) => key), random(KEY_BYTES)], masters.plainBefore);
  const [newHost, recovery] = [random(KEY_BYTES), random(RECOVERY_BYTES)];
  const both = { host: [hostKey, newHost], recovery: [recovery] };
  // Credentials cannot be written to: the new key goes beside the data folder, and from there to where they come from.
  const target = path === places.keyFiles.at(-1) ? path : places.newKeyFile;
  putKeyFile(places, staged(target), newHost);
  writeMasterFile(disk, sealMasters(next, file.generation + 1, both, random));
  place(places, target);
  const alone = { host: [newHost], recovery: [recovery] };
  writeMasterFile(disk, sealMasters(next, file.generation + 2, alone, random));
  vouchAnew(places, next, random, recovery);
  print(`New keys. The host key is in ${target}; the one before it opens nothing any more.\n`);
  if (target !== path) print(`It is still to be put where ${path} comes from.\n`);
  print(recoveryWords(recoveryKeyText(recovery)));
  return 0;
}

/** The host key is lost, or was on a board that is dead: the recovery key opens, and gives a new one. */
function recover({ places, random, print }: KeyCommand, disk: KeyDisk, typed: string): 0 | 1 {
  const file = readMasterFile(disk);
  if (file === null) throw mastersMissing();
  const { masters, recovery } = openByRecovery(file, typed);
  const target = places.newKeyFile;
  if (isThere(places, target)) {
    print(`${target} is there and is not overwritten: put it aside first. Nothing was changed.\n`);
    return 1;
  }
  const hostKey = random(KEY_BYTES);
  putKeyFile(places, staged(target), hostKey);
  const openers = { host: [hostKey], recovery: [recovery] };
  writeMasterFile(disk, sealMasters(masters, file.generation + 1, openers, random));
  place(places, target);
  print(`Recovered. The new host key is in ${target}; the recovery key stays as it is.\n`);
  return 0;
}

function newRecovery({ places, random, print }: KeyCommand, disk: KeyDisk): 0 {
  print(recoveryWords(anotherRecovery(places, random, disk)));
  return 0;
}

/** The one before opens nothing any more. While no Porter runs. */
export const newRecoveryKey = (places: KeyPlaces, random: RandomBytes): string =>
  withKeys(places, (disk) => anotherRecovery(places, random, disk));

function anotherRecovery(places: KeyPlaces, random: RandomBytes, disk: KeyDisk): string {
  const { file, masters, hostKey } = opened(disk, places);
  const recovery = random(RECOVERY_BYTES);
  const openers = { host: [hostKey], recovery: [recovery] };
  writeMasterFile(disk, sealMasters(masters, file.generation + 1, openers, random));
  vouchAnew(places, masters, random, recovery);
  return recoveryKeyText(recovery);
}

function opened(disk: KeyDisk, places: KeyPlaces): HostOpened & { readonly file: MasterFile } {
  const file = readMasterFile(disk);
  if (file === null) throw mastersMissing();
  return { file, ...openByHost(file, places) };
}

const staged = (path: string): string => `${path}.new`;

/** From its staging place to where it is looked for. */
function place({ disks }: KeyPlaces, path: string): void {
  const disk = disks.open(dirname(path));
  disk.rename(basename(staged(path)), basename(path));
  disk.syncFolder();
}

/** Shown once. */
export const recoveryWords = (key: string): string => `
Recovery key of this box, shown this once. Write it down and keep it in the school's safe:

  ${key}

Without it, and without the key file, nobody can read the records again.

`;
