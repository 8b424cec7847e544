/** The daemon itself on a card that it cannot use: it stays, says why, stops when told to, and goes on once that is mended. */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, afterEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'porter-card-'));
const settings = join(folder, 'porter.toml');
writeFileSync(
  settings,
  `[school]
name = "Hill View School"
[mis]
connector = "none"
[roster]
source = "csv"
[web]
kiosk_port = 0
staff_port = 0
[hardware]
printer = { kind = "simulated", paper_mm = 58 }
camera = { kind = "simulated" }
lights = { kind = "simulated" }
`,
);
writeFileSync(
  join(folder, 'roster.csv'),
  'mis_id,forename,surname,year_group,registration_group,birth_month\n1,Amara,Okafor,7,7A,3\n',
);

mkdirSync(join(folder, 'run'));

let porter: ChildProcess | null = null;
let said = '';
afterEach(async () => {
  const child = porter;
  porter = null;
  if (child === null || child.exitCode !== null) return;
  await new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGKILL');
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function start(data: string): void {
  said = '';
  porter = spawn(process.execPath, [join(root, 'dist/porter.js'), '--config', settings, '--data', data], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, RUNTIME_DIRECTORY: join(folder, 'run') },
  });
  const hear = (text: Buffer): void => {
    said += text.toString();
  };
  porter.stdout?.on('data', hear);
  porter.stderr?.on('data', hear);
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const end = Date.now() + 40_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`not in time: ${what}. ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
const serving = (times: number): boolean => said.split('Staff: ').length > times;
const sim = (data: string, ...words: readonly string[]): string =>
  execFileSync(process.execPath, [join(root, 'dist/sim.js'), '--data', data, ...words], { encoding: 'utf8' });

async function stop(): Promise<number | null> {
  const child = porter;
  if (child === null) return null;
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  child.kill('SIGTERM');
  return ended;
}

test('records of a newer version: nothing is touched, and the box goes on once they are gone', async () => {
  const data = join(folder, 'newer');
  const journal = join(data, 'journal');
  mkdirSync(journal, { recursive: true });
  writeFileSync(join(journal, '000001-000000000001.pj'), headerOfLater());
  start(data);
  await until('it serves', () => serving(1));
  expect(sim(data, 'lights')).toBe('green off, amber off, red fast\n');
  expect(sim(data, 'state')).toContain('newer version of Porter');
  expect(readdirSync(journal).filter((name) => name !== 'lock')).toEqual(['000001-000000000001.pj']);
  rmSync(journal, { recursive: true });
  await until('it is in service', () => serving(2));
  expect(sim(data, 'lights')).toContain('green steady');
  expect(await stop()).toBe(0);
});

/** Magic, format byte and CRC stay where they are in every later format (`frame.ts`). */
function headerOfLater(): Buffer {
  const header = Buffer.alloc(128);
  header.write('PORTERJ\n', 'latin1');
  header[8] = 200;
  header.writeUInt32LE(crc32(header.subarray(0, 124)), 124);
  return header;
}

/** A card of its own, where this machine lets us have one. */
function smallCard(name: string): string | null {
  const path = join(folder, name);
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'porter-test', path], { stdio: 'ignore' });
  } catch {
    console.log('This machine allows no mounts: full and read-only cards are tried over the disk in memory only.');
    return null;
  }
  return path;
}

test('a card that is full, has room, is read-only, and can be written again; staff still see who is out', async () => {
  const data = smallCard('card');
  if (data === null) return;
  try {
    writeFileSync(join(data, 'films'), Buffer.alloc(3 * 1024 * 1024));
    try {
      writeFileSync(join(data, 'more-films'), Buffer.alloc(2 * 1024 * 1024));
    } catch {
      // It is full now.
    }
    start(data);
    await until('it serves', () => serving(1));
    expect(sim(data, 'state')).toContain('The card is full');
    rmSync(join(data, 'films'));
    await until('it is in service', () => serving(2));
    expect(sim(data, 'lights')).toContain('green steady');
    await until('the roster is there', () => sim(data, 'state').includes('"pupils": 1'));
    sim(data, 'left', '1', 'medical');
    expect(await stop()).toBe(0);

    execFileSync('mount', ['-o', 'remount,ro', data]);
    start(data);
    await until('it serves', () => serving(1));
    expect(sim(data, 'lights')).toBe('green off, amber off, red fast\n');
    await until('it has read its records', () => sim(data, 'out') !== '[]\n');
    expect(sim(data, 'out')).toContain('Amara Okafor');
    expect(sim(data, 'state')).toContain('What this page shows was recorded before');
    expect(await stop()).toBe(0);

    start(data);
    await until('it serves', () => serving(1));
    execFileSync('mount', ['-o', 'remount,rw', data]);
    await until('it is in service', () => serving(2));
    expect(await stop()).toBe(0);

    // The key lies beside the folder.
    renameSync(`${data}.key`, join(folder, 'key-elsewhere'));
    start(data);
    await until('it serves', () => serving(1));
    const locked = sim(data, 'state');
    expect(locked).toContain('The key to the records is missing');
    expect(locked).toContain('What was recorded before cannot be shown');
    expect(locked).not.toContain('Amara');
    expect(await stop()).toBe(0);
  } finally {
    porter?.kill('SIGKILL');
    execFileSync('umount', ['--lazy', data]);
  }
});

test('killed three times it leaves out the parts and the sender, and still takes pupils; killed on and on it opens nothing', async () => {
  const data = join(folder, 'killed');
  const killed = async (): Promise<void> => {
    start(data);
    await until('it serves', () => serving(1));
    const ended = new Promise((resolve) => porter?.once('exit', resolve));
    porter?.kill('SIGKILL');
    await ended;
  };
  for (let n = 0; n < 3; n += 1) await killed();
  start(data);
  await until('it serves', () => serving(1));
  const state = sim(data, 'state');
  expect(state).toContain('Porter ended unexpectedly several times, so the printer and the camera are off');
  expect(sim(data, 'lights')).toBe('green steady, amber off, red slow\n');
  expect(sim(data, 'self-test')).toContain('Off since Porter ended several times: switch the box off and on');
  expect(await stop()).toBe(0);

  const counted = { boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), running: false };
  const mono = Number(process.hrtime.bigint() / 1_000_000n);
  const failures = Array.from({ length: 8 }, () => ({ mono, failure: 'process' }));
  writeFileSync(join(folder, 'run', 'failures.json'), JSON.stringify({ ...counted, failures }));
  start(data);
  await until('it serves', () => serving(1));
  expect(sim(data, 'state')).toContain('Porter ended unexpectedly again and again');
  expect(sim(data, 'lights')).toBe('green off, amber off, red fast\n');
  expect(await stop()).toBe(0);
  rmSync(join(folder, 'run', 'failures.json'));
});
