/**
 * What first boot moved off the card (durability.md 16): the secrets that stand as `"(stored)"` in the technician file, and a roster
 * and the key of the school's certificate that lay beside it. Sealed in the data folder.
 */
import { join } from 'node:path';
import * as v from 'valibot';
import type { FileSeal } from '../journal/sealed-file.ts';
import { peekWhole, writeWhole } from '../journal/whole-file.ts';
import { type SecretKey, secretKeys } from './schema.ts';

/** What stands on the card in the place of a file that was moved, as far as it has room. */
export const movedWords = 'Porter has moved this file into encrypted storage.';
export const isMovedFile = (bytes: Uint8Array): boolean => {
  const start = Buffer.from(bytes.subarray(0, movedWords.length)).toString('latin1').trimEnd();
  return start.length > 6 && movedWords.startsWith(start);
};

export type Secrets = Readonly<Partial<Record<SecretKey, string>>>;

const secretsName = 'stored-secrets.json';
/** Goes with an erasure: it may name who was erased (`forgetCopies`). */
export const storedRosterName = 'stored-roster.csv';

const secretsSchema = v.partial(v.object(v.entriesFromList(secretKeys, v.string())));

/** Throws what opening the keys throws. A damaged file is none: what it held is missing then, and told. */
export function readSecrets(dataDir: string, seal: FileSeal): Secrets {
  const bytes = peekWhole(join(dataDir, secretsName), seal);
  if (bytes === null) return {};
  try {
    const parsed = v.safeParse(secretsSchema, JSON.parse(bytes.toString('utf8')));
    // A key that is not there stays so, whatever the type of a partial object says.
    return parsed.success ? Object.fromEntries(Object.entries(parsed.output).filter(([, value]) => value)) : {};
  } catch {
    return {};
  }
}

export function writeSecrets(dataDir: string, secrets: Secrets, seal: FileSeal): void {
  writeWhole(join(dataDir, secretsName), Buffer.from(JSON.stringify(secrets)), seal);
}

/** CSV as it lay on the card; null: none was moved. Throws as `readSecrets`. */
export function readStoredRoster(dataDir: string, seal: FileSeal): Uint8Array | null {
  return peekWhole(join(dataDir, storedRosterName), seal);
}

/** How each kind of it ends its first line. */
export const privateKeyWords = 'PRIVATE KEY-----';
/** For `web.tls_key`, whose file on the card says that it was moved. */
export const storedTlsKeyName = 'stored-tls-key.pem';

/** PEM; null: none was moved. Throws as `readSecrets`. */
export function readStoredTlsKey(dataDir: string, seal: FileSeal): Buffer | null {
  return peekWhole(join(dataDir, storedTlsKeyName), seal);
}

export function writeStoredTlsKey(dataDir: string, bytes: Uint8Array, seal: FileSeal): void {
  writeWhole(join(dataDir, storedTlsKeyName), bytes, seal);
}

export function writeStoredRoster(dataDir: string, bytes: Uint8Array, seal: FileSeal): void {
  writeWhole(join(dataDir, storedRosterName), bytes, seal);
}
