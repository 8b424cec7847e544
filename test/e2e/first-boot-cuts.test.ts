/**
 * First boot is killed before each of its writes, one after the other, as the real program; the next start ends as if nothing had
 * been: the card without secrets, the data folder with them. `strace` sends the signal as the call is made.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { machineRandom } from '../../device/system/outside.ts';
import { keyPlaces } from '../../device/data-folder.ts';
import { readKeys } from '../../device/journal/key-folder.ts';
import { fileSeal } from '../../device/journal/sealed-file.ts';
import { readSecrets, readStoredRoster } from '../../device/settings/stored.ts';

const scratch = mkdtempSync(join(tmpdir(), 'porter-cuts-'));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});
const daemon = join(import.meta.dirname, '../../dist/porter.js');
/** What changes a folder or a file, and what makes it last. */
const calls = 'pwrite64,fsync,fdatasync,rename,unlink';
const token = 'wonde-0123456789abcdef0123456789abcdef';
const csv = 'mis_id,forename,surname,year_group,registration_group,birth_month\n1,Amara,Okafor,Year 9,9A,3\n';
/** The token's value lies across the border of two sectors. */
const toml = `${'#'.repeat(450)}\n[school]\nname = "Hill View"\n[mis]\nconnector = "wonde"\nschool_id = "A1"\ntoken = "${token}"\n[roster]\nsource = "csv"\ncsv = "pupils.csv"\n[network]\nwifi = { ssid = "x", psk = "correct horse" }\n`;

interface Box {
  readonly card: string;
  readonly data: string;
  readonly args: readonly string[];
}
function box(name: string): Box {
  const [card, data, root] = ['config', 'data/porter', 'root'].map((part) => join(scratch, name, part));
  if (card === undefined || data === undefined || root === undefined) throw new Error('three folders');
  for (const folder of [card, data, root]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(card, 'porter.toml'), toml);
  writeFileSync(join(card, 'pupils.csv'), csv);
  return {
    card,
    data,
    args: [daemon, 'first-boot', '--config', join(card, 'porter.toml'), '--data', data, '--root', root],
  };
}

const run = promisify(execFile);
/** What the box has in the end, and what it must not have anywhere on the card. */
function outcome({ card, data, args: [, , , , , , , root = ''] }: Box) {
  const places = keyPlaces({ configPath: null, dataFolder: data, keyFile: null, clock: null, root }, data, {});
  const seal = fileSeal(
    () => readKeys(places),
    (count) => machineRandom.bytes(count),
  );
  const roster = readStoredRoster(data, seal);
  return {
    toml: readFileSync(join(card, 'porter.toml'), 'utf8'),
    roster: readFileSync(join(card, 'pupils.csv'), 'utf8'),
    secrets: readSecrets(data, seal),
    stored: roster === null ? null : Buffer.from(roster).toString(),
    left: readdirSync(data).filter((file) => file.startsWith('card-plan')),
    wireless: readFileSync(join(root, 'run/NetworkManager/system-connections/wireless.nmconnection'), 'utf8'),
  };
}

test('killed before any of its writes, first boot ends the same at the next start', async () => {
  const whole = box('whole');
  const log = join(scratch, 'calls');
  await run('strace', ['-e', `trace=${calls}`, '-o', log, process.execPath, ...whole.args]);
  const wanted = outcome(whole);
  expect(wanted.secrets).toEqual({ 'mis.token': token, 'network.wifi.psk': 'correct horse' });
  expect(wanted.stored).toBe(csv);
  expect(`${wanted.toml}${wanted.roster}`).not.toMatch(/0123456789|horse|Okafor/);
  expect(wanted.left).toEqual([]);

  const counts = new Map<string, number>();
  const points: [name: string, when: number][] = [];
  for (const [, name = ''] of readFileSync(log, 'utf8').matchAll(/^(\w+)\(/gm)) {
    const when = (counts.get(name) ?? 0) + 1;
    counts.set(name, when);
    points.push([name, when]);
  }
  expect(points.length).toBeGreaterThan(40);

  const wrong: string[] = [];
  const kill = async ([name, when]: (typeof points)[number]): Promise<void> => {
    const cut = box(`${name}-${String(when)}`);
    const inject = `inject=${name}:signal=SIGKILL:when=${String(when)}`;
    await run('strace', [
      '-f',
      '-o',
      '/dev/null',
      '-e',
      `trace=${calls}`,
      '-e',
      inject,
      process.execPath,
      ...cut.args,
    ]).then(
      () => wrong.push(`${name} ${String(when)}: not killed`),
      () => undefined,
    );
    await run(process.execPath, [...cut.args]);
    const found = outcome(cut);
    if (JSON.stringify(found) !== JSON.stringify(wanted))
      wrong.push(`${name} ${String(when)}: ${JSON.stringify(found)}`);
  };
  for (let at = 0; at < points.length; at += 4) await Promise.all(points.slice(at, at + 4).map(kill));
  expect(wrong).toEqual([]);
}, 600_000);
