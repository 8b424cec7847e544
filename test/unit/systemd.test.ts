/** What systemd is told, so that it starts a box anew that no longer works, and no other (durability.md 27). */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { keepBeating, systemdOf } from '../../device/system/systemd.ts';
import type { Systemd } from '../../device/system/systemd.ts';
import { silent } from '../support/box.ts';
import { steeredTime } from '../support/steered-time.ts';

const folder = mkdtempSync(join(tmpdir(), 'porter-systemd-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A systemd that hears at once, or when the test says so. */
function listening(answers: 'at once' | 'later' = 'at once') {
  const heard: string[][] = [];
  const waiting: ((heard: boolean) => void)[] = [];
  const systemd: Systemd = {
    beatEveryMs: 30_000,
    say: (...words) => {
      heard.push([...words]);
      return answers === 'at once' ? Promise.resolve(true) : new Promise((resolve) => waiting.push(resolve));
    },
  };
  return { systemd, heard, waiting };
}

function beating(systemd: Systemd, pulse: () => string = () => 'In service') {
  const time = steeredTime(0);
  const broken: unknown[] = [];
  const warned: string[] = [];
  const log = { ...silent, warn: (event: string) => warned.push(event) };
  const end = keepBeating(systemd, pulse, { timers: time.timers, log, onBroken: (error) => broken.push(error) });
  return { broken, warned, end, pass: (ms: number) => time.passSlowly(ms, 10_000) };
}

test('it is ready, then it beats, and says in a line how it is', async () => {
  const { systemd, heard } = listening();
  const { pass, end } = beating(systemd);
  await pass(60_000);
  end();
  await pass(60_000);
  const beat = ['WATCHDOG=1', 'STATUS=In service'];
  expect(heard).toEqual([['READY=1', ...beat], beat, beat]);
});

test('no snapshot, no beat: the error ends the process, and where even that hangs, systemd does', async () => {
  const { systemd, heard } = listening();
  let works = true;
  const { pass, broken } = beating(systemd, () => {
    if (!works) throw new TypeError('a bug');
    return 'In service';
  });
  works = false;
  await pass(30_000);
  expect(heard).toHaveLength(1);
  expect(broken).toEqual([new TypeError('a bug')]);
});

test('one message at a time; a systemd that does not listen is said once', async () => {
  const { systemd, heard, waiting } = listening('later');
  const { pass, warned } = beating(systemd);
  await pass(90_000);
  expect(heard).toHaveLength(1);
  for (let n = 0; n < 3; n += 1) {
    waiting.shift()?.(false);
    await pass(30_000);
  }
  expect(heard).toHaveLength(4);
  expect(warned).toEqual(['systemd-does-not-listen']);
});

test.each<[string, Record<string, string>, number | null | 'not told']>([
  ['not started by systemd', {}, 'not told'],
  ['no watchdog in the unit', { NOTIFY_SOCKET: '/run/systemd/notify' }, null],
  ['half of the time that it allows', { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '60000000' }, 30_000],
  ['ours by number', { NOTIFY_SOCKET: 'x', WATCHDOG_USEC: '60000000', WATCHDOG_PID: '17' }, 30_000],
  ['meant for another process', { NOTIFY_SOCKET: 'x', WATCHDOG_USEC: '60000000', WATCHDOG_PID: '18' }, null],
])('when to beat: %s', (_, environment, everyMs) => {
  const systemd = systemdOf(environment, 17);
  expect(systemd === null ? 'not told' : systemd.beatEveryMs).toBe(everyMs);
});

test("systemd's own program says it; one that fails or is missing is not heard, and nothing else", async () => {
  const program = join(folder, 'systemd-notify');
  writeFileSync(program, `#!/bin/sh\nfor word; do echo "$word" >> ${folder}/heard; done\n[ "$1" != BAD=1 ]\n`);
  chmodSync(program, 0o755);
  const { PATH } = process.env;
  const systemd = systemdOf({ NOTIFY_SOCKET: 'x' }, 17);
  try {
    process.env['PATH'] = `${folder}:${PATH ?? ''}`;
    expect(await systemd?.say('WATCHDOG=1', 'STATUS=In service, with 2 faults')).toBe(true);
    expect(await systemd?.say('BAD=1')).toBe(false);
    process.env['PATH'] = '/nowhere';
    expect(await systemd?.say('WATCHDOG=1')).toBe(false);
  } finally {
    process.env['PATH'] = PATH;
  }
  expect(readFileSync(join(folder, 'heard'), 'utf8')).toBe('WATCHDOG=1\nSTATUS=In service, with 2 faults\nBAD=1\n');
});
