/**
 * The keys of a data folder: the master keys in its `keys/`, and the host key that opens them in a file outside it. Made
 * once, for a data folder that holds nothing encrypted yet; never over one that does (durability.md 16).
 */
import { basename, dirname, join } from 'node:path';
import { diskReader, openDisk, putFile } from './disk.ts';
import type { Disk, DiskReader } from './disk.ts';
import { JournalError, causeOf } from './error.ts';
import { isSealedSegment } from './frame.ts';
import { isWhole, openMasters, readMasterFile, sealMasters, writeMasterFile } from './master-file.ts';
import type { MasterFile } from './master-file.ts';
import { mastersOf } from './masters.ts';
import type { Masters } from './masters.ts';
import { KEY_BYTES } from './seal.ts';
import type { RandomBytes } from './seal.ts';
import { isSealedFile } from './sealed-file.ts';
import { readSpine } from './spine.ts';
import { beginSpineKey } from './spine-key.ts';
import { RECOVERY_BYTES, hostKeyText, readHostKey, readRecoveryKey, recoveryKeyText } from './written-keys.ts';

export interface KeyPlaces {
  readonly dataFolder: string;
  /** Files that may hold the host key: the first that opens the master keys is taken. */
  readonly keyFiles: readonly string[];
  /** Where one is made for a new data folder when none of them is there. */
  readonly newKeyFile: string;
  readonly disks: Disks;
}

/** Folders by their path. */
export interface Disks {
  readonly reader: (folder: string) => DiskReader;
  /** Makes the folder. */
  readonly open: (folder: string) => Disk;
}
export const realDisks: Disks = { reader: diskReader, open: openDisk };

export interface OpenedKeys {
  readonly masters: Masters;
  /** Made just now: to be shown once and kept nowhere. */
  readonly recoveryKey: string | null;
}

/** At the start, before anything is read. Throws `key_missing`, `wrong_key`, `newer`, `locked`; then nothing was changed. */
export function openKeys(places: KeyPlaces, random: RandomBytes): OpenedKeys {
  return withKeys(places, (disk) => {
    const file = readMasterFile(disk);
    if (file !== null && isWhole(disk)) return { masters: openByHost(file, places).masters, recoveryKey: null };
    const sealed = holdsSealed(places);
    if (file === null && sealed) throw mastersMissing();
    // One copy, and nothing under it: the making was cut off, and its recovery key was never shown.
    if (file === null || (file.generation === 1 && !sealed)) return make(disk, places, random);
    const { masters } = openByHost(file, places);
    writeMasterFile(disk, file);
    return { masters, recoveryKey: null };
  });
}

/**
 * For whoever only reads, also a folder that may not be written to. `recovery` opens where it fits, also without a key file.
 * Throws as `openKeys`.
 */
export function readKeys(places: KeyPlaces, recovery: Uint8Array | null = null): Masters {
  const file = isThere(places, join(places.dataFolder, 'keys'))
    ? readMasterFile(places.disks.reader(join(places.dataFolder, 'keys')))
    : null;
  const recovered = file === null || recovery === null ? null : openMasters(file, 'recovery', recovery);
  if (file !== null) return recovered ?? openByHost(file, places).masters;
  if (holdsSealed(places)) throw mastersMissing();
  return mastersOf([new Uint8Array(KEY_BYTES)], true);
}

/** Nobody else opens or changes them meanwhile. */
export function withKeys<T>({ dataFolder, disks }: KeyPlaces, work: (disk: Disk) => T): T {
  const disk = disks.open(join(dataFolder, 'keys'));
  const unlock = disk.lock();
  try {
    return work(disk);
  } finally {
    unlock();
  }
}

export interface HostOpened {
  readonly masters: Masters;
  readonly hostKey: Uint8Array;
  readonly path: string;
}

/** Throws `key_missing` where no key file is there, `wrong_key` where none of them fits. */
export function openByHost(file: MasterFile, places: KeyPlaces): HostOpened {
  const { keyFiles, newKeyFile } = places;
  const there = keyFiles.filter((path) => isThere(places, path));
  if (there.length === 0) {
    throw new JournalError('key_missing', `the key file is missing: there is no ${keyFiles[0] ?? newKeyFile}`);
  }
  for (const path of there) {
    const hostKey = readKeyFile(places, path);
    const masters = openMasters(file, 'host', hostKey);
    if (masters !== null) return { masters, hostKey, path };
  }
  throw new JournalError('wrong_key', `${there.join(', ')} is not the key of this data folder`);
}

/** A person's recovery key opens them. `typed`: as it is written down. Throws `refused` with what to say of it. */
export function openByRecovery(
  file: MasterFile,
  typed: string,
): { readonly masters: Masters; readonly recovery: Uint8Array } {
  const recovery = readRecoveryKey(typed);
  if (recovery === null) {
    const words = 'That is no recovery key: a symbol is wrong, or there are not 28 of them. Nothing was changed';
    throw new JournalError('refused', words);
  }
  const masters = openMasters(file, 'recovery', recovery);
  if (masters !== null) return { masters, recovery };
  throw new JournalError(
    'refused',
    'That is a recovery key, but not of these records, or not their last one. Nothing was changed',
  );
}

/** The key of this machine, whatever it opens. Throws `key_missing`. */
export function hostKeyOf(places: KeyPlaces): Uint8Array {
  const { keyFiles, newKeyFile } = places;
  const path = keyFiles.find((one) => isThere(places, one)) ?? newKeyFile;
  return readKeyFile(places, path);
}

/** A file or a folder. */
export function isThere({ disks }: KeyPlaces, path: string): boolean {
  try {
    return disks.reader(dirname(path)).list().includes(basename(path));
  } catch {
    return false;
  }
}

/** Writes a key file whole (0600) and makes it last. */
export function putKeyFile({ disks }: KeyPlaces, path: string, key: Uint8Array): void {
  putFile(disks.open(dirname(path)), basename(path), Buffer.from(hostKeyText(key)));
}

/** Throws `key_missing`, `wrong_key`. */
function readKeyFile({ disks }: KeyPlaces, path: string): Uint8Array {
  let text: string;
  try {
    text = disks.reader(dirname(path)).read(basename(path), 4096).toString('latin1');
  } catch (error) {
    throw new JournalError('key_missing', `the key file ${path} cannot be read (${causeOf(error)})`);
  }
  return readHostKey(text);
}

export const mastersMissing = (): JournalError =>
  new JournalError('key_missing', 'the master keys (the folder keys/ of the data folder) are missing');

function make(disk: Disk, places: KeyPlaces, random: RandomBytes): OpenedKeys {
  const given = places.keyFiles.find((path) => isThere(places, path));
  const hostKey = given === undefined ? random(KEY_BYTES) : readKeyFile(places, given);
  if (given === undefined) putKeyFile(places, places.newKeyFile, hostKey);
  const masters = mastersOf([random(KEY_BYTES)], filesIn(places).length > 0);
  const recovery = random(RECOVERY_BYTES);
  writeMasterFile(disk, sealMasters(masters, 1, { host: [hostKey], recovery: [recovery] }, random));
  vouchAnew(places, masters, random, recovery);
  return { masters, recoveryKey: recoveryKeyText(recovery) };
}

/** From now on it is this recovery key by which the spine can be checked. */
export function vouchAnew(
  { dataFolder, disks }: KeyPlaces,
  masters: Masters,
  random: RandomBytes,
  recovery: Uint8Array,
): void {
  const journal = disks.open(join(dataFolder, 'journal'));
  beginSpineKey(journal, { masters, random }, recovery, readSpine(journal).lines);
}

/** The first bytes of records, tables and photos, wherever they lie in a data folder. */
function filesIn({ dataFolder, disks }: KeyPlaces): readonly Buffer[] {
  return ['.', 'journal', 'photos'].flatMap((room) => {
    const starts: Buffer[] = [];
    try {
      const disk = disks.reader(join(dataFolder, room));
      for (const name of disk.list()) if (name !== 'lock') starts.push(...startOf(disk, name));
    } catch {
      return starts;
    }
    return starts;
  });
}

/** Nothing for a folder. */
function startOf(disk: DiskReader, name: string): readonly Buffer[] {
  try {
    return [disk.read(name, 16)];
  } catch {
    return [];
  }
}

/** Is there anything that only a key of its own can open? Throws `newer`. */
const holdsSealed = (places: KeyPlaces): boolean =>
  filesIn(places).some((start) => isSealedSegment(start) || isSealedFile(start));
