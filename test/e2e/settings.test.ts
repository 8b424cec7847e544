/** What staff change of the settings holds at once, on every screen and in every decision, and after a restart (product.md 6). */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KioskSnapshot } from '../../device/contract/kiosk.ts';
import { launchChromium } from '../support/chromium.ts';
import { Porter } from '../support/porter.ts';

let browser: Browser;
let porter: Porter;
beforeAll(async () => {
  browser = await launchChromium();
  porter = await Porter.start({ clock: '2026-11-23T08:50', settings: '' });
});
afterAll(async () => {
  await browser.close();
  await porter.stop();
});

async function lateReasons(): Promise<readonly string[]> {
  const kiosk = await porter.kiosk();
  const snapshot = await new Promise<KioskSnapshot>((resolve, reject) => {
    kiosk.emit('hello', { protocol: 1 }, (answer) => {
      if (answer.ok) resolve(answer.value);
      else reject(new Error(JSON.stringify(answer.error)));
    });
  });
  kiosk.close();
  return snapshot.lateReasons.map(({ id }) => id);
}
const taxi = { set: { label: { en: 'Taxi', cy: 'Tacsi' }, icon: 'car' } };
const change = (place: string, said: unknown, from: string | null = null) =>
  porter.tell('change-setting', { place, change: said, from });

test('a new reason is a tile at once, stays over a kill, and goes when it is undone', async () => {
  const before = await lateReasons();
  const { setting } = (await change('reason.late.taxi', taxi)) as { readonly setting: string };
  const after = await lateReasons();
  expect(after).toEqual([...before.slice(0, -1), 'taxi', 'tell-staff']);
  await porter.kill('SIGKILL');
  await porter.run();
  expect(await lateReasons()).toEqual(after);
  await porter.tell('undo-setting', { setting });
  expect(await lateReasons()).toEqual(before);
});

test('one that comes later is not there yet', async () => {
  const before = await lateReasons();
  await change('reason.late.taxi', taxi, '2026-12-01');
  expect(await lateReasons()).toEqual(before);
});

test.each([
  [
    'a code that the nation does not have',
    'reason.late.taxi',
    { set: { ...taxi.set, code: { after_close: 'QQ' } } },
    /after_close: found .{1,2}QQ/,
  ],
  ['a day that is over', 'late.hold_seconds', { set: 5 }, /from today on/],
  ['what belongs to the technician', 'mis.token', { set: 'x' }, /technician file only/],
  ['a number out of its range', 'late.hold_seconds', { set: -1 }, /expected a whole number from 0 to 3600/],
])('%s is refused in words, and nothing changes', async (what, place, said, words) => {
  const from = what === 'a day that is over' ? '2026-11-22' : null;
  await expect(change(place, said, from)).rejects.toThrow(words);
});

async function settingsPage(role: 'administrator' | 'auditor'): Promise<Page> {
  const page = await porter.staffPage(browser, role);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('heading', { name: 'Reasons and times' }).waitFor();
  return page;
}

test('on the page: a register is changed, told beforehand on an example, and undone from the history', async () => {
  const page = await settingsPage('administrator');
  await page.getByRole('link', { name: 'Times', exact: true }).click();
  await page.getByRole('button', { name: 'Change Morning register' }).click();
  const dialog = page.getByRole('dialog').filter({ hasText: 'Morning register' });
  await dialog.getByLabel('On', { exact: true }).fill('2026-11-23');
  await dialog.getByLabel('At', { exact: true }).fill('09:02');
  await dialog.getByText('A Year 9 pupil arriving Monday 09:02 for Bus or train gets L, 22 minutes late.').waitFor();
  await dialog.getByLabel('Closes').fill('08:00');
  await dialog.getByText(/expected a time not before/).waitFor();
  expect(await dialog.getByRole('button', { name: 'Change it' }).isDisabled()).toBe(true);
  await dialog.getByLabel('Opens').fill('08:50');
  await dialog.getByLabel('Closes').fill('09:20');
  await dialog.getByText('A Year 9 pupil arriving Monday 09:02 for Bus or train gets L, 12 minutes late.').waitFor();
  await dialog.getByLabel('Why?').fill('The bus company asked');
  await dialog.getByRole('button', { name: 'Change it' }).click();
  await page.getByText('Changed: Morning register.').waitFor();
  const row = page.getByRole('listitem').filter({ hasText: 'Morning register' });
  await row.getByText('08:50 to 09:20; the session ends at 12:15').waitFor();
  await row.getByText('In the technician file: 08:40 to 09:10; the session ends at 12:15').waitFor();

  await page.getByRole('link', { name: 'Changes', exact: true }).click();
  await page.getByText(/: The bus company asked$/).waitFor();
  await page.getByRole('button', { name: 'Undo Morning register' }).click();
  await page
    .getByText(/Undone by/)
    .first()
    .waitFor();
  await page.getByRole('link', { name: 'Times', exact: true }).click();
  await row.getByText('08:40 to 09:10; the session ends at 12:15').waitFor();
  await page.context().close();
});

test('on the page: a reason is added with its words, and stands at the kiosk', async () => {
  const page = await settingsPage('administrator');
  await page.getByLabel('Why are you late?').getByRole('button', { name: 'A reason' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Words on the tile').fill('Dropping off a sister');
  await dialog.getByLabel('Picture').selectOption('family');
  await dialog.getByRole('button', { name: 'Add it' }).click();
  await page.getByText('Added.').waitFor();
  expect(await lateReasons()).toContain('dropping-off-a-sister');
  await page.context().close();
});

test('an auditor sees all of it, and nothing to press', async () => {
  const page = await settingsPage('auditor');
  await page.getByText('Bus or train').first().waitFor();
  expect(await page.getByRole('main').getByRole('button').count()).toBe(0);
  await page.context().close();
});
