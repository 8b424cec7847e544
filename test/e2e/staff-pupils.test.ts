/** Pupils in a real browser against the real box: the list, one pupil's all, the access export, and two people who erase. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Result } from '../../device/contract/result.ts';
import { codeAt, fromBase32, stepAt } from '../../device/web/staff/totp.ts';
import { launchChromium } from '../support/chromium.ts';
import { Porter } from '../support/porter.ts';
import { staffRequest } from '../support/staff-client.ts';

const waitMs = 120_000;

let browser: Browser;
let porter: Porter;
let page: Page;
/** Who was late this morning, as the lists call them. */
let pupil = '';
/** Of the MIS. */
let total = 0;

beforeAll(async () => {
  browser = await launchChromium();
  porter = await Porter.start({ clock: '2026-11-23T08:52', settings: '[late]\nhold_seconds = 1\n' });
  total = (await porter.until('the roster is there', (state) => state.roster.pupils > 1000)).roster.pupils;
  const kiosk = await porter.kiosk();
  const input = { visit: 'v1', flow: 'late', yearGroup: 'Year 9', month: 3 } as const;
  const names = await kiosk.emitWithAck('names', input);
  const key = names.ok ? (names.value.pupils[0]?.pupil ?? '') : '';
  const late = { visit: 'v2', pupil: key, reason: 'bus', touchAgoMs: 0 };
  await kiosk.emitWithAck('late', { commandId: 'late-1', ageMs: 0, input: late });
  kiosk.close();
  pupil = (await porter.until('the mark is in the MIS', (state) => state.sum.confirmed === 1)).late[0]?.pupil ?? '';
  page = await porter.staffPage(browser, 'administrator');
});
afterAll(async () => {
  await browser.close();
  await porter.stop();
});

/** Again, where the box asks; the test's own sign-in is a while ago on a slow machine. */
async function withPassword(): Promise<void> {
  const asked = page.getByLabel('Password', { exact: true }).and(page.locator('[name=password-again]'));
  if (await asked.isVisible()) {
    await asked.fill('administrator of Hill View');
    await page.getByRole('button', { name: 'Go on' }).click();
  }
}

test('everybody on the roster, fifty at a time; found by a few letters, opened by the name', async () => {
  await page.getByRole('link', { name: 'Pupils' }).click();
  await page.getByRole('heading', { name: `Everybody on the roster ${String(total)}` }).waitFor();
  await expect.poll(() => page.getByRole('table', { name: 'Pupils' }).getByRole('row').count()).toBe(51);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText(`51 to 100 of ${String(total)}`).waitFor();
  await page.getByLabel('Name, group or badge').fill(pupil);
  await page.getByRole('table', { name: 'Pupils' }).getByRole('button', { name: pupil }).first().click();
  await page.getByRole('heading', { name: pupil }).waitFor();
  await page.getByText('Signed in late: Bus').waitFor();
  await page.getByText(/read back L/).waitFor();
}, 120_000);

test('the access export: recorded, fetched by this session alone', async () => {
  await page.getByRole('button', { name: 'Access export' }).click();
  await page.getByLabel('Why?').fill('Asked by letter');
  await page.getByRole('button', { name: 'Make the files' }).click();
  const link = page.getByRole('link', { name: 'To read (HTML)' });
  await link.waitFor({ timeout: waitMs });
  const path = (await link.getAttribute('href')) ?? '';
  for (const cookie of ['', await porter.signIn('administrator')]) {
    expect((await staffRequest(porter.staffUrl, 'GET', path, null, { cookie })).status).toBe(404);
  }
  const downloads = page.waitForEvent('download');
  await link.click();
  const html = readFileSync(await (await downloads).path(), 'utf8');
  expect(html).toContain('Signed in late: Bus');
  expect(html).toContain('Asked by letter');
  expect(html).not.toMatch(/<script/i);
  await page.getByRole('button', { name: 'Close' }).click();
}, 120_000);

interface App {
  /** The code by which it was turned on. */
  readonly used: string;
  readonly next: () => Promise<string>;
}
/** From now on this person shows a code of an app as well. */
async function secondStepOf(role: 'safeguarding'): Promise<App> {
  const socket = await porter.staff(role);
  const tell = async (name: string, input: object): Promise<Result<unknown>> =>
    socket.emitWithAck('command', name, { commandId: randomUUID(), ageMs: 0, input });
  const made = await tell('own-second-step-new', {});
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  const { secret } = made.value as { readonly secret: string };
  const code = async (stepsAhead: number): Promise<string> => {
    const { now } = await porter.mis.control.state();
    return codeAt(fromBase32(secret), stepAt(Date.parse(now)) + stepsAhead);
  };
  const used = await code(0);
  expect(await tell('own-second-step', { secret, code: used })).toMatchObject({ ok: true });
  socket.close();
  return { used, next: () => code(1) };
}

test('two people erase: not with the own password, not with a wrong one, not with a code that was used; then there is a receipt, and nothing else', async () => {
  const app = await secondStepOf('safeguarding');
  await page.getByRole('button', { name: 'Erase', exact: true }).click();
  await page.getByLabel('Why?').fill('Left, parents asked');
  const agree = async (name: string, password: string): Promise<void> => {
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Erase for ever' }).click();
    await withPassword();
  };
  await agree('administrator', 'administrator of Hill View');
  await page.getByText('Two people are wanted.').waitFor();
  await agree('safeguarding', 'a guess at a password');
  await page.getByText('That is not the second person’s password.').waitFor();
  await agree('safeguarding', 'safeguarding of Hill View');
  await page.getByText('The second person signs in with a code of an app as well').waitFor();
  const code = page.getByLabel('Code', { exact: true });
  await code.fill(app.used);
  await page.getByRole('button', { name: 'Erase for ever' }).click();
  await withPassword();
  await page.getByText('or the code was used already').waitFor();
  expect(await code.inputValue()).toBe('');
  await code.fill(await app.next());
  await agree('safeguarding', 'safeguarding of Hill View');
  await page.getByRole('heading', { name: 'Erased' }).waitFor({ timeout: waitMs });
  await page.getByText('Head of the chain there').waitFor();
  const downloads = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save' }).click();
  const receipt = readFileSync(await (await downloads).path(), 'utf8');
  expect(receipt).toContain('Together with: safeguarding');
  expect(receipt).not.toContain(pupil);
  await page.getByRole('button', { name: 'Close' }).click();
  expect((await porter.state()).late).toEqual([]);
  await page.getByLabel('Name, group or badge').fill(pupil);
  await page.getByRole('table', { name: 'Pupils' }).getByRole('button', { name: pupil }).first().click();
  await page.getByText('Nothing is recorded').waitFor();
}, 300_000);

test('the log says who erased, has the receipt again and that the chain holds; days of it are saved without names', async () => {
  await page.getByRole('link', { name: 'Log', exact: true }).click();
  await page.getByText(/^Every record up to number \d+ is there/).waitFor({ timeout: waitMs });
  const erased = page.getByRole('row').filter({ hasText: 'Erased a pupil, together with safeguarding' });
  await erased.getByRole('button', { name: 'Receipt' }).click();
  await page.getByText('Head of the chain there').waitFor({ timeout: waitMs });
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Save days as CSV' }).click();
  await page.getByRole('button', { name: 'Make the file' }).click();
  await withPassword();
  const link = page.getByRole('link', { name: 'Save the file' });
  await link.waitFor({ timeout: waitMs });
  const downloads = page.waitForEvent('download');
  await link.click();
  const csv = readFileSync(await (await downloads).path(), 'utf8');
  expect(csv).toContain('Took the log as a file');
  expect(csv).toContain('"Erased a pupil, together with safeguarding"');
  expect(csv).not.toContain(',\r\n'); // nothing without words
  expect(csv).not.toContain(pupil);
}, 300_000);
