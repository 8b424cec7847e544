/** Reads a technician file (`porter.toml`): settings, or every problem in it. No I/O. */
import { resolve } from 'node:path';
import * as v from 'valibot';
import type { Overlay } from '../domain/setting-changes.ts';
import type { Settings } from '../domain/settings.ts';
import { buildSettings, rosterSource } from './build.ts';
import {
  type Nation,
  type ReasonCodes,
  checkCodes,
  checkLanguages,
  checkMis,
  checkReasons,
  checkTimes,
  checkYearGroups,
} from './checks.ts';
import { Findings } from './findings.ts';
import { STORED } from './kinds.ts';
import { overlaid } from './places.ts';
import { type KeyPath, type Problem, dotted, nearestOf } from './problem.ts';
import { type FileValues, type SecretKey, fileSchema, secretKeys } from './schema.ts';
import { keys, placeAt, unknownKeys } from './schema-walk.ts';
import { type TomlTable, readToml } from './toml.ts';

export interface ReadOptions {
  /** The folder of the file: names of other files in it are meant from here. */
  readonly baseDir: string;
  /** The codes that reasons may name today. Left out: codes are not checked (settings that were in force once). */
  readonly codes?: (nation: Nation) => ReasonCodes;
  /** What staff changed, over the file. Left out: nothing. */
  readonly over?: Overlay;
}

/** What was moved into the data folder and stands as `"(stored)"` in the file. */
export type StoredKey = SecretKey | 'roster.csv';

export type ReadSettings =
  | {
      readonly ok: true;
      readonly settings: Settings;
      /** For the image (first boot), not for the daemon. Not part of the settings version. */
      readonly image: Pick<FileValues, 'network' | 'update'>;
      /** Kept in the data folder: the caller supplies them (`withSecrets`). */
      readonly stored: readonly StoredKey[];
      /** Absolute path of the file that holds the token, when the file names one. */
      readonly tokenFile: string | null;
      readonly warnings: readonly Problem[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function readSettings(tomlText: string, fileName: string, options: ReadOptions): ReadSettings {
  const toml = readToml(tomlText);
  const values = withNeededSections(toml.values && overlaid(toml.values, options.over ?? new Map()));
  const findings = new Findings(fileName, values, toml.lineOf);
  for (const { line, what } of toml.faults) findings.syntax(line, what);
  if (toml.values === null) return { ok: false, problems: findings.problems() };

  for (const path of unknownKeys(values)) findings.problem({ path, ...unknown(path, values) });
  const parsed = v.safeParse(fileSchema, values, { abortPipeEarly: true });
  for (const issue of parsed.issues ?? []) reportIssue(findings, issue);
  checkTimes(findings);
  checkYearGroups(findings);
  checkLanguages(findings);
  checkReasons(findings);
  if (options.codes !== undefined) checkCodes(findings, options.codes);
  checkMis(findings);

  const problems = findings.problems();
  if (!parsed.success || problems.length > 0) return { ok: false, problems };
  const file = parsed.output;
  return {
    ok: true,
    settings: buildSettings(file, options.baseDir),
    image: { network: file.network, update: file.update },
    stored: storedKeys(findings, file),
    tokenFile: file.mis.token_file === undefined ? null : resolve(options.baseDir, file.mis.token_file),
    warnings: findings.warnings(),
  };
}

/** Puts secrets in that are kept elsewhere (`stored`, `tokenFile`). The version stays: secrets make no rules. */
export function withSecrets(settings: Settings, secrets: Readonly<Partial<Record<SecretKey, string>>>): Settings {
  const { school, mis } = settings;
  return {
    ...settings,
    school: { ...school, badgeKey: secrets['school.badge_key'] ?? school.badgeKey },
    mis: mis.connector === 'none' ? mis : { ...mis, token: secrets['mis.token'] ?? mis.token },
  };
}

/** A missing section is told by the keys that it lacks. */
function withNeededSections(values: TomlTable | null): TomlTable {
  return { school: {}, mis: {}, ...values };
}

function unknown(path: KeyPath, values: TomlTable) {
  const name = String(path.at(-1));
  const names = placeAt(path.slice(0, -1), values)?.names ?? [];
  return {
    found: 'a name that Porter does not know',
    expected: `one of ${names.join(', ')}`,
    nearest: nearestOf(name, names) ?? elsewhere(name),
  };
}

/** The place of a name that stands in the wrong section: `times.kiosk`. */
function elsewhere(name: string): string | undefined {
  const part = `.${name}.`;
  const row = keys().find(({ key }) => !key.includes('[]') && `${key}.`.includes(part));
  return row?.key.slice(0, `${row.key}.`.indexOf(part) + part.length - 1);
}

function reportIssue(findings: Findings, issue: v.InferIssue<typeof fileSchema>): void {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  const place = placeAt(path, findings.values);
  const value = findings.at(...path);
  // A check over several keys of a table brings its own words; everything else is told in the words of the key.
  const ownWords = issue.type === 'raw_check' || (issue.type === 'check' && place?.isTable === true);
  findings.problem({
    path,
    unsure: issue.type === 'check' && ownWords,
    expected: ownWords ? issue.message : (place?.words ?? issue.message),
    nearest: typeof value === 'string' && !isSecret(path) ? nearestOf(value, place?.names ?? []) : undefined,
  });
}

function isSecret(path: KeyPath): boolean {
  return secretKeys.some((key) => key === dotted(path));
}

function storedKeys(findings: Findings, file: FileValues): readonly StoredKey[] {
  const stored: StoredKey[] = secretKeys.filter((key) => findings.at(...key.split('.')) === STORED);
  if (rosterSource(file) === 'csv' && file.roster.csv === STORED) stored.push('roster.csv');
  return stored;
}
