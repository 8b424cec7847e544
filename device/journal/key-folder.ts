/**
 * The keys of a data folder: the master keys in its `keys/`, and the host key that opens them in a file outside it. Made
 * once, for a data folder that holds nothing encrypted yet; never over one that does (durability.md 16).
 */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { diskReader, openDisk, putFile } from './disk.ts';
import type { Disk } from './disk.ts';
import { JournalError, causeOf } from './error.ts';
import { isSealedSegment } from './frame.ts';
import { isWhole, openMasters, readMasterFile, sealMasters, writeMasterFile } from './master-file.ts';
import type { MasterFile } from './master-file.ts';
import { mastersOf } from './masters.ts';
import type { Masters } from './masters.ts';
import { KEY_BYTES } from './seal.ts';
import type { RandomBytes } from './seal.ts';
import { RECOVERY_BYTES, hostKeyText, readHostKey, recoveryKeyText } from './written-keys.ts';

export interface KeyPlaces {
  readonly dataFolder: string;
  /** Files that may hold the host key: the first that opens the master keys is taken. */
  readonly keyFiles: readonly string[];
  /** Where one is made for a new data folder when none of them is there. */
  readonly newKeyFile: string;
}

export interface OpenedKeys {
  readonly masters: Masters;
  /** Made just now: to be shown once and kept nowhere. */
  readonly recoveryKey: string | null;
}

/** At the start, before anything is read. Throws `key_missing`, `wrong_key`, `locked`; then nothing was changed. */
export function openKeys(places: KeyPlaces, random: RandomBytes): OpenedKeys {
  return withKeys(places, (disk) => {
    const file = readMasterFile(disk);
    if (file !== null && isWhole(disk)) return { masters: openByHost(file, places).masters, recoveryKey: null };
    const sealed = holdsSealed(places.dataFolder);
    if (file === null && sealed) throw mastersMissing();
    // One copy, and nothing under it: the making was cut off, and its recovery key was never shown.
    if (file === null || (file.generation === 1 && !sealed)) return make(disk, places, random);
    const { masters } = openByHost(file, places);
    writeMasterFile(disk, file);
    return { masters, recoveryKey: null };
  });
}

/** For whoever only reads, also a folder that may not be written to. Throws as `openKeys`. */
export function readKeys(places: KeyPlaces): Masters {
  const folder = join(places.dataFolder, 'keys');
  const file = existsSync(folder) ? readMasterFile(diskReader(folder)) : null;
  if (file !== null) return openByHost(file, places).masters;
  if (holdsSealed(places.dataFolder)) throw mastersMissing();
  return mastersOf([new Uint8Array(KEY_BYTES)], true);
}

/** Nobody else opens or changes them meanwhile. */
export function withKeys<T>({ dataFolder }: KeyPlaces, work: (disk: Disk) => T): T {
  const disk = openDisk(join(dataFolder, 'keys'));
  const unlock = disk.lock();
  try {
    return work(disk);
  } finally {
    unlock();
  }
}

/** Throws `key_missing` where no key file is there, `wrong_key` where none of them fits. */
export function openByHost(
  file: MasterFile,
  { keyFiles, newKeyFile }: KeyPlaces,
): { readonly masters: Masters; readonly hostKey: Uint8Array; readonly path: string } {
  const there = keyFiles.filter((path) => existsSync(path));
  if (there.length === 0) {
    throw new JournalError('key_missing', `the key file is missing: there is no ${keyFiles[0] ?? newKeyFile}`);
  }
  for (const path of there) {
    const hostKey = readKeyFile(path);
    const masters = openMasters(file, 'host', hostKey);
    if (masters !== null) return { masters, hostKey, path };
  }
  throw new JournalError('wrong_key', `${there.join(', ')} is not the key of this data folder`);
}

const mastersMissing = (): JournalError =>
  new JournalError('key_missing', 'the master keys (the folder keys/ of the data folder) are missing');

/** Throws `key_missing`, `wrong_key`. */
export function readKeyFile(path: string): Uint8Array {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new JournalError('key_missing', `the key file ${path} cannot be read (${causeOf(error)})`);
  }
  return readHostKey(text);
}

/** Writes a key file whole (0600) and makes it last. */
export function putKeyFile(path: string, key: Uint8Array): void {
  putFile(openDisk(dirname(path)), basename(path), Buffer.from(hostKeyText(key)));
}

function make(disk: Disk, places: KeyPlaces, random: RandomBytes): OpenedKeys {
  const { dataFolder, keyFiles, newKeyFile } = places;
  const given = keyFiles.find((path) => existsSync(path));
  const hostKey = given === undefined ? random(KEY_BYTES) : readKeyFile(given);
  if (given === undefined) putKeyFile(newKeyFile, hostKey);
  const masters = mastersOf([random(KEY_BYTES)], filesIn(dataFolder).length > 0);
  const recovery = random(RECOVERY_BYTES);
  writeMasterFile(
    disk,
    sealMasters(
      masters,
      1,
      [
        ['host', hostKey],
        ['recovery', recovery],
      ],
      random,
    ),
  );
  return { masters, recoveryKey: recoveryKeyText(recovery) };
}

/** Records, tables and photos, wherever they lie in a data folder. */
function filesIn(dataFolder: string): readonly string[] {
  return ['.', 'journal', 'photos'].flatMap((room) => {
    const folder = join(dataFolder, room);
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return names
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile() && basename(path) !== 'lock');
  });
}

/** Is there anything that only a key of its own can open? Throws `newer`. */
const holdsSealed = (dataFolder: string): boolean =>
  filesIn(dataFolder).some((path) => isSealedSegment(diskReader(dirname(path)).read(basename(path), 16)));
