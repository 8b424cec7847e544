/**
 * Takes a good technician file: what is secret in it, and a roster, a token and a TLS key that lie beside it, go into the data folder, sealed;
 * then, and only then, they are blanked on the card. Cut off anywhere, the next start ends the same.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { FileSeal } from '../journal/sealed-file.ts';
import { STORED } from '../settings/kinds.ts';
import { type SecretKey, secretKeys } from '../settings/schema.ts';
import { readToken } from '../settings/store.ts';
import { isMovedFile, movedWords, privateKeyWords, readSecrets, readStoredRoster } from '../settings/stored.ts';
import {
  type Secrets,
  readStoredTlsKey,
  writeSecrets,
  writeStoredRoster,
  writeStoredTlsKey,
} from '../settings/stored.ts';
import { isTable, readToml } from '../settings/toml.ts';
import type { TomlTable, TomlValue } from '../settings/toml.ts';
import { finishPlan, padded, planName, replaceByPlan } from './in-place.ts';
import { withoutSecrets } from './without-secrets.ts';
import type { TakenOut } from './without-secrets.ts';

/** Of a roster; what is larger is none. */
const rosterMaxBytes = 8 * 1024 * 1024;

export interface Taking {
  readonly configPath: string;
  readonly dataDir: string;
  readonly seal: FileSeal;
  /** Called before the first write to the card: it is mounted read-only. */
  readonly mayWrite: () => void;
}

/** What a cut left half done, before the file is read. */
export function goOn({ dataDir, seal, mayWrite }: Taking): void {
  if (!existsSync(join(dataDir, planName))) return;
  mayWrite();
  finishPlan(dataDir, seal);
}

/** Of a file that was read and is good. Nothing is written where nothing is to be moved. */
export function take(taking: Taking): void {
  const { configPath, dataDir, seal, mayWrite } = taking;
  const bytes = readFileSync(configPath);
  const values = readToml(bytes.toString('utf8')).values ?? {};
  const tokenFile = besideFile(configPath, at(values, 'mis.token_file'));
  const roster = at(values, 'roster.source') === 'mis' ? null : besideFile(configPath, rosterName(values));

  const tlsKey = keyFile(besideFile(configPath, at(values, 'web.tls_key')));

  keepSecrets(taking, values, tokenFile);
  if (roster !== null) {
    keepFile(roster, readStoredRoster(dataDir, seal), (text) => {
      writeStoredRoster(dataDir, text, seal);
    });
  }
  if (tlsKey !== null) {
    keepFile(tlsKey, readStoredTlsKey(dataDir, seal), (text) => {
      writeStoredTlsKey(dataDir, text, seal);
    });
  }

  const out: TakenOut[] = secretKeys.filter((key) => isGiven(at(values, key))).map((key) => ({ path: key.split('.') }));
  if (tokenFile !== null) out.push({ path: ['mis', 'token_file'], as: 'token' });
  if (roster !== null) out.push({ path: ['roster', 'csv'] });
  const blanked = { path: configPath, after: withoutSecrets(bytes, out) };
  const moved = [tokenFile, roster, tlsKey]
    .filter((path) => path !== null)
    .filter((path) => !isMoved(path))
    .map((path) => ({ path, after: padded(`${movedWords}\n`, statSync(path).size) }));
  const changes = [...(blanked.after.equals(bytes) ? [] : [blanked]), ...moved];
  if (changes.length === 0) return;
  mayWrite();
  replaceByPlan(dataDir, changes, seal);
}

function keepSecrets({ dataDir, seal }: Taking, values: TomlTable, tokenFile: string | null): void {
  const before = readSecrets(dataDir, seal);
  const token = tokenFile === null ? null : isMoved(tokenFile) ? (before['mis.token'] ?? null) : readToken(tokenFile);
  const kept = secretKeys.flatMap((key): readonly (readonly [SecretKey, string])[] => {
    const value = at(values, key);
    const given = value === STORED ? before[key] : isGiven(value) ? value : undefined;
    const secret = given ?? (key === 'mis.token' ? (token ?? undefined) : undefined);
    return secret === undefined ? [] : [[key, secret]];
  });
  const secrets: Secrets = Object.fromEntries(kept);
  if (JSON.stringify(sorted(secrets)) !== JSON.stringify(sorted(before))) writeSecrets(dataDir, secrets, seal);
}

const sorted = (secrets: Secrets) => Object.entries(secrets).toSorted(([a], [b]) => (a < b ? -1 : 1));

function keepFile(path: string, before: Uint8Array | null, write: (bytes: Uint8Array) => void): void {
  if (isMoved(path)) return;
  const bytes = readFileSync(path);
  if (before === null || Buffer.compare(before, bytes) !== 0) write(bytes);
}

/** What is no key is told (`not-here.ts`), and stays where it is. */
const keyFile = (path: string | null): string | null =>
  path !== null && readFileSync(path, 'latin1').includes(privateKeyWords) ? path : null;

/** A name that is not given is the shipped one, and only looked for where the pupils come from a file. */
function rosterName(values: TomlTable): TomlValue | undefined {
  const given = at(values, 'roster.csv');
  if (given !== undefined) return given;
  const isCsv = at(values, 'roster.source') === 'csv' || at(values, 'mis.connector') === 'none';
  return isCsv ? 'roster.csv' : undefined;
}

/** The path of a file in the technician file's own folder; null: it names none, or one that lies elsewhere. */
function besideFile(configPath: string, name: TomlValue | undefined): string | null {
  if (typeof name !== 'string' || name === STORED) return null;
  const folder = dirname(configPath);
  const path = join(folder, name.startsWith('/') ? relative(folder, name) : name);
  if (dirname(path) !== folder || basename(path) === basename(configPath)) return null;
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size <= rosterMaxBytes ? path : null;
}

const isMoved = (path: string): boolean => isMovedFile(readFileSync(path));
const isGiven = (value: TomlValue | undefined): value is string => typeof value === 'string' && value !== STORED;

function at(values: TomlTable, key: string): TomlValue | undefined {
  return key
    .split('.')
    .reduce<TomlValue | undefined>(
      (value, part) => (value !== undefined && isTable(value) ? value[part] : undefined),
      values,
    );
}
