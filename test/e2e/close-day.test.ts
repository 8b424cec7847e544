/** The end of a day on the page, against the real daemon: closed by a named person, exported, opened with the recovery key alone. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { Porter } from '../support/porter.ts';
import { staffRequest } from '../support/staff-client.ts';

let browser: Browser;
let porter: Porter;
let page: Page;
const pupils: { readonly key: string; readonly forename: string }[] = [];
beforeAll(async () => {
  browser = await launchChromium();
  porter = await Porter.start({ clock: '2026-11-23T15:40', settings: '' });
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
  const kiosk = await porter.kiosk();
  const names = await kiosk.emitWithAck('names', { visit: 'list', flow: 'late', yearGroup: 'Year 9', month: 3 });
  if (!names.ok) throw new Error(JSON.stringify(names.error));
  for (const { pupil, label } of names.value.pupils) pupils.push({ key: pupil, forename: label.split(' ')[0] ?? '' });
  kiosk.close();
  for (const { key } of pupils.slice(0, 3)) {
    const leave = { kind: 'leave', reason: 'medical', back: 'not-today' };
    await porter.tell('record-for', { pupil: key, at: { minute: '11:00' }, what: leave });
  }
  page = await porter.staffPage(browser, 'attendance');
  await page.getByRole('link', { name: 'Close the day' }).click();
  await page.getByRole('heading', { name: 'Close the day', level: 1 }).waitFor();
});
afterAll(async () => {
  await browser.close();
  await porter.stop();
});

/** Not at once: where another row has come to stand a moment ago, a press does nothing. */
async function firstWentHome(): Promise<void> {
  await page.waitForTimeout(700);
  await page
    .getByRole('button', { name: /went home as expected$/ })
    .first()
    .click();
}
const stillOut = (): Promise<number> => page.getByRole('table', { name: 'Still out' }).getByRole('row').count();

test('each who is still out is closed by a named person, then the day; its export is downloaded and opens', async () => {
  const close = page.getByRole('button', { name: 'Close Mon 23 Nov 2026' });
  expect(await close.isDisabled()).toBe(true);
  await page.getByText('3 pupils are still out. Close each of them first.').waitFor();
  await firstWentHome();
  await page.getByText(/: went home as expected\.$/).waitFor();
  await expect.poll(stillOut).toBe(1 + 2);
  await page.getByRole('button', { name: /^Take back: .* is still out$/ }).click();
  await expect.poll(stillOut).toBe(1 + 3);
  await firstWentHome();
  await expect.poll(stillOut).toBe(1 + 2);
  await page
    .getByRole('button', { name: /^Something else about/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Not found: safeguarding told' }).click();
  await dialog.getByText('Say who was told, and what was tried.').waitFor();
  await dialog.getByLabel('What is known').fill('Ms Bello was told at 15:45');
  await dialog.getByRole('button', { name: 'Not found: safeguarding told' }).click();
  await page
    .getByRole('table', { name: 'Closed by a person' })
    .getByText('attendance: Ms Bello was told at 15:45')
    .waitFor();
  await firstWentHome();
  await expect.poll(() => close.isDisabled()).toBe(false);

  await close.click();
  await page.getByRole('dialog').getByRole('button', { name: 'Close the day' }).click();
  await page.getByText('Mon 23 Nov 2026 is closed.').waitFor();
  const link = page.getByRole('link', { name: 'Download the export of Mon 23 Nov 2026' });
  await link.waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  expect(download.suggestedFilename()).toBe('porter-2026-11-23.porter-day');
  const file = join(porter.folder, 'taken.porter-day');
  await download.saveAs(file);
  expect(readFileSync(file).includes(pupils[0]?.forename ?? '?')).toBe(false);

  const open = ({ input = '' }: { readonly input?: string }, ...more: readonly string[]): string =>
    execFileSync(
      process.execPath,
      [join(import.meta.dirname, '../../dist/porter.js'), 'export', 'open', file, ...more],
      {
        encoding: 'utf8',
        input,
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
  const text = open({}, '--data', join(porter.folder, 'data'));
  for (const { key, forename } of pupils.slice(0, 3)) {
    expect(text).toContain(`"pupil":"${key}","forename":"${forename}"`);
  }
  expect(text).toContain('"how":"not-found"');
  // By the paper in the school's safe, when the box is gone.
  const paper = /school's safe:\s+([0-9A-Z -]+)\n/.exec(porter.said)?.[1] ?? '';
  const typed = (key: string): string =>
    open({ input: key }, '--recovery-key', '--data', join(porter.folder, 'elsewhere'));
  expect(typed(paper)).toBe(text);
  // Without either, nothing.
  expect(() => typed('0000-0000-0000-0000-0000-0000-0000')).toThrow(/no recovery key|not the recovery key/);
  expect(() => open({}, '--data', join(porter.folder, 'elsewhere'))).toThrow(/keys that are not here/);
});

test('a note that a pupil was not found stands on Now, before all staff', async () => {
  const words = /was not found: tell the safeguarding lead now/;
  // On another view too.
  await page.getByRole('link', { name: 'See Now' }).click();
  await page.getByRole('region', { name: 'For staff' }).getByText(words).waitFor();
});

test.each([
  ['reception', 404],
  ['safeguarding', 404],
  ['fire-warden', 404],
  ['auditor', 404],
  ['attendance', 200],
  ['administrator', 200],
] as const)('an export is not for everybody: %s', async (role, status) => {
  const cookie = await porter.signIn(role);
  const answer = await staffRequest(porter.staffUrl, 'GET', '/export/2026-11-23', null, { cookie });
  expect(answer.status).toBe(status);
  expect((await staffRequest(porter.staffUrl, 'GET', '/export/..%2Fpeople.json', null, { cookie })).status).toBe(404);
  expect((await staffRequest(porter.staffUrl, 'GET', '/export/2026-11-23', null, {})).status).toBe(404);
});
