/** Box, on the page against the real daemon: each part is tried by itself, a backup is taken away and opens, a helper is told how it is. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { Porter } from '../support/porter.ts';
import type { KioskClient } from '../support/porter.ts';
import { staffRequest } from '../support/staff-client.ts';

let browser: Browser;
let porter: Porter;
let page: Page;
beforeAll(async () => {
  browser = await launchChromium();
  porter = await Porter.start({ clock: '2026-11-23T08:52', settings: '' });
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
  page = await porter.staffPage(browser, 'administrator');
  await page.getByRole('link', { name: 'Box' }).click();
  await page.getByRole('heading', { name: 'Main reception', level: 1 }).waitFor();
});
afterAll(async () => {
  await browser.close();
  await porter.stop();
});

test.each([
  ['Badge printer', 'Test print', /^A test badge has been printed\.$/],
  ['Camera', 'Take a test photo', /^A picture was taken\./],
  ['Lights', 'Light each lamp', /^Each lamp was lit alone\./],
  ['MIS', 'Ask the MIS', /^The MIS answered in \d+ ms: it has \d+ codes\.$/],
  ['Clock', 'Look at the clock', /^The time is known$/],
])('%s is tried by itself: %s', async (part, button, words) => {
  const card = page.getByRole('region', { name: part, exact: true });
  await card.getByRole('button', { name: button }).click();
  await card.getByRole('status').filter({ hasText: words }).waitFor({ timeout: 20_000 });
});

test('parts that fail and come back again and again write no record', async () => {
  const before = porter.records().length;
  for (let times = 0; times < 20; times += 1) {
    await porter.tell('simulate', { part: 'printer', fault: times % 2 === 0 ? 'paper-out' : null });
    await porter.until('it is told', ({ faults }) => faults.some((one) => one.includes('paper')) === (times % 2 === 0));
  }
  expect(porter.records().length).toBe(before);
});

test('a printer that takes its time is waited for, and prints once', async () => {
  const pictures = (): number => readdirSync(join(porter.folder, 'data/badges')).length;
  const before = pictures();
  await porter.tell('simulate', { part: 'printer', fault: 'slow' });
  const card = page.getByRole('region', { name: 'Badge printer', exact: true });
  await card.getByRole('button', { name: 'Test print' }).click();
  await card.getByRole('button', { name: 'One moment…' }).waitFor();
  const printed = card.getByRole('status').filter({ hasText: /./ });
  await printed.waitFor({ timeout: 60_000 });
  expect(await printed.textContent()).toBe('A test badge has been printed.');
  await porter.tell('simulate', { part: 'printer', fault: null });
  expect(pictures()).toBe(before + 1);
});

test('what fails is said in words', async () => {
  await porter.tell('simulate', { part: 'printer', fault: 'paper-out' });
  const card = page.getByRole('region', { name: 'Badge printer', exact: true });
  await card.getByRole('button', { name: 'Test print' }).click();
  await card.getByRole('status').filter({ hasText: /paper/i }).waitFor({ timeout: 20_000 });
  await porter.tell('simulate', { part: 'printer', fault: null });
});

test('a backup is taken away with a password, opens with it, and stands there with who took it', async () => {
  await page.getByText('No backup has been taken.').waitFor();
  await page.getByRole('button', { name: 'Back up' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Password of the file').fill('three plain words');
  await dialog.getByLabel('Once more').fill('three plain word');
  await dialog.getByRole('button', { name: 'Back up' }).click();
  await dialog.getByText('The two are not the same.').waitFor();
  await dialog.getByLabel('Once more').fill('three plain words');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Back up' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('porter-2026-11-23.porter-backup');
  const file = join(porter.folder, 'taken.porter-backup');
  await download.saveAs(file);
  const said = execFileSync(
    process.execPath,
    [join(import.meta.dirname, '../../dist/porter.js'), 'backup', 'check', file],
    {
      encoding: 'utf8',
      input: 'three plain words\n',
    },
  );
  expect(said).toMatch(/Whole: \d+ files, \d+ bytes, of Hill View School, Main reception/);
  await page.getByText(/^Last backup: 2026-11-23 .*, by administrator\.$/).waitFor();
});

test('what a helper needs is for administrators, and says how the box is', async () => {
  const of = async (role: Parameters<Porter['signIn']>[0]) =>
    staffRequest(porter.staffUrl, 'GET', '/debug-bundle', null, { cookie: await porter.signIn(role) });
  const taken = await of('administrator');
  expect(taken.status).toBe(200);
  for (const words of ['== Health', 'hardware.printer.kind = "simulated"', '== Log', 'all there and unaltered'])
    expect(taken.text).toContain(words);
  expect(taken.text).not.toContain(porter.mis.token);
  for (const role of ['reception', 'attendance', 'safeguarding', 'auditor', 'fire-warden'] as const) {
    expect((await of(role)).status).toBe(404);
  }
  expect(
    (
      await staffRequest(porter.staffUrl, 'GET', '/backup/guessed', null, {
        cookie: await porter.signIn('administrator'),
      })
    ).status,
  ).toBe(404);
});

test('where nothing would start it again, it is not ended', async () => {
  await page.getByRole('button', { name: 'Restart Porter' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Here nothing would start it again').waitFor();
  expect(await dialog.getByRole('button', { name: 'Restart', exact: true }).isDisabled()).toBe(true);
  await expect(porter.tell('restart')).rejects.toThrow(/does not run under systemd/);
});

test('Restart ends it so that systemd starts it again, and the page asks who it is', async () => {
  const box = await Porter.start({ clock: '2026-11-23T08:52', env: { INVOCATION_ID: 'a run of systemd' } });
  try {
    const open = await box.staffPage(browser, 'administrator');
    await open.getByRole('link', { name: 'Box' }).click();
    await open.getByRole('button', { name: 'Restart Porter' }).click();
    await open.getByRole('dialog').getByRole('button', { name: 'Restart', exact: true }).click();
    const status = await box.ended();
    const unit = readFileSync(join(import.meta.dirname, '../../systemd/porter.service'), 'utf8');
    expect(unit).toMatch(/^Restart=always$/m);
    const [, never = ''] = /^RestartPreventExitStatus=(.+)$/m.exec(unit) ?? [];
    expect([status, never.split(' ').includes(String(status))]).toEqual([0, false]);
    await box.run();
    await open.getByText('You are signed out: the box was started again').waitFor();
    await open.getByLabel('Your name').waitFor();
    expect(box.records().filter(({ type }) => type === 'access')).toContainEqual(
      expect.objectContaining({ what: 'restarted', by: 'administrator' }),
    );
    await open.context().close();
  } finally {
    await box.stop();
  }
});

async function oneIsLate(kiosk: KioskClient): Promise<void> {
  const visit = 'is-late';
  const names = await kiosk.emitWithAck('names', { visit, flow: 'late', yearGroup: 'Year 4', month: 6 });
  const pupil = names.ok ? names.value.pupils[0]?.pupil : undefined;
  if (pupil === undefined) throw new Error(JSON.stringify(names));
  const input = { visit, pupil, reason: 'bus', touchAgoMs: 0 };
  expect(await kiosk.emitWithAck('late', { commandId: randomUUID(), ageMs: 0, input })).toMatchObject({ ok: true });
  kiosk.close();
}

test('a token that the MIS refuses is told with its hour, and a new one is entered under Box and used', async () => {
  const settings = '[late]\nhold_seconds = 0\n';
  const box = await Porter.start({ clock: '2026-11-23T08:52', settings, env: { INVOCATION_ID: 'a run of systemd' } });
  try {
    await box.until('the roster is there', ({ roster }) => roster.pupils > 1000);
    await box.kill('SIGTERM');
    const file = join(box.folder, 'porter.toml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(box.mis.token, 'revoked-by-the-school'));
    await box.run();
    await oneIsLate(await box.kiosk());
    const open = await box.staffPage(browser, 'administrator');
    await open.getByRole('link', { name: 'Marks' }).click();
    await open.getByText(/does not accept the token any more, .* enters it under Box\. Since 08:5\d\./).waitFor();
    await open.getByRole('link', { name: 'Box' }).click();
    await open.getByRole('button', { name: 'Enter a new token' }).click();
    const dialog = open.getByRole('dialog');
    const enter = async (token: string): Promise<void> => {
      await dialog.getByLabel('Token').fill(token);
      await dialog.getByRole('button', { name: 'Try it and use it' }).click();
    };
    await enter('two words');
    await dialog.getByText('A token has no spaces').waitFor();
    await enter('not-the-one-either');
    await dialog.getByText('Nothing was changed. The MIS does not accept this token.').waitFor();
    await enter(box.mis.token);
    expect(await box.ended()).toBe(0);
    await box.run();
    await box.until('the mark is there', ({ sum }) => sum.confirmed === 1, 60_000);
    expect(box.said).not.toContain(box.mis.token);
    expect(box.records().filter(({ type }) => type === 'access')).toContainEqual(
      expect.objectContaining({ what: 'mis-token', by: 'administrator' }),
    );
    await open.context().close();
  } finally {
    await box.stop();
  }
});

test('where nothing would start it again, no token is entered', async () => {
  await page.keyboard.press('Escape'); // the dialog of the test before
  await page.getByRole('button', { name: 'Enter a new token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('None can be entered here: nothing would start it again').waitFor();
  expect(await dialog.getByRole('button', { name: 'Try it and use it' }).isDisabled()).toBe(true);
});
