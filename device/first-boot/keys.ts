/**
 * The keys of a new box, made on it (durability.md 16): the host key goes to systemd, sealed by a key of the machine, before anything
 * stands under it. The recovery key is shown on the screen until somebody says that it is written down; until then each start makes
 * another one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openDisk, putFile } from '../journal/disk.ts';
import { JournalError } from '../journal/error.ts';
import { openKeys, readKeys } from '../journal/key-folder.ts';
import type { KeyPlaces } from '../journal/key-folder.ts';
import type { Masters } from '../journal/masters.ts';
import { KEY_BYTES } from '../journal/seal.ts';
import type { RandomBytes } from '../journal/seal.ts';
import { hostKeyText } from '../journal/written-keys.ts';
import { newRecoveryKey } from '../key-command.ts';
import { unnotedName } from './recovery.ts';

export interface BoxKeys {
  readonly masters: Masters;
  /** To be shown; null: somebody has it. */
  readonly recoveryKey: string | null;
}

/** Throws `key_missing`, `wrong_key` and what the card does. */
export function keysOfBox(places: KeyPlaces, runFolder: string, random: RandomBytes): BoxKeys {
  const { dataFolder } = places;
  const credentials = join(dirname(dataFolder), 'credstore.encrypted');
  const isNew = !existsSync(join(dataFolder, 'keys'));
  const unnoted = join(dataFolder, unnotedName);
  if (isNew && !existsSync(unnoted)) putFile(openDisk(dataFolder), unnotedName, Buffer.alloc(0));
  const hasKey = places.keyFiles.some((path) => existsSync(path));
  if (!isNew || hasKey || !existsSync(credentials)) return opened(places, random, existsSync(unnoted));

  // A sealed one that is not among the credentials cannot be opened here: nothing may be made beside it.
  if (existsSync(join(credentials, 'porter.key'))) {
    throw new JournalError('key_missing', 'the host key in credstore.encrypted cannot be opened on this machine');
  }
  const text = hostKeyText(random(KEY_BYTES));
  putFile(openDisk(credentials), 'porter.key', sealedByMachine(text));
  const untilNextStart = join(runFolder, 'host-key');
  writeFileSync(untilNextStart, text, { mode: 0o600 });
  try {
    return opened({ ...places, keyFiles: [untilNextStart], newKeyFile: untilNextStart }, random, true);
  } finally {
    rmSync(untilNextStart);
  }
}

function opened(places: KeyPlaces, random: RandomBytes, unnoted: boolean): BoxKeys {
  const { masters, recoveryKey } = openKeys(places, random);
  return { masters, recoveryKey: recoveryKey ?? (unnoted ? newRecoveryKey(places, random) : null) };
}

/**
 * A host key that `porter key` has put beside the data folder of a box: it goes to systemd as well, and lies nowhere else. Only one
 * that opens the records takes the place of the one before. Throws what the card does, and `key_missing` where it cannot be sealed.
 */
export function sealHostKey(places: KeyPlaces): void {
  const { dataFolder, newKeyFile } = places;
  const credentials = join(dirname(dataFolder), 'credstore.encrypted');
  if (!existsSync(credentials) || !existsSync(newKeyFile)) return;
  readKeys({ ...places, keyFiles: [newKeyFile] });
  putFile(openDisk(credentials), 'porter.key', sealedByMachine(readFileSync(newKeyFile, 'latin1')));
  rmSync(newKeyFile);
  openDisk(dirname(newKeyFile)).syncFolder();
}

function sealedByMachine(text: string): Buffer {
  const args = ['encrypt', '--with-key=host', '--name=porter.key', '-', '-'];
  const { status, stdout, stderr, error } = spawnSync('systemd-creds', args, { input: text });
  if (status === 0 && stdout.length > 0) return stdout;
  const why = error?.message ?? stderr.toString().trim();
  throw new JournalError('key_missing', `systemd-creds cannot seal the host key (${why})`);
}
