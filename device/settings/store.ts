/**
 * Which settings are in force: the technician file's, or the last good ones. A bad new file never takes down a working box
 * (product.md 8). The only file of this room that touches the disk.
 */
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import type { Settings } from '../domain/settings.ts';
import { JournalError } from '../journal/error.ts';
import type { FileSeal } from '../journal/sealed-file.ts';
import { readWhole, writeWhole } from '../journal/whole-file.ts';
import type { SettingsSource } from './book.ts';
import { isToken } from './kinds.ts';
import type { Problem } from './problem.ts';
import { type ReadOptions, type ReadSettings, type StoredKey, readSettings, withSecrets } from './read.ts';
import type { SecretKey } from './schema.ts';

/** What lies in the data folder beside the technician file. */
export interface KeptSecrets {
  /** A secret that was moved there; null: not there. Left out: none is kept. */
  readonly secret?: (key: SecretKey) => string | null;
  /** The MIS token that staff entered over the technician's (`''`: none is to be had); null: none. Left out: none. */
  readonly enteredToken?: (given: string) => string | null;
}

export interface LoadOptions extends Pick<ReadOptions, 'codes'>, KeptSecrets {
  /** `--config` or `PORTER_CONFIG`; null: none given. */
  readonly configPath: string | null;
  /** Made when it is not there. */
  readonly dataDir: string;
  /** What the last good settings are sealed with: they may hold a token. Left out: nothing is. */
  readonly seal?: FileSeal;
}

interface ReadyState {
  readonly state: 'ready';
  readonly from: 'file' | 'last-good';
  readonly settings: Settings;
  /** What they were read from. */
  readonly source: SettingsSource;
  readonly image: GoodRead['image'];
  /** What is wrong with the given file, while the last good settings stay in force. */
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** `"(stored)"` or in a token file, and not to be had: what needs them can't work until they are. */
  readonly missing: readonly StoredKey[];
}

export type LoadedSettings =
  | ReadyState
  /** Neither a file nor last good settings. */
  | { readonly state: 'demo' }
  /** A file was named and is not there: exit code 2, never demo. */
  | { readonly state: 'missing'; readonly problems: readonly Problem[] }
  /** The file is wrong, or what was kept of it is, and there is nothing to fall back on: exit code 2. */
  | { readonly state: 'wrong'; readonly problems: readonly Problem[] };

type GoodRead = ReadSettings & { readonly ok: true };

/** Bytes; a technician file has some 4,000. */
const MAX_FILE = 256 * 1024;
const MAX_TOKEN_FILE = 8 * 1024;

/**
 * Never throws for what a file or a card does; says it in problems and warnings. Throws `key_missing`, `wrong_key` where there
 * are only the last good settings and they cannot be opened.
 */
export function loadSettings(options: LoadOptions): LoadedSettings {
  const path = options.configPath;
  const file = path === null ? null : readSettingsFile(path, options);
  if (file?.state === 'missing') return file;
  if (file?.state === 'good') {
    const unkept = keepAsLastGood(options, file.source);
    return ready('file', file, options, { problems: [], warnings: [...file.read.warnings, ...unkept] });
  }
  const lastGood = readLastGood(options);
  const problems = file?.problems ?? [];
  if (lastGood.state === 'good') {
    const warnings = [...lastGood.read.warnings, ...lastGood.warnings];
    return ready('last-good', lastGood, options, { problems, warnings });
  }
  if (lastGood.state === 'wrong') return { state: 'wrong', problems: [...problems, ...lastGood.problems] };
  return file === null ? { state: 'demo' } : { state: 'wrong', problems };
}

export type SettingsFile =
  | { readonly state: 'good'; readonly read: GoodRead; readonly source: Source }
  | { readonly state: 'missing' | 'wrong'; readonly problems: readonly Problem[] };

/** A technician file by itself, nothing kept and nothing else looked at: for `porter check`. */
export function readSettingsFile(path: string, { codes }: Pick<ReadOptions, 'codes'>): SettingsFile {
  const absolute = resolve(path);
  const bytes = readSmallFile(absolute, MAX_FILE);
  const bad = (found: string, expected: string) => [{ file: path, line: 1, key: '', found, expected }];
  if (bytes === 'missing') return { state: 'missing', problems: bad('no such file', 'the technician file') };
  if (typeof bytes === 'string') return { state: 'wrong', problems: bad(bytes, 'a file that can be read') };
  const text = utf8(bytes);
  if (text === null) return { state: 'wrong', problems: bad('text in another encoding', 'UTF-8') };
  const source = { file: path, baseDir: dirname(absolute), text };
  const read = readSource(source, codes);
  return read.ok ? { state: 'good', read, source } : { state: 'wrong', problems: read.problems };
}

/** What is kept: the file's text, with what its relative names were meant from. */
const sourceSchema = v.object({ file: v.string(), baseDir: v.string(), text: v.string() });
type Source = SettingsSource & v.InferOutput<typeof sourceSchema>;

function readSource(source: Source, codes: ReadOptions['codes']): ReadSettings {
  const { baseDir } = source;
  return readSettings(source.text, source.file, codes === undefined ? { baseDir } : { baseDir, codes });
}

type LastGood =
  | { readonly state: 'none' }
  | {
      readonly state: 'good';
      readonly read: GoodRead;
      readonly source: Source;
      readonly warnings: readonly Problem[];
    }
  | { readonly state: 'wrong'; readonly problems: readonly Problem[] };

export const lastGoodName = 'last-good-settings.json';
const lastGoodPath = (dataDir: string): string => join(dataDir, lastGoodName);

function readLastGood({ dataDir, seal }: LoadOptions): LastGood {
  const file = lastGoodPath(dataDir);
  const told = (found: string) => [{ file, line: 1, key: '', found, expected: 'the last good settings' }];
  const kept = readKept(file, seal);
  if (kept.state === 'none') return { state: 'none' };
  if (kept.state === 'damaged') return { state: 'wrong', problems: told('a damaged file') };
  // Not held against today's codes: a law that changes must not stop a box that runs.
  const read = readSource(kept.source, undefined);
  if (!read.ok) return { state: 'wrong', problems: read.problems };
  const { source } = kept;
  return {
    state: 'good',
    read,
    source,
    warnings: kept.restored ? told('a damaged file; the one before it is used') : [],
  };
}

type Kept =
  | { readonly state: 'none' }
  | { readonly state: 'damaged' }
  | { readonly state: 'kept'; readonly source: Source; readonly restored: boolean };

function readKept(file: string, seal: FileSeal | undefined): Kept {
  try {
    const whole = readWhole(file, seal);
    // Set aside at an earlier start: there were settings once, so this is no box for a demo.
    if (whole.state === 'missing') return { state: existsSync(`${file}.damaged-1`) ? 'damaged' : 'none' };
    const text = whole.state === 'damaged' ? null : utf8(whole.bytes);
    const source = text === null ? null : parseSource(text);
    return source === null ? { state: 'damaged' } : { state: 'kept', source, restored: whole.state === 'restored' };
  } catch (error) {
    if (error instanceof JournalError) throw error;
    return { state: 'damaged' }; // the card does not even give it back
  }
}

function parseSource(text: string): Source | null {
  try {
    const parsed = v.safeParse(sourceSchema, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** Written only when it changed. A card that takes nothing more is a warning: the settings are in force all the same. */
function keepAsLastGood({ dataDir, seal }: LoadOptions, source: Source): readonly Problem[] {
  const file = lastGoodPath(dataDir);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const kept = readKept(file, seal);
    const same = kept.state === 'kept' && !kept.restored && JSON.stringify(kept.source) === JSON.stringify(source);
    if (!same) writeWhole(file, new TextEncoder().encode(JSON.stringify(source)), seal);
    return [];
  } catch (error) {
    const found = error instanceof JournalError ? error.message : `a folder that takes nothing (${codeOf(error)})`;
    return [{ file, line: 1, key: '', found, expected: 'room to keep the last good settings' }];
  }
}

function ready(
  from: 'file' | 'last-good',
  { read, source }: { readonly read: GoodRead; readonly source: Source },
  options: KeptSecrets,
  told: { readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] },
): LoadedSettings {
  return { state: 'ready', from, source, image: read.image, ...withKept(read, options), ...told };
}

/** The settings with the secrets that are not in the file. Throws what `kept` throws. */
export function withKept(
  read: GoodRead,
  { secret, enteredToken }: KeptSecrets,
): Pick<ReadyState, 'settings' | 'missing'> {
  const secrets: Partial<Record<SecretKey, string>> = {};
  const missing: StoredKey[] = [];
  for (const key of read.stored) {
    // A stored roster is looked for by whoever reads rosters.
    if (key === 'roster.csv') continue;
    const value = secret?.(key) ?? null;
    if (value === null) missing.push(key);
    else secrets[key] = value;
  }
  if (read.tokenFile !== null) {
    const token = readToken(read.tokenFile);
    if (token === null) missing.push('mis.token');
    else secrets['mis.token'] = token;
  }
  const given = withSecrets(read.settings, secrets);
  const entered = given.mis.connector === 'none' ? null : (enteredToken?.(given.mis.token) ?? null);
  if (entered === null) return { settings: given, missing };
  const settings = withSecrets(given, { 'mis.token': entered });
  return { settings, missing: missing.filter((key) => key !== 'mis.token') };
}

/** Null: not there, or nothing that a header can hold. */
export function readToken(path: string): string | null {
  const bytes = readSmallFile(path, MAX_TOKEN_FILE);
  const token = typeof bytes === 'string' ? null : utf8(bytes)?.trim();
  return token === undefined || token === null || !isToken(token) ? null : token;
}

/** The bytes, `missing`, or why not in words. Opens nothing that is no plain file: a pipe would never end. */
function readSmallFile(path: string, most: number): Uint8Array | string {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return 'something that is no plain file';
    return stat.size > most ? `more than ${most} bytes` : readFileSync(path);
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : `a file that can't be read (${code})`;
  }
}

function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
