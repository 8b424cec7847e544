/**
 * A card that takes three seconds for a record, under the real box: the pupil is told to wait and then that it is done, staff see
 * how slow it is, systemd goes on hearing that the box works, and all is well once the card is (durability.md 27).
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { Porter } from '../support/porter.ts';

const folder = mkdtempSync(join(tmpdir(), 'porter-slow-'));
const socket = join(folder, 'notify');
/** Stands for systemd: prints every message that arrives at a socket as its own. */
const listener = String.raw`
use IO::Socket::UNIX; use Socket; $| = 1;
my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die $!;
print "listening\n";
while (defined $socket->recv(my $said, 4096)) { $said =~ s/\n/ /g; print "$said\n"; }
`;

let browser: Browser;
let porter: Porter;
let systemd: ChildProcess;
let heard = '';

beforeAll(async () => {
  systemd = spawn('perl', ['-e', listener, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  systemd.stdout?.on('data', (text: Buffer) => {
    heard += text.toString();
  });
  await new Promise((resolve) => systemd.stdout?.once('data', resolve));
  browser = await launchChromium();
  porter = await Porter.start({
    clock: '2026-11-23T08:52',
    under: ['env', `NOTIFY_SOCKET=${socket}`, 'WATCHDOG_USEC=2000000'],
  });
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
});
afterAll(async () => {
  await browser.close();
  await porter.stop();
  systemd.kill();
  rmSync(folder, { recursive: true, force: true });
});

const beats = (): number => heard.split('WATCHDOG=1').length - 1;
const moreBeats = async (count: number): Promise<void> => {
  const before = beats();
  await expect.poll(beats, { timeout: 20_000 }).toBeGreaterThan(before + count);
};
const journalBytes = (): number => {
  const journal = join(porter.folder, 'data/journal');
  return readdirSync(journal).reduce((sum, name) => sum + statSync(join(journal, name)).size, 0);
};

async function signsIn(page: Page, month: string): Promise<void> {
  const tap = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  await tap('Sign in late');
  await tap('Year 9');
  await tap(month);
  await page.locator('.tile').first().click();
  await tap('Bus or train');
}

/** Every sync of the box takes so long from now on. Null: nobody may look into another process here. */
async function slowCard(ms: number): Promise<ChildProcess | null> {
  const inject = `inject=fdatasync:delay_exit=${String(ms * 1000)}`;
  const strace = spawn('strace', ['-f', '-p', String(porter.pid), '-e', 'trace=fdatasync', '-e', inject], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  strace.stderr.on('data', (text: Buffer) => {
    said += text.toString();
  });
  await expect.poll(() => strace.exitCode !== null || said.includes('attached'), { timeout: 10_000 }).toBe(true);
  if (strace.exitCode === null) return strace;
  process.stderr.write(`strace may not trace here, so a slow card is not shown: ${said}\n`);
  return null;
}

test('systemd hears that the box is ready, then beats, for which nothing is written', async () => {
  await moreBeats(3); // the roster's record has its witness by then
  const before = journalBytes();
  await moreBeats(3);
  expect(journalBytes()).toBe(before);
  expect(heard.split('\n')[1]).toBe('READY=1 WATCHDOG=1 STATUS=In service');
});

test('three seconds for a record: one moment please, signed in, and the staff page says how slow the card is', async ({
  skip,
}) => {
  const page = await browser.newPage({ viewport: { width: 800, height: 480 } });
  await page.goto(porter.kioskUrl);
  const staff = await porter.staffPage(browser, 'reception');
  const strace = await slowCard(3_000);
  if (strace === null) return skip('strace may not trace here');

  await signsIn(page, 'March');
  await page.getByText('One moment please').waitFor();
  await page.getByRole('heading', { name: "You're signed in" }).waitFor();
  await staff.getByText(/The card is slow: [3-6]\.\d s for one record/).waitFor();
  const slow = await porter.until('red blinks slowly', (state) => state.lights.red === 'slow');
  expect(slow.storage).toMatchObject({ state: 'slow' });
  expect(slow.storage?.slowestSyncMs).toBeGreaterThanOrEqual(3_000);
  await moreBeats(3);
  expect(heard).toContain('STATUS=In service. Faults: 1,');

  strace.kill('SIGINT');
  await new Promise((resolve) => strace.once('exit', resolve));
  await page.getByRole('button', { name: 'Sign in late', exact: true }).waitFor();
  await signsIn(page, 'May');
  await page.getByRole('heading', { name: "You're signed in" }).waitFor();
  const well = await porter.until('it is healthy again', (state) => state.storage?.state === 'ok');
  expect(well.faults).toEqual([]);
  expect(well.sum.recorded).toBe(2);
  await page.close();
  await staff.context().close();
});
