/**
 * What a technician file that is right in itself asks for and the box cannot give: files beside it that are missing or of another kind,
 * secrets that only another box has, ports that it may not open.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { STORED } from '../settings/kinds.ts';
import { NOTHING } from '../settings/problem.ts';
import type { Problem } from '../settings/problem.ts';
import type { SettingsFile } from '../settings/store.ts';
import { isMovedFile, privateKeyWords, storedRosterName, storedTlsKeyName } from '../settings/stored.ts';
import { readToml } from '../settings/toml.ts';

/** `systemd/sysctl.conf`: below that only root may. */
const portMin = 443;
/** What PEM is called where schools' computers make it. */
const pemWords = 'a certificate as PEM ("Base-64 encoded X.509" in Windows), beside porter.toml';

type GoodFile = Extract<SettingsFile, { readonly state: 'good' }>;

export interface Asked {
  readonly file: GoodFile;
  readonly dataDir: string;
  /** Keys that stand as `"(stored)"`, or whose value a file was to have, and whose value is not to be had. */
  readonly lost: readonly string[];
}

export function notHere({ file, dataDir, lost }: Asked): readonly Problem[] {
  const { read, source } = file;
  const toml = readToml(source.text);
  const problem = (key: string, found: string, expected: string): Problem => ({
    ...{ file: source.file, key, line: toml.lineOf(key.split('.')), found, expected },
  });
  const noFile = (path: string): string => `${JSON.stringify(basename(path))}, and no such file`;
  const isKept = (path: string): boolean =>
    isMovedFile(Buffer.from(textOf(path), 'latin1')) && existsSync(join(dataDir, storedTlsKeyName));
  const pem = (key: string, path: string | null, begins: string): readonly Problem[] => {
    if (path === null) return [];
    if (!existsSync(path)) return [problem(key, noFile(path), pemWords)];
    if (key !== 'network.ca_file' && isKept(path)) return [];
    return textOf(path).includes(begins)
      ? []
      : [problem(key, `${JSON.stringify(basename(path))}, which is none`, pemWords)];
  };
  const { web, roster } = read.settings;
  const authority = read.image.network.ca_file;
  const isNoRoster = roster.csv !== null && !existsSync(roster.csv) && !existsSync(join(dataDir, storedRosterName));
  const ports = [['web.kiosk_port', web.kioskPort] as const, ['web.staff_port', web.staffPort] as const];
  return [
    ...lost.map((key) =>
      key === 'mis.token' && read.tokenFile !== null
        ? problem(
            'mis.token_file',
            tokenFound(read.tokenFile),
            'a text file with the token and nothing else, beside porter.toml',
          )
        : problem(key, `"${STORED}"`, storedWords),
    ),
    ...(isNoRoster ? [problem('roster.csv', noFile(roster.csv), 'the pupils as CSV, beside porter.toml')] : []),
    ...pem(
      'network.ca_file',
      authority === undefined ? null : resolve(source.baseDir, authority),
      '-----BEGIN CERTIFICATE-----',
    ),
    ...pem('web.tls_cert', web.tlsCert, '-----BEGIN CERTIFICATE-----'),
    ...pem('web.tls_key', web.tlsKey, privateKeyWords),
    ...ports
      .filter(([, port]) => port < portMin)
      .map(([key, port]) =>
        problem(key, String(port), `a port from ${String(portMin)} to 65535: a box may open no other`),
      ),
  ];
}

/** Of settings that were in force once: their file is not on the card any more. */
export const lostOfBefore = (file: string, keys: readonly string[]): readonly Problem[] =>
  keys.map((key) => ({ file, key, line: 1, found: `"${STORED}"`, expected: storedWords }));

const storedWords = 'the value itself: this box does not have it, it was reset or the card is of another box';

function tokenFound(path: string): string {
  const name = JSON.stringify(basename(path));
  // Windows hides the ending, and adds another one.
  if (!existsSync(path))
    return existsSync(`${path}.txt`)
      ? `${name}, but the file is called ${JSON.stringify(`${basename(path)}.txt`)}`
      : `${name}, and no such file`;
  return `${name}, with ${textOf(path).trim() === '' ? NOTHING : 'something else'} in it`;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
