/** `porter check`: the technician file, then every part. Nothing is changed. Part of `main.ts`. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CodeTable, Nation } from './domain/codes.ts';
import type { Settings } from './domain/settings.ts';
import type { MisConnector } from './mis/connector.ts';
import { openParts, readCsv } from './parts.ts';
import type { Outside } from './parts.ts';
import { problemText } from './settings/problem.ts';
import { readSettingsFile, withKept } from './settings/store.ts';
import type { KeptSecrets } from './settings/store.ts';
import { tryClock, tryParts } from './try-parts.ts';

/** For one answer of the MIS. */
const misMaxMs = 20_000;

interface Report {
  readonly part: string;
  readonly ok: boolean;
  readonly words: string;
}

export interface CheckOptions {
  readonly configPath: string;
  readonly codes: (nation: Nation) => CodeTable;
  readonly outside: (settings: Settings) => Outside;
  /** They throw where the data folder does not open: whoever checks may not have its key. */
  readonly kept: KeptSecrets;
  readonly built: string;
  readonly version: string;
  readonly print: (text: string) => void;
}

/** The exit code: 0 all well, 1 a part failed, 2 the file is wrong. */
export async function check(options: CheckOptions): Promise<0 | 1 | 2> {
  const { configPath, print } = options;
  const file = readSettingsFile(configPath, { codes: options.codes });
  if (file.state !== 'good') {
    for (const problem of file.problems) print(`${problemText(problem)}\n`);
    return 2;
  }
  const { read } = file;
  for (const warning of read.warnings) print(`warning: ${problemText(warning)}\n`);
  const { settings, missing } = keptOrNot(read, options);
  const hasToken = !missing.includes('mis.token');
  if (read.tokenFile !== null && !hasToken) {
    print(`${configPath}: mis.token_file: ${read.tokenFile} holds no token that can be sent\n`);
    return 2;
  }
  print(`${configPath}: good\n`);
  const untried = [...missing, ...read.stored.filter((key) => key === 'roster.csv')];
  for (const key of untried) print(`${key} is kept in the data folder and not tried here\n`);
  const reports = await tryAll(settings, hasToken, options);
  for (const { part, ok, words } of reports) print(`${ok ? 'ok    ' : 'FAILED'} ${part}: ${words}\n`);
  return reports.every(({ ok }) => ok) ? 0 : 1;
}

function keptOrNot(read: Parameters<typeof withKept>[0], { kept, print }: CheckOptions): ReturnType<typeof withKept> {
  try {
    return withKept(read, kept);
  } catch (error) {
    print(`What the data folder keeps is left out: ${error instanceof Error ? error.message : String(error)}\n`);
    return withKept(read, {});
  }
}

async function tryAll(
  settings: Settings,
  hasToken: boolean,
  { outside, built, version }: CheckOptions,
): Promise<readonly Report[]> {
  const world = outside(settings);
  const own = join(tmpdir(), 'porter-check');
  const folders = { built, pictures: own, scratch: join(own, 'camera'), run: null, storedRoster: () => null };
  const { connector, ...parts } = await openParts(settings, world, folders, version, 'normal');
  const { csv } = settings.roster;
  const tried = [...(await tryParts(parts)), tryClock(world.clock)];
  const reports = [
    ...tried.map(({ part, state, words }) => ({ part, ok: state !== 'failed', words })),
    ...(connector.kind === 'none' || !hasToken ? [] : [await tryMis(connector)]),
    ...(csv === null ? [] : [await tryCsv(csv)]),
  ];
  parts.lights.close();
  parts.camera.close();
  await parts.printer.close();
  return reports;
}

async function tryMis(connector: MisConnector): Promise<Report> {
  const health = await connector.health(AbortSignal.timeout(misMaxMs));
  if (!health.ok) return { part: 'MIS', ok: false, words: health.failure.words };
  const { online, allowsWriteback, mis } = health.value;
  const words = [
    `${mis ?? 'it'} answers`,
    ...(online ? [] : ['but cannot reach the school']),
    ...(allowsWriteback ? [] : ['but takes no marks']),
  ];
  return { part: 'MIS', ok: online && allowsWriteback, words: words.join(', ') };
}

async function tryCsv(path: string): Promise<Report> {
  const { pupils, problems } = await readCsv(path);
  return {
    part: 'roster',
    ok: pupils.length > 0,
    words: [`${String(pupils.length)} pupils`, ...problems].join('\n         '),
  };
}
