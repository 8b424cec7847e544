/** The three flows at the touchscreen, in a real browser, against the real daemon and an MIS over HTTP. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SimPupil } from '../../device/demo/mis-control.ts';
import type { Role } from '../../device/contract/staff.ts';
import { readQrCodes } from '../support/badges.ts';
import { launchChromium } from '../support/chromium.ts';
import { Porter } from '../support/porter.ts';
import { staffRequest } from '../support/staff-client.ts';

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

let browser: Browser;
let porter: Porter;
let page: Page;
let pupils: readonly SimPupil[];

beforeAll(async () => {
  browser = await launchChromium();
  porter = await Porter.start({ clock: '2026-11-23T08:52', settings: '[late]\nhold_seconds = 1\n' });
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
  pupils = await porter.mis.control.pupils();
});
afterAll(async () => {
  await browser.close();
  await porter.stop();
});
beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 800, height: 480 } });
  await page.goto(porter.kioskUrl);
  await page.getByRole('button', { name: 'Sign in late' }).waitFor();
});
afterEach(async () => {
  await page.close();
});

const tap = (name: string | RegExp): Promise<void> => page.getByRole('button', { name, exact: true }).click();
const heading = (name: string | RegExp): Promise<void> => page.getByRole('heading', { name }).first().waitFor();

/** A pupil whose forename nobody shares in that year and month: one tile begins with it. */
let taken = 0;
function somebody(year: string): SimPupil & { readonly month: string; readonly tile: RegExp } {
  const alone = pupils.filter((pupil) => {
    const same = pupils.filter((other) => other.year === pupil.year && monthOf(other) === monthOf(pupil));
    return (
      pupil.year === year &&
      monthOf(pupil) !== null &&
      same.length <= 12 &&
      same.filter(({ forename }) => forename === pupil.forename).length === 1
    );
  });
  const found = alone[(taken += 1)];
  if (found === undefined) throw new Error(`nobody is left in year ${year}`);
  return {
    ...found,
    month: monthOf(found) ?? '',
    tile: new RegExp(`^${found.forename.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')} `),
  };
}
const monthOf = ({ birth_date: date }: SimPupil): string | null =>
  date === null ? null : (months[Number(date.slice(5, 7)) - 1] ?? null);

async function whoAmI(pupil: {
  readonly year: string | null;
  readonly month: string;
  readonly tile: RegExp;
}): Promise<void> {
  await heading('Which year are you in?');
  await tap(`Year ${pupil.year ?? ''}`);
  await heading('Which month is your birthday?');
  await tap(pupil.month);
  await heading('Who are you?');
  await tap(pupil.tile);
}

test('late: year, month, name, reason, and the L mark stands in the MIS with minutes and reason', async () => {
  const pupil = somebody('9');
  await tap('Sign in late');
  await whoAmI(pupil);
  await page.getByText(`Hello ${pupil.forename}`).first().waitFor();
  await tap('Bus or train');
  await heading("You're signed in");
  await page.getByText('Go to your form room.').waitFor();

  await porter.until('it is confirmed', (state) => state.sum.confirmed === 1);
  const [mark] = await porter.mis.control.marks();
  expect(mark).toMatchObject({ code: 'L', session: 'AM', date: '2026-11-23', writes: 1 });
  expect(mark?.minutes_late).toBeGreaterThanOrEqual(12);
  expect(mark?.comment).toMatch(/^Pupil said: Bus or train\. Porter 1-\d{6}$/);
});

test('undo within ten seconds: nothing is ever sent', async () => {
  const before = (await porter.mis.control.marks()).length;
  const pupil = somebody('9');
  await tap('Sign in late');
  await whoAmI(pupil);
  await tap('I overslept');
  await heading("You're signed in");
  await tap("That's wrong, undo");
  await heading("That's undone");
  await porter.until('nothing waits', (state) => state.sum.waiting === 0);
  expect(await porter.mis.control.marks()).toHaveLength(before);
});

test('early: reason, back today, photo, badge; then back in with the number on the badge', async () => {
  const pupil = somebody('11');
  await tap('Sign out early');
  await whoAmI(pupil);
  await tap('Appointment');
  await heading('Are you coming back today?');
  await tap('After lunch');
  await heading('Look at the camera');
  await heading('Your badge is printing');
  const badge = (
    (await page
      .getByText(/^\d{4} \d{4}$/)
      .first()
      .textContent()) ?? ''
  ).replace(/\D/g, '');
  expect(badge).toMatch(/^1\d{7}$/);
  const out = await porter.until('the badge is printed', (state) => state.out[0]?.badgeState === 'printed');
  expect(out.out[0]).toMatchObject({ badge, due: '13:15', overdue: false });
  expect(out.out[0]?.photoUrl).not.toBeNull();

  const paper = page.locator('img.paper');
  await expect.poll(() => paper.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(384);
  const shown = await page.request.get(await paper.evaluate((image: HTMLImageElement) => image.src));
  const [code] = await readQrCodes(await shown.body());
  expect(code).toContain(badge);
  const url = out.out[0]?.badgeUrl ?? '';
  const asked = async (role: Role) =>
    staffRequest(porter.staffUrl, 'GET', url, null, { cookie: await porter.signIn(role) });
  expect((await asked('reception')).status).toBe(200);
  expect((await asked('fire-warden')).status).toBe(404);

  await page.reload();
  await tap('Sign back in');
  await heading('Enter the number on your badge');
  for (const digit of badge) await tap(digit);
  await heading('Welcome back');
  await page.getByText(pupil.forename).first().waitFor();
  await porter.until('nobody is out', (state) => state.out.length === 0);
});

test('a younger pupil waits until staff let go; then the badge prints', async () => {
  const pupil = somebody('4');
  await tap('Sign out early');
  await whoAmI(pupil);
  await tap('Family');
  await heading('Are you coming back today?');
  await tap('Not today');
  await heading('Who are you going with?');
  await tap('A grown-up');
  await heading('Look at the camera');
  await tap("I don't want a photo");
  await heading('Please sit down. A member of staff will call you.');
  const waiting = await porter.until('an approval waits', (state) => state.approvals.length === 1);
  expect(waiting.out).toHaveLength(0);
  expect(waiting.lights.amber).toBe('double');
  await porter.tell('answer', { visit: waiting.approvals[0]?.visit, answer: 'let-go', adult: 'A. Grown-Up' });
  const gone = await porter.until('the pupil is out', (state) => state.out.length === 1);
  expect(gone.out[0]).toMatchObject({ adult: 'A. Grown-Up', withWhom: 'grown-up', photoUrl: null });
});

test('a badge held before the camera lets its pupil back in without typing', async () => {
  const pupil = somebody('10');
  await tap('Sign out early');
  await whoAmI(pupil);
  await tap('Lunch');
  await heading('Look at the camera');
  await heading('Your badge is printing');
  await porter.until('the badge is printed', (state) => state.out.some((row) => row.badgeState === 'printed'));
  await porter.tell('simulate', { part: 'camera', fault: 'badge' });
  await page.reload();
  await tap('Sign back in');
  await heading('Welcome back');
  await page.getByText(pupil.forename).first().waitFor();
  await porter.tell('simulate', { part: 'camera', fault: null });
});

test('a mistyped badge number lets nobody in and names nobody', async () => {
  await tap('Sign back in');
  for (const digit of '10000000') await tap(digit);
  await page.getByText("That number isn't right. Look at your badge and try again.").waitFor();
});

test('while the daemon is away no tap counts, and the step is kept when it is back', async () => {
  await tap('Sign in late');
  await heading('Which year are you in?');
  await porter.kill('SIGKILL');
  await page.getByText('One moment please').waitFor();
  await porter.run();
  await page.getByText('One moment please').waitFor({ state: 'hidden' });
  await tap('Year 9');
  await heading('Which month is your birthday?');
});

test('the staff page shows the sum, and nothing comes from outside', async () => {
  const staff = await porter.staffPage(browser, 'reception');
  const outside: string[] = [];
  staff.on('request', (request) => {
    if (new URL(request.url()).host !== new URL(porter.staffUrl).host) outside.push(request.url());
  });
  await staff.reload();
  const sum = await staff.getByTestId('sum').textContent();
  expect(sum).toMatch(/recorded 1 = confirmed 1 \+ waiting 0 \+ needs a person 0/);
  expect(outside).toEqual([]);
  await staff.context().close();
});
