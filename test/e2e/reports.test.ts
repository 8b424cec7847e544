/** Reports in a real browser against the real daemon: figures of a morning, under the strict policy; names for the attendance role only. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { Porter } from '../support/porter.ts';

let browser: Browser;
let porter: Porter;
const lates = 7;

beforeAll(async () => {
  browser = await launchChromium();
  porter = await Porter.start({ clock: '2026-11-23T08:52', settings: '[late]\nrepeat_times = 2\n' });
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
  const kiosk = await porter.kiosk();
  const names = await kiosk.emitWithAck('names', { visit: 'v', flow: 'late', yearGroup: 'Year 9', month: 3 });
  if (!names.ok) throw new Error(JSON.stringify(names.error));
  for (const [i, { pupil }] of names.value.pupils.slice(0, lates).entries()) {
    const input = { visit: `v${String(i)}`, pupil, reason: 'bus', touchAgoMs: 0 };
    await kiosk.emitWithAck('late', { commandId: `reports-${String(i)}`, ageMs: 0, input });
  }
  kiosk.close();
  await porter.until('they are late', (state) => state.late.length === lates);
}, 120_000);
afterAll(async () => {
  await browser.close();
  await porter.stop();
});

async function reportsOf(role: 'attendance' | 'administrator'): Promise<{ page: Page; complaints: readonly string[] }> {
  const page = await porter.staffPage(browser, role);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.getByRole('link', { name: 'Reports' }).click();
  await page.getByRole('img', { name: /^Late by year group/ }).waitFor();
  return { page, complaints };
}

test('figures, charts, tables and a CSV of this morning, and nothing that the policy forbids', async () => {
  const { page, complaints } = await reportsOf('administrator');
  await page.getByText(`${String(lates)} late arrivals`).waitFor();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV: Late by reason' }).click(),
  ]);
  const csv = readFileSync(await file.path(), 'utf8');
  expect(csv).toContain('Reason,Late arrivals\r\n'); // not pupils: one may come late twice
  expect(csv).toContain(`Bus or train,${String(lates)}\r\n`);
  await page.getByLabel('Late arrivals by weekday and time').getByText('As a table').click();
  await page.getByRole('rowheader', { name: 'Monday' }).waitFor();
  await page.getByLabel('From').fill('2026-11-01');
  await page.getByLabel('To').fill('2026-10-01');
  await page.getByText('The first day is after the last.').waitFor();
  expect(complaints).toEqual([]);
  expect(await page.getByText('Late again and again').count()).toBe(0);
  await page.context().close();
}, 60_000);

test('who is late again and again is asked for with the school’s threshold, by the attendance role', async () => {
  const { page } = await reportsOf('attendance');
  await page.getByText('Nobody was late 2 times or more in this time.').waitFor();
  await page.getByLabel('Times or more').fill('1');
  await page.getByText('A number from 2 to 100.').waitFor();
  await page.context().close();
}, 60_000);

test('a list with names is a file only after the log says who takes it', async () => {
  const page = await porter.staffPage(browser, 'attendance');
  const took = (): readonly unknown[] =>
    porter.records().filter((record) => record.type === 'access' && 'what' in record && record.what === 'took');
  const list = async (tab: RegExp, columns: string): Promise<void> => {
    await page.getByRole('link', { name: 'Marks' }).click();
    await page.getByRole('link', { name: tab }).click();
    const file = page.waitForEvent('download');
    await page.getByRole('button', { name: 'CSV' }).click();
    expect(readFileSync(await (await file).path(), 'utf8')).toContain(columns);
  };
  await list(/^All/, 'Pupil');
  expect(took()).toEqual([expect.objectContaining({ detail: 'marks 2026-11-23', by: 'attendance' })]);
  await list(/^Day sheet/, 'Pupil');
  expect(took()).toHaveLength(2);
  await page.context().close();
}, 60_000);
