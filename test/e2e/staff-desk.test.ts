/** The staff page in a real browser against the real desk on a made-up day: what staff do there, and what the page must not do. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { untilLookedAt } from '../../device/desk/losses.ts';
import { note } from '../../device/desk/note.ts';
import { launchChromium } from '../support/chromium.ts';
import { openDay, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';
import type { FakeStaff, Shown } from '../support/staff-fake.ts';
import { openStaff } from '../support/staff-tour.ts';

let browser: Browser;
let opened: { readonly staff: FakeStaff; readonly page: Page } | null = null;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});
afterEach(async () => {
  await opened?.page.close();
  await opened?.staff.stop();
  opened = null;
});

async function open(day: Day, at: string, shown: Shown = {}): Promise<{ staff: FakeStaff; page: Page }> {
  const staff = await openStaff('administrator', day);
  staff.showing(shown);
  const page = await browser.newPage();
  opened = { staff, page };
  await page.goto(`${staff.url}#${at}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return opened;
}

test('a box that does not know the time asks for it on Now, and takes it', async () => {
  const day = await openDay({ at: '09:02' });
  day.time.set({ trusted: false });
  await day.late('amara');
  const { page, staff } = await open(day, 'now');
  expect(await page.getByRole('button', { name: 'Say when' }).count()).toBe(0);
  await page.getByRole('button', { name: 'Say what time it is' }).click();
  const dialog = page.getByRole('dialog', { name: 'What time is it now?' });
  await dialog.getByLabel('Day').fill('2026-11-23');
  await dialog.getByLabel('Time').fill('09:05');
  await dialog.getByRole('button', { name: 'It is so late now' }).click();
  await page.getByText('The time is confirmed.').waitFor();
  expect(staff.heard).toEqual([{ name: 'confirm-time', input: { date: '2026-11-23', minute: 545, movement: null } }]);
  expect(day.records.find(({ type }) => type === 'time')).toMatchObject({ sources: ['person'], by: 'Ms Reed' });
});

test('under Box it can be said too, where nothing but a person vouches for the time', async () => {
  const day = await openDay({ at: '09:02' });
  const { page } = await open(day, 'box');
  expect(await page.getByRole('button', { name: 'Say what time it is' }).count()).toBe(0);
  day.time.set({ trusted: false });
  await page.reload();
  await page.getByRole('region', { name: 'Clock' }).getByRole('button', { name: 'Say what time it is' }).waitFor();
});

test('a record that was set aside: the button stands beside it, and names no command', async () => {
  const day = await openDay({ at: '09:02' });
  const faults = [
    `Records: number 4 cannot be used and was set aside. ${untilLookedAt}`,
    'Camera: Nothing is plugged in.',
  ];
  const { page, staff } = await open(day, 'box', {
    situation: { faults },
    answers: { 'set-aside-seen': { ok: true, value: null } },
  });
  const wrong = page.getByRole('region', { name: 'What is wrong' });
  expect(await wrong.getByRole('button').count()).toBe(1);
  expect(await wrong.textContent()).not.toContain('set-aside-seen');
  const row = wrong.getByRole('listitem').filter({ hasText: 'number 4' });
  await row.getByRole('button', { name: 'I have looked at it' }).click();
  await page.getByText('Marks are sent again.').waitFor();
  expect(staff.heard).toEqual([{ name: 'set-aside-seen', input: {} }]);
});

/** As somebody types it: letters and Enter within the finder's wait. */
const typesQuickly = (page: Page, text: string): Promise<void> =>
  page.evaluate((typed) => {
    const input = document.querySelector<HTMLInputElement>('dialog [role=combobox]');
    if (input === null) throw new Error('no finder');
    input.value = typed;
    input.dispatchEvent(new InputEvent('input', { bubbles: true }));
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  }, text);

test('Enter in the finder means what is typed, not the list of the letters before', async () => {
  const { page } = await open(await openDay({ at: '09:02' }), 'now');
  await page.getByRole('button', { name: 'Record for a pupil' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox').fill('st');
  await dialog.getByRole('option', { name: /Eli Stone/ }).waitFor();
  await typesQuickly(page, 'sto');
  await expect.poll(() => dialog.getByRole('option').count()).toBe(2);
  await typesQuickly(page, 'amara');
  await page.getByRole('dialog', { name: 'Record for Amara Okafor' }).waitFor();
});

test('a double click on Done does not do the next note too', async () => {
  const day = await openDay({ at: '09:02' });
  await day.box.desk.commit(['amara', 'ben', 'cai'].map((pupil) => note('not-answered', { pupil })));
  const { page } = await open(day, 'now');
  // The second click comes with the very change of the list.
  await page.evaluate(() => {
    const list = document.querySelector('[aria-label="For staff"]');
    const press = (): unknown => list?.querySelector('button')?.click();
    const watcher = new MutationObserver(() => {
      if (list?.querySelectorAll('li').length === 3) return;
      watcher.disconnect();
      press();
    });
    watcher.observe(document.body, { subtree: true, childList: true });
    press();
  });
  await page.getByText('Done.').first().waitFor();
  await expect.poll(() => page.getByRole('button', { name: 'Done' }).count()).toBe(2);
  await page.waitForTimeout(300);
  expect(day.ledger.notes.size).toBe(2);
});

test('by keyboard: each step of a dialog has the focus, and it goes back to what opened it', async () => {
  const day = await openDay({ at: '09:02' });
  await day.late('amara');
  const { page } = await open(day, 'now');
  const focused = () => page.evaluate(() => document.activeElement?.textContent || document.activeElement?.ariaLabel);
  const row = page.getByRole('table', { name: 'Late today' }).getByRole('button', { name: /Amara/ });
  await row.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Undo this sign-in' }).press('Enter');
  await expect.poll(() => dialog.getByLabel('Why?').evaluate((one) => one === document.activeElement)).toBe(true);
  await dialog.getByRole('button', { name: 'Back' }).press('Enter');
  await expect.poll(() => dialog.evaluate((one) => one.contains(document.activeElement))).toBe(true);
  await dialog.getByRole('button', { name: 'Close' }).press('Enter');
  await expect.poll(focused).toContain('Amara');
  const record = page.getByRole('button', { name: 'Record for a pupil' });
  await record.press('Enter');
  await dialog.getByRole('combobox').fill('ben');
  await dialog.getByRole('option').first().waitFor();
  await page.keyboard.press('Enter');
  await expect.poll(focused).toContain('Came late');
  await dialog.getByLabel('Why?').selectOption({ index: 1 });
  await dialog.getByText(/AM: /).first().waitFor();
  await dialog.getByRole('button', { name: 'Record it' }).press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await expect.poll(focused).toContain('Record for a pupil');
});

test('an opened row is as it is by now, not as it was when it was pressed', async () => {
  const day = await openDay({ at: '09:02' });
  const late = value(await day.late('amara'));
  const { page, staff } = await open(day, 'now');
  await page.getByRole('table', { name: 'Late today' }).getByRole('button', { name: /Amara/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Bus').waitFor();
  const change = { movement: late.movement, correction: { how: 'reason', reason: 'appointment' }, why: null } as const;
  value(await day.box.staff.correct(day.box.command('elsewhere'), { ...change, by: 'Mr Shah' }));
  staff.push();
  await dialog.getByText('Appointment').waitFor();
});

test('who is let go while nothing prints is not said to get a badge', async () => {
  const day = await openDay({ at: '10:02' });
  const early = { reason: 'medical', back: 'not-today', withWhom: 'grown-up', photo: 'none' } as const;
  value(await day.early('eli', early));
  const { page } = await open(day, 'approvals', { views: { approvals: { canPrint: false } } });
  await page.getByRole('button', { name: 'Let go' }).click();
  await page.getByText('No badge prints').waitFor();
  expect(await page.getByText('The badge is printing').count()).toBe(0);
});

test('a movement of another day is put right on the page of its pupil', async () => {
  const day = await openDay({ at: '2026-11-20T09:02' });
  value(await day.late('amara'));
  await day.pass(3 * 24 * 3_600_000);
  const { page } = await open(day, 'pupils/amara');
  await page.getByRole('button', { name: 'Put it right' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('2026-11-20 09:02 Signed in late: Bus').waitFor();
  await dialog.getByRole('button', { name: 'Change the reason' }).click();
  await dialog.getByLabel('The right reason').selectOption({ label: 'Appointment' });
  await dialog.getByRole('button', { name: 'Change the reason' }).click();
  await page.getByText('Signed in late: Appointment').waitFor();
  await page.getByRole('button', { name: 'Put it right' }).click();
  await dialog.getByRole('button', { name: 'Undo this sign-in' }).click();
  await dialog.getByRole('button', { name: 'Undo this sign-in' }).click();
  await page.getByText('Undone', { exact: true }).waitFor();
  expect(await page.getByRole('button', { name: 'Put it right' }).count()).toBe(0);
});

test('late for registration is recorded for those who come and go, and asked of nobody else', async () => {
  const day = await openDay({ at: '09:12' });
  const { page } = await open(day, 'now');
  const dialog = page.getByRole('dialog');
  const record = async (who: string): Promise<void> => {
    await page.getByRole('button', { name: 'Record for a pupil' }).click();
    await dialog.getByRole('combobox').fill(who);
    await dialog.getByRole('option').click();
  };
  await record('amara');
  await dialog.getByLabel('When?').waitFor();
  expect(await dialog.getByLabel('Late for registration').count()).toBe(0);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await record('zara');
  await dialog.getByLabel('Late for registration').check();
  await dialog.getByLabel('Why?').selectOption({ label: 'Bus' });
  await dialog.getByText('AM: L, 12 minutes').waitFor();
  await dialog.getByRole('button', { name: 'Record it' }).click();
  await page.getByText('Recorded for Zara Iqbal.').waitFor();
  expect(day.records.find(({ type }) => type === 'movement')).toMatchObject({ forRegistration: true });
});

test('a pupil who is enrolled again: what was recorded goes over, once somebody has said who it is', async () => {
  const day = await openDay({ at: '09:02' });
  value(await day.late('amara'));
  const [amara, ...others] = day.box.state.pupils;
  if (amara === undefined) throw new Error('nobody is there');
  day.box.state.pupils = [{ ...amara, key: 'amara-2', misId: 'mis-new' }, ...others];
  const { page } = await open(day, 'pupils/amara');
  await page.getByRole('button', { name: 'Is the same pupil as…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox').fill('okafor');
  await dialog.getByRole('option').click();
  await dialog.getByRole('button', { name: 'It is the same pupil' }).click();
  await page.getByRole('heading', { level: 1, name: 'Amara Okafor' }).waitFor();
  await page.getByText('Signed in late: Bus').waitFor();
  expect([...day.ledger.adopted]).toEqual([['amara', 'amara-2']]);
});

test('a list that has no room for all says how many there are, and whom to contact opens all the same', async () => {
  const day = await openDay({ at: '09:02' });
  value(await day.late('amara'));
  const counts = { contact: 1, late: 340, out: 0, overdue: 0, back: 0 };
  const { page } = await open(day, 'now', { views: { now: { late: [], counts } } });
  await page.getByText('and 340 more: find them above.').waitFor();
  await page.getByRole('table', { name: 'Before you contact home' }).getByRole('button', { name: /Amara/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Amara Okafor' }).waitFor();
});

test('a page that was open before an update of the box is loaded anew after it', async () => {
  const { page, staff } = await open(await openDay({ at: '09:02' }), 'now');
  const isOld = () => page.evaluate(() => 'old' in window);
  await page.evaluate(() => Object.assign(window, { old: true }));
  staff.build = 'two';
  staff.hangUp();
  await expect.poll(isOld).toBe(false);
  await page.getByRole('heading', { name: 'Now', exact: true }).waitFor();
});
