/** What lies in the data folder, opened: records and desk, tables, badge key, photos, and the key to all of it. Part of `main.ts`. */
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import type { AppParts } from './app-parts.ts';
import type { Environment, Start } from './arguments.ts';
import { exportFolder } from './copies/export-folder.ts';
import type { ExportFolder } from './copies/export-folder.ts';
import { erasedName } from './copies/restore.ts';
import { destroyAside, noteIn, noteName } from './copies/swap.ts';
import { Desk } from './desk/desk.ts';
import type { Settings } from './domain/settings.ts';
import { diskReader } from './journal/disk.ts';
import { FrameKeys } from './journal/frame-keys.ts';
import type { CheckpointSeal } from './journal/checkpoint-file.ts';
import { openJournal } from './journal/journal.ts';
import type { JournalOptions } from './journal/journal.ts';
import { openKeys, readKeys, realDisks } from './journal/key-folder.ts';
import type { KeyPlaces } from './journal/key-folder.ts';
import { readMasterFile } from './journal/master-file.ts';
import type { Masters } from './journal/masters.ts';
import { openPhotoVault } from './journal/photo-vault.ts';
import { openWith } from './journal/reading.ts';
import { deriveKey, openBytes, sealBytes } from './journal/seal.ts';
import { fileSeal } from './journal/sealed-file.ts';
import type { FileSeal } from './journal/sealed-file.ts';
import { openTable, peekTable } from './journal/table.ts';
import type { Table } from './journal/table.ts';
import { TroubleError, troubleOf } from './journal/trouble.ts';
import { readWhole, removeWhole, sealNow, writeWhole } from './journal/whole-file.ts';
import { recoveryWords } from './key-command.ts';
import { lastKnown } from './last-known.ts';
import type { LastKnown } from './last-known.ts';
import { noMarks, readMarks } from './mis/kept-marks.ts';
import { nothingLearnt, readMemory } from './mis/memory.ts';
import { emptyTable, readTable } from './mis/roster-table.ts';
import { lastGoodName } from './settings/store.ts';
import { storedRosterName } from './settings/stored.ts';
import { machineRandom, machineTimers } from './system/outside.ts';
import { staffCertificate } from './staff-certificate.ts';
import type { StaffCertificate } from './staff-certificate.ts';
import { noAccounts, parseAccounts, parseOldPins } from './web/staff/account-table.ts';
import type { AccountData, AccountTable } from './web/staff/account-table.ts';

/** Where the host key may be: as told, else among systemd's credentials, else beside the data folder. */
export function keyPlaces({ keyFile }: Start, dataFolder: string, environment: Environment): KeyPlaces {
  const beside = `${dataFolder}.key`;
  const disks = realDisks;
  if (keyFile !== null) return { dataFolder, keyFiles: [resolve(keyFile)], newKeyFile: resolve(keyFile), disks };
  const credentials = environment['CREDENTIALS_DIRECTORY'];
  const given = credentials === undefined ? [] : [join(credentials, 'porter.key')];
  return { dataFolder, keyFiles: [...given, beside], newKeyFile: beside, disks };
}

export const randomBytes = (count: number): Uint8Array => machineRandom.bytes(count);

export function mastersFor(places: KeyPlaces, isDemo: boolean): Masters {
  const { masters, recoveryKey } = openKeys(places, randomBytes);
  // Nobody needs to recover a demo.
  if (recoveryKey !== null && !isDemo) process.stderr.write(recoveryWords(recoveryKey));
  return masters;
}

/** The journal, opened but not replayed, and the desk on it. */
export async function openRecords(
  folder: string,
  masters: Masters,
  options: Omit<JournalOptions, 'masters' | 'onRefused'> & { readonly threadFile: string },
) {
  // The journal refuses before the desk's own code can hear of it, so the desk is told from here.
  let desk: Desk | null = null;
  const journal = await openJournal({
    ...options,
    masters,
    folder,
    onRefused: () => desk?.refused(),
  });
  desk = new Desk(journal);
  return { journal, desk };
}

/** Under the newest master key: after its rotation the next start reads everything once. */
export function checkpointSeal({ newest }: Masters, journal: string): CheckpointSeal {
  const key = deriveKey(newest.key, 'checkpoint', Buffer.from(journal, 'hex'));
  const about = Buffer.from('checkpoint');
  return {
    seal: (plain) => sealBytes(randomBytes, key, plain, about),
    open: (sealed) => openBytes(key, sealed, about),
  };
}

/** What the folder holds, read without changing anything. Rejects as `lastKnown` does, and without the key. */
export async function knownBefore(places: KeyPlaces): Promise<LastKnown> {
  const masters = readKeys(places);
  const seal = fileSeal(() => masters, randomBytes);
  const inData = (name: string): string => join(places.dataFolder, name);
  return lastKnown(
    diskReader(inData('journal')),
    (disk) => openWith(disk, new FrameKeys(masters, randomBytes)),
    {
      roster: () => peekTable(inData(wholeFiles.roster), readTable, seal),
      marks: () => peekTable(inData(wholeFiles.marks), readMarks, seal),
    },
    () => new Promise((resolve) => void machineTimers.after(0, resolve)),
  );
}

/**
 * Everything beside the records: kept whole, under a master key. `now`: the machine's wall clock. `trial`: this version is tried, and
 * what a version before left as it was stays so, since that may come back (durability.md 29).
 */
export async function openFiles(
  inData: (name: string) => string,
  masters: Masters,
  settings: Settings,
  now: () => number,
  trial: boolean,
) {
  const seal = fileSeal(() => masters, randomBytes);
  if (masters.plainBefore && !trial) sealPlain(inData, seal);
  const tables = await openTables(inData, seal);
  if (!trial) await takeOverPins(tables.accounts, inData(oldPinsName), seal);
  const certificate = await staffCertificate(settings, { path: inData(certificateName), seal, mayWrite: true }, now);
  const badges = badgeKey(inData('badge-key'), settings, seal);
  const photos = openPhotoVault(inData('photos'), { masters, random: randomBytes });
  return { tables, certificate, badges, photos };
}

/** Before there were accounts, people had a PIN for the box and nothing else: they keep it. */
async function takeOverPins(accounts: Table<AccountData>, path: string, seal: FileSeal): Promise<void> {
  const before = accounts.opened === 'new' ? peekTable(path, parseOldPins, seal) : null;
  if (before !== null && before.people.length > 0) await accounts.write(before);
  for (const one of [path, `${path}.prev`]) if (existsSync(one)) await removeWhole(one);
}

/** What a restore left to be done. */
export const beforeRestore = (inData: (name: string) => string) => ({
  erasedBefore: erasedBefore(inData),
  restoredBefore: restoredBefore(inData),
});

/** A file that cannot be read says nothing that could be done. */
function erasedBefore(inData: (name: string) => string): AppParts['erasedBefore'] {
  const path = inData(erasedName);
  const keys = existsSync(path) ? v.safeParse(v.array(v.string()), JSON.parse(readFileSync(path, 'utf8'))) : null;
  return {
    keys: keys?.success === true ? keys.output : [],
    done: () => (existsSync(path) ? removeWhole(path) : Promise.resolve()),
  };
}

/** Who restored the folder, as long as its records do not say so. */
function restoredBefore(inData: (name: string) => string): AppParts['restoredBefore'] {
  let note = noteIn(inData('.'));
  return {
    note: () => note,
    async done() {
      await removeWhole(inData(noteName));
      note = null;
    },
  };
}

/** Daily exports: sealed for the box and, by what lies in `keys/`, for whoever has the recovery key. */
export function exportsOf(
  { dataFolder, disks }: KeyPlaces,
  inData: (name: string) => string,
  masters: Masters,
): ExportFolder {
  const file = readMasterFile(disks.reader(join(dataFolder, 'keys')));
  return exportFolder(inData('exports'), () => ({ masters, file, random: randomBytes }));
}

/** What the staff page needs while the box is out of service, read without changing anything. */
export async function staffDoorBefore(
  places: KeyPlaces,
  settings: Settings,
  now: () => number,
): Promise<{ readonly people: AccountTable | null; readonly certificate: StaffCertificate }> {
  const seal = fileSeal(() => readKeys(places), randomBytes);
  const inData = (name: string): string => join(places.dataFolder, name);
  const certificate = await staffCertificate(settings, { path: inData(certificateName), seal, mayWrite: false }, now);
  return { people: peekPeople(inData(wholeFiles.accounts), seal), certificate };
}

function peekPeople(path: string, seal: FileSeal): AccountTable | null {
  try {
    const data = peekTable(path, parseAccounts, seal);
    if (data === null) return null;
    return { data, write: () => Promise.reject(new TroubleError({ kind: 'no-room' })) };
  } catch {
    return null; // the key is missing, or the card does not answer
  }
}

/** See `hashOf` of the roster. By the first master key, which rotation keeps. */
export const rosterHashKey = ({ all, newest }: Masters): Uint8Array => deriveKey((all[0] ?? newest).key, 'roster hash');

const wholeFiles = { roster: 'roster.json', memory: 'mis.json', marks: 'marks.json', accounts: 'people.json' };
const certificateName = 'staff-certificate';
const oldPinsName = 'staff-pins.json';

/** What is kept for a while beside what is in force: see `AppParts.forgetCopies`. */
export async function forgetCopies(inData: (name: string) => string, badges: readonly string[]): Promise<void> {
  const tables = [wholeFiles.roster, wholeFiles.marks].map((name) => `${basename(inData(name))}.`);
  // The one before, and damaged ones that were set aside.
  for (const name of await readdir(dirname(inData(wholeFiles.roster)))) {
    const isCopy = tables.some((table) => name.startsWith(table)) && /\.(?:prev|damaged-\d+)$/.test(name);
    if (isCopy) await removeWhole(inData(name));
  }
  // As it lay on the card: whoever is on it would come back with it.
  for (const one of [storedRosterName, `${storedRosterName}.prev`])
    if (existsSync(inData(one))) await removeWhole(inData(one));
  const pictures = existsSync(inData('badges')) ? await readdir(inData('badges')) : [];
  for (const name of pictures) {
    // `000001-1-004217.png` (printer/simulated.ts)
    if (badges.some((badge) => name.slice(7).startsWith(badge))) await removeWhole(join(inData('badges'), name));
  }
  // What a restore put aside knows who is erased now. At the start after the restore it was erased there before.
  if (erasedBefore(inData).keys.length === 0) await destroyAside(inData('.'));
}

async function openTables(inData: (name: string) => string, seal: FileSeal) {
  return {
    roster: await openTable(inData(wholeFiles.roster), { empty: emptyTable, parse: readTable, seal }),
    memory: await openTable(inData(wholeFiles.memory), { empty: nothingLearnt, parse: readMemory, seal }),
    marks: await openTable(inData(wholeFiles.marks), { empty: noMarks, parse: readMarks, seal }),
    accounts: await openTable(inData(wholeFiles.accounts), { empty: noAccounts, parse: parseAccounts, seal }),
  };
}

/** What a version before this one left plain; what a full card does not take stays as it is until the next start. */
function sealPlain(inData: (name: string) => string, seal: FileSeal): void {
  try {
    for (const name of [...Object.values(wholeFiles), oldPinsName, 'badge-key', lastGoodName])
      sealNow(inData(name), seal);
  } catch (error) {
    if (troubleOf(error) === null) throw error;
  }
}

export const tableFaults = ({ roster, accounts }: Awaited<ReturnType<typeof openTables>>): readonly string[] =>
  Object.entries({ roster: roster.opened, people: accounts.opened }).flatMap(([what, opened]) => {
    if (opened === 'restored') return [`The file of the ${what} was damaged: the copy before it is in use.`];
    if (opened === 'damaged') return [`The file of the ${what} was damaged and set aside: it starts anew.`];
    return [];
  });

/** The school's badge key: from the technician file, or made here once and kept. */
function badgeKey(
  path: string,
  settings: Settings,
  seal: FileSeal,
): { readonly key: Uint8Array; readonly faults: readonly string[] } {
  const given = settings.school.badgeKey;
  if (given !== null) return { key: new TextEncoder().encode(given), faults: [] };
  const kept = readWhole(path, seal);
  if (kept.state === 'ok' || kept.state === 'restored') return { key: kept.bytes, faults: [] };
  const key = machineRandom.bytes(32);
  writeWhole(path, key, seal);
  const lost =
    'The badge key was damaged and made anew: badges printed before do not let anybody back in by another box.';
  return { key, faults: kept.state === 'damaged' ? [lost] : [] };
}
