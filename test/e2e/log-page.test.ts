/** The log in a real browser: who did what, of those too who have no account. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { Porter } from '../support/porter.ts';

let browser: Browser;
let porter: Porter;
beforeAll(async () => {
  browser = await launchChromium();
  porter = await Porter.start({ clock: '2026-11-23T08:52', settings: '' });
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
}, 120_000);
afterAll(async () => {
  await browser.close();
  await porter.stop();
});

test('one person is chosen, by a name that stands in the records only, and nobody whose name begins alike is shown', async () => {
  await porter.tell('roster-pull', { by: 'Ann' });
  await porter.tell('drill', { on: true, by: 'Anna' });
  const page = await porter.staffPage(browser, 'auditor');
  await page.getByRole('link', { name: 'Log' }).click();
  await page.getByText('Began a drill').waitFor();
  await page.getByLabel('Who', { exact: true }).selectOption('Ann');
  await page.getByText('Began a drill').waitFor({ state: 'detached' });
  const rows = page.getByRole('table', { name: 'Log' }).getByRole('row');
  await expect.poll(() => rows.count()).toBe(2);
  await page.getByText('Asked the MIS for the roster').waitFor();
}, 60_000);
