/** The staff page while others act: what stands open, chosen or typed there means whom it meant when somebody looked at it. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { note } from '../../device/desk/note.ts';
import { launchChromium } from '../support/chromium.ts';
import { badgeOf, monday, openDay, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';
import type { FakeStaff } from '../support/staff-fake.ts';
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
  await opened?.page.context().close();
  await opened?.staff.stop();
  opened = null;
});

async function open(day: Day, at: string): Promise<{ staff: FakeStaff; page: Page }> {
  const staff = await openStaff('administrator', day);
  const page = await (await browser.newContext()).newPage();
  opened = { staff, page };
  await page.goto(`${staff.url}#${at}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return opened;
}
const ref = (day: Day, who: string): string => day.ledger.movementsOf(who)[0]?.record.ref ?? '';

test('who is chosen among those who wait stays chosen when a colleague has answered another', async () => {
  const day = await openDay({ at: '10:02' });
  const visits: Record<string, string> = {};
  for (const who of ['eli', 'ben', 'fay']) {
    const before = new Set(day.ledger.waiting.keys());
    value(await day.early(who, { reason: 'unwell', back: 'not-today', withWhom: 'grown-up' }));
    visits[who] = [...day.ledger.waiting.keys()].find((visit) => !before.has(visit)) ?? '';
  }
  const { page, staff } = await open(day, 'approvals');
  await page.keyboard.press('ArrowDown');
  const chosen = page.locator('article[data-chosen]');
  const name = await chosen.getAttribute('aria-label');
  const who = name?.startsWith('Ben') ? 'ben' : name?.startsWith('Fay') ? 'fay' : 'eli';
  const other = (await page.getByRole('article').first().getAttribute('aria-label'))?.startsWith('Eli') ? 'eli' : 'fay';
  value(await day.answer(visits[other] ?? '', 'no'));
  staff.push();
  await expect.poll(() => page.getByRole('article').count()).toBe(2);
  await page.waitForTimeout(800);
  await page.keyboard.press('l');
  await expect
    .poll(() => staff.heard)
    .toMatchObject([{ name: 'answer', input: { visit: visits[who], answer: 'let-go' } }]);
});

test('what was typed to filter a list can be taken out again when few are left', async () => {
  const day = await openDay({ at: '09:02' });
  const all = ['amara', 'ben', 'cai', 'dina', 'eli', 'fay', 'zara', 'nur'];
  for (const who of all) await day.late(who, who === 'zara' ? { forRegistration: true } : {});
  const { page, staff } = await open(day, 'now');
  const filter = page.getByRole('searchbox', { name: 'Filter Late today' });
  await filter.fill('amara');
  const rows = page.getByRole('table', { name: 'Late today' }).locator('tbody tr');
  await expect.poll(() => rows.count()).toBe(1);
  value(await day.correct(ref(day, 'ben')));
  staff.push();
  await page.getByRole('region', { name: 'Late today' }).getByText('7', { exact: true }).waitFor();
  await filter.fill('');
  await expect.poll(() => rows.count()).toBe(7);
});

test('a pupil who comes back while somebody looks at them is not out in that dialog any more', async () => {
  const day = await openDay({ at: '10:02' });
  const badge = badgeOf(await day.early('amara'));
  const { page, staff } = await open(day, 'now');
  await page.getByRole('table', { name: 'Out now' }).getByRole('button', { name: /Amara/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Back now, badge lost' }).waitFor();
  value(await day.type(badge));
  staff.push();
  await dialog.getByText('This has changed meanwhile').waitFor();
  expect(await dialog.getByRole('button', { name: /Back now|Undo/ }).count()).toBe(0);
});

test('the dialog of a row that has gone does not open again with the next one', async () => {
  const day = await openDay({ at: '15:02' });
  const badge = badgeOf(await day.early('amara', { back: 'not-today' }));
  await day.until('15:30');
  const { page, staff } = await open(day, 'close');
  await page.getByRole('button', { name: 'Something else about Amara Okafor' }).click();
  const dialog = page.getByRole('dialog', { name: 'Amara Okafor' });
  await dialog.waitFor();
  value(await day.type(badge));
  staff.push();
  await dialog.waitFor({ state: 'detached' });
  badgeOf(await day.early('amara', { back: 'not-today' }));
  staff.push();
  await page.getByRole('button', { name: 'Something else about Amara Okafor' }).waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
});

test('whoever came back on an earlier day without a badge is recorded for that day', async () => {
  const day = await openDay({ at: '10:02' });
  badgeOf(await day.early('amara'));
  await day.pass(24 * 3_600_000);
  const { page, staff } = await open(day, 'now');
  await page.getByRole('table', { name: 'Out now' }).getByRole('button', { name: /Amara/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Came back that day' }).click();
  await dialog.getByLabel('When did they come back?').fill('12:30');
  await dialog.getByRole('button', { name: 'They came back then' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(staff.heard).toMatchObject([{ input: { at: { minute: '12:30', date: monday }, what: { kind: 'return' } } }]);
  expect(day.out()).toEqual([]);
});

test('a page that the box hangs up on while somebody is signed in comes again by itself, and is live', async () => {
  const day = await openDay({ at: '09:02' });
  const { page, staff } = await open(day, 'now');
  staff.hangUp();
  const away = page.getByText('No connection to the box');
  await away.waitFor();
  await away.waitFor({ state: 'detached' });
  value(await day.late('amara'));
  staff.push();
  await page.getByRole('table', { name: 'Late today' }).getByRole('button', { name: /Amara/ }).waitFor();
});

test('whoever sits before one page of a browser is there for its other pages too', async () => {
  const day = await openDay({ at: '09:02' });
  const { page, staff } = await open(day, 'now');
  const other = await page.context().newPage();
  await other.clock.install();
  await other.goto(`${staff.url}#now`);
  await other.getByRole('heading', { level: 1, name: 'Now' }).waitFor();
  await other.clock.runFor(4 * 60_000);
  await page.mouse.move(100, 100);
  await page.mouse.move(200, 200);
  await page.waitForTimeout(300);
  await other.clock.runFor(4 * 60_000);
  expect(await other.getByRole('heading', { level: 1 }).textContent()).toBe('Now');
  await other.clock.runFor(2 * 60_000);
  await other.getByRole('heading', { name: 'Names are hidden' }).waitFor();
});

test('a pupil who begins to wait is heard once, unless the sound is off', async () => {
  const day = await openDay({ at: '10:02' });
  const { page, staff } = await open(day, 'approvals');
  await page.evaluate(() => {
    window.OscillatorNode = class extends OscillatorNode {
      override start(when?: number): void {
        document.body.dataset['notes'] = String(Number(document.body.dataset['notes'] ?? 0) + 1);
        super.start(when);
      }
    };
  });
  const notes = () => page.evaluate(() => Number(document.body.dataset['notes'] ?? 0));
  const waits = async (who: string, articles: number): Promise<void> => {
    value(await day.early(who, { reason: 'unwell', back: 'not-today', withWhom: 'grown-up' }));
    staff.push();
    await expect.poll(() => page.getByRole('article').count()).toBe(articles);
  };
  await page.getByRole('heading', { name: 'Approvals' }).click(); // a browser is silent before that
  await waits('eli', 1);
  await expect.poll(notes).toBe(2);
  staff.push();
  await page.getByRole('button', { name: 'Sound is on' }).click();
  await waits('ben', 2);
  expect(await notes()).toBe(2);
});

test('while names are hidden, what needs somebody is there in numbers: notes and days too', async () => {
  const day = await openDay({ at: '2026-11-20T09:02' });
  await day.late('amara');
  await day.pass(3 * 24 * 3_600_000);
  await day.late('ben');
  await day.box.desk.commit([note('not-on-list', { urgent: true })]);
  const { page } = await open(day, 'now');
  await page.getByRole('button', { name: 'Hide names' }).click();
  await page.getByRole('heading', { name: 'Names are hidden' }).waitFor();
  for (const words of ['1 note for staff', '1 day not closed', '1 late today', '0 out now'])
    await page.getByText(words, { exact: true }).waitFor();
});

test('an urgent note is before whoever looks at another view', async () => {
  const day = await openDay({ at: '09:02' });
  await day.box.desk.commit([note('not-found', { urgent: true, pupil: 'amara' })]);
  const { page } = await open(day, 'marks');
  await page.getByText(/^Urgent: Amara Okafor: was out at the end of the day/).waitFor();
  await page.getByRole('link', { name: 'See Now' }).click();
  await page.getByRole('region', { name: 'For staff' }).getByText('Amara Okafor').waitFor();
  expect(await page.getByRole('link', { name: 'See Now' }).count()).toBe(0);
});
