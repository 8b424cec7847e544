/**
 * Approvals while the MIS cannot be reached: pupils who wait are let go and refused on the staff page and, by PIN, at the box; what
 * comes of it reaches the MIS when it is back, also over a restart.
 */
import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { Porter } from '../support/porter.ts';
import type { KioskClient } from '../support/porter.ts';

const pin = '135790';
const soon = { timeout: 30_000 };
let browser: Browser;
let porter: Porter;

beforeAll(async () => {
  browser = await launchChromium();
  const settings = '[late]\nhold_seconds = 0\n[leave]\nwrite_later_session = true\n';
  porter = await Porter.start({ clock: '2026-11-23T11:00', settings });
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
  await porter.tell('pin', { name: 'Ms Reed', pin });
});
afterAll(async () => {
  await browser.close();
  await porter.stop();
});

interface Waiting {
  readonly key: string;
  readonly forename: string;
}
/** Pupils of Year 4, each gone for today to an appointment as soon as somebody says yes. */
async function begin(kiosk: KioskClient, count: number): Promise<readonly Waiting[]> {
  const visit = (n: number): string => `waits-${String(n)}`;
  const of = { visit: visit(0), flow: 'early', yearGroup: 'Year 4', month: 6 } as const;
  const names = await kiosk.emitWithAck('names', of);
  if (!names.ok) throw new Error(JSON.stringify(names.error));
  const found = names.value.pupils.slice(0, count);
  expect(found).toHaveLength(count);
  for (const [index, { pupil }] of found.entries()) {
    const leave = { reason: 'medical', back: 'not-today', withWhom: 'grown-up', photo: 'none' } as const;
    const input = { visit: visit(index + 1), pupil, ...leave, touchAgoMs: 0 };
    const answer = await kiosk.emitWithAck('early', { commandId: randomUUID(), ageMs: 0, input });
    expect(answer).toMatchObject({ ok: true, value: { state: 'waiting' } });
  }
  return found.map(({ pupil, label }) => ({ key: pupil, forename: label.split(' ')[0] ?? '' }));
}

async function staffMenu(kiosk: Page): Promise<void> {
  await kiosk.goto(porter.kioskUrl);
  await kiosk.getByRole('button', { name: 'Staff', exact: true }).click();
  for (const digit of pin) await kiosk.getByRole('button', { name: digit, exact: true }).click();
  await kiosk.getByRole('heading', { name: 'Staff: Ms Reed' }).waitFor();
}

/** Of the afternoon, by the pupil's key. */
async function heldOf({ key }: Waiting): Promise<readonly { readonly code: string | null; readonly writes: number }[]> {
  const students = await porter.mis.control.pupils();
  const student = students.find((one) => Object.values(one).includes(key))?.id;
  const marks = await porter.mis.control.marks();
  return marks
    .filter((mark) => mark.student_id === student && mark.session === 'PM' && mark.writes > 0)
    .map(({ code, writes }) => ({ code, writes }));
}

test('let go and refused, on the page and by PIN, without the MIS; the marks go out when it is back', async () => {
  const page = await porter.staffPage(browser, 'reception');
  await porter.mis.control.offline();
  const kiosk = await porter.kiosk();
  const [byKey, refused, byPin, refusedByPin] = await begin(kiosk, 4);
  if (byKey === undefined || refused === undefined || byPin === undefined || refusedByPin === undefined)
    throw new Error('four wait');
  kiosk.close();

  await page.getByRole('link', { name: /^Approvals/ }).click();
  const request = (of: Waiting) => page.getByRole('article').filter({ hasText: of.forename });
  await request(refusedByPin).waitFor();
  await request(byKey).getByLabel('Adult they go with').fill('Grandmother');
  await request(byKey)
    .getByRole('button', { name: /^Let go/ })
    .click();
  await page.getByText(/may go\. The badge is printing\.$/).waitFor();
  await expect.poll(() => request(byKey).count(), soon).toBe(0);
  // Just moved up: what is pressed at once might be meant for the one before.
  await expect
    .poll(async () => {
      await request(refused)
        .getByRole('button', { name: /^No/ })
        .click({ timeout: 1_000 })
        .catch(() => undefined);
      return request(refused).count();
    }, soon)
    .toBe(0);

  const box = await browser.newPage({ viewport: { width: 800, height: 480 } });
  await staffMenu(box);
  const waits = (of: Waiting) => box.getByRole('listitem').filter({ hasText: of.forename });
  await waits(byPin).getByRole('button', { name: 'Let go' }).click();
  await expect.poll(() => waits(byPin).count(), soon).toBe(0);
  await waits(refusedByPin).getByRole('button', { name: 'No', exact: true }).click();
  await expect.poll(() => waits(refusedByPin).count(), soon).toBe(0);
  await box.close();

  await page.getByText('Nobody is waiting').waitFor();
  await page.getByRole('link', { name: 'Now' }).click();
  const out = page.getByRole('table', { name: 'Out now' }).getByRole('row');
  for (const { forename } of [byKey, byPin]) await out.filter({ hasText: forename }).waitFor();
  for (const { forename } of [refused, refusedByPin]) expect(await out.filter({ hasText: forename }).count()).toBe(0);
  await page.context().close();

  // In the afternoon, still without the MIS, the register opens that they are out of.
  await porter.kill('SIGTERM');
  porter.later(2.5 * 60 * 60_000);
  await porter.run();
  const offline = await porter.until('two marks wait', ({ sum }) => sum.waiting === 2, 60_000);
  expect(offline.mis.state).not.toBe('online');
  expect(offline.out.map(({ pupil }) => pupil)).toHaveLength(2);
  await porter.mis.control.online();
  await porter.until('both are confirmed', ({ sum }) => sum.confirmed === 2 && sum.waiting === 0, 120_000);
  for (const one of [byKey, byPin]) expect(await heldOf(one)).toEqual([{ code: 'M', writes: 1 }]);
  for (const one of [refused, refusedByPin]) expect(await heldOf(one)).toEqual([]);
}, 240_000);
