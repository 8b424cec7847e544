/** The alarm goes: a fire warden in a real browser against the real daemon, with the paper, the file on a phone without a network, and a drill. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { Porter } from '../support/porter.ts';
import { staffRequest } from '../support/staff-client.ts';

let browser: Browser;
let porter: Porter;
let page: Page;
const waitMs = 30_000;

beforeAll(async () => {
  browser = await launchChromium();
  porter = await Porter.start({ clock: '2026-11-23T09:30' });
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
  page = await porter.staffPage(browser, 'fire-warden');
}, 120_000);
afterAll(async () => {
  await browser.close();
  await porter.stop();
});

const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const download = async (): Promise<{ readonly name: string; readonly path: string }> => {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'File for phones' }).click(),
  ]);
  const name = file.suggestedFilename();
  const path = join(porter.folder, name);
  await file.saveAs(path);
  return { name, path };
};
const badges = (): readonly string[] => readdirSync(join(porter.folder, 'data', 'badges'));

test('a fire warden comes to the one view there is, with the age of the marks and everybody in five groups', async () => {
  await page.getByRole('heading', { name: 'Evacuation', exact: true }).waitFor();
  expect(await page.getByRole('navigation', { name: 'Views' }).getByRole('link').allTextContents()).toEqual([
    'Evacuation',
  ]);
  await page.getByText(/^Marks are \d+ min old$/).waitFor({ timeout: waitMs });
  await page.getByText('Pupils only: no staff, no visitors.').waitFor();
  const counts = await page.locator('button.figure b').allTextContents();
  const { roster } = await porter.state();
  expect(counts.map(Number).reduce((sum, one) => sum + one, 0)).toBe(roster.pupils);
  await page.getByLabel('Registration group', { exact: true }).selectOption({ index: 3 });
  await page.getByRole('heading', { name: 'Found' }).waitFor();
  await press('Show all');
}, 60_000);

test('a drill says DRILL on page, title, file and paper, over a restart, until a person ends it', async () => {
  await press('Start a drill');
  await press('Start the drill');
  await page.getByRole('status').filter({ hasText: /DRILL/ }).waitFor();
  await page.waitForFunction(() => document.title.startsWith('DRILL'));
  expect((await download()).name).toMatch(/^DRILL-evacuation-2026-11-23-\d{4}\.html$/);
  await page.close();
  await porter.kill('SIGTERM');
  await porter.run();
  page = await porter.staffPage(browser, 'fire-warden');
  await page.getByRole('status').filter({ hasText: /DRILL/ }).waitFor({ timeout: waitMs });
  await press('End the drill');
  await page.getByRole('status').filter({ hasText: /DRILL/ }).waitFor({ state: 'detached' });
  expect(await page.title()).not.toContain('DRILL');
  expect((await porter.state()).sum.recorded).toBe(0);
}, 120_000);

test('one press prints; out of paper is told in words', async () => {
  await page.getByText(/^Marks are \d+ min old$/).waitFor({ timeout: waitMs });
  await press('Print exceptions');
  await page.getByText('Printed: everybody but those who were marked present.').waitFor({ timeout: waitMs });
  expect(badges().filter((name) => name.includes('evacuation')).length).toBeGreaterThan(0);
  await porter.tell('simulate', { part: 'printer', fault: 'paper-out' });
  await press('Print exceptions');
  await page.getByText('Nothing was printed. Out of paper: put in a new roll.').waitFor();
}, 60_000);

test('the file opens on a phone without a network or scripts, and is ticked and counted there', async () => {
  const { path } = await download();
  const phone = await browser.newContext({
    offline: true,
    javaScriptEnabled: false,
    viewport: { width: 360, height: 740 },
  });
  const there = await phone.newPage();
  const asked: string[] = [];
  there.on('request', (request) => asked.push(request.url()));
  const url = pathToFileURL(path).href;
  await there.goto(url);
  const boxes = there.getByRole('checkbox');
  expect(await boxes.count()).toBe((await porter.state()).roster.pupils);
  await boxes.nth(0).check();
  await boxes.nth(5).check();
  expect(asked).toEqual([url]);
  const pupils = await there.locator('li:not(.out)').count();
  await there.getByText(`of ${String(pupils)} to find`).waitFor();
  await phone.close();
  expect(readFileSync(path, 'utf8')).not.toContain('<script');
}, 60_000);

test('only who may takes the file, and it stands in the records who did', async () => {
  const take = (cookie: string) =>
    staffRequest(porter.staffUrl, 'GET', '/evacuation', null, cookie === '' ? {} : { cookie });
  expect((await take('')).status).toBe(401);
  expect((await take(await porter.signIn('auditor'))).status).toBe(403);
  for (const role of ['reception', 'attendance', 'safeguarding', 'administrator', 'fire-warden'] as const) {
    const { status, headers, text } = await take(await porter.signIn(role));
    expect([role, status]).toEqual([role, 200]);
    expect(headers['content-disposition']).toMatch(/^attachment; filename="?evacuation-/);
    expect(headers['cache-control']).toBe('no-store');
    expect(text).toContain(`Taken by ${role}`);
  }
  const told = porter.records().filter(({ type }) => type === 'access');
  expect(told).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ what: 'evacuation-list', person: 'reception', detail: 'file' }),
      expect.objectContaining({ what: 'evacuation-list', person: 'fire-warden', detail: 'paper' }),
      expect.objectContaining({ what: 'refused', person: 'auditor', detail: 'evacuation file' }),
    ]),
  );
}, 60_000);
