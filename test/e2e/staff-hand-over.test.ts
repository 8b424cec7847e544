/** One staff page, one person after another: what the first has begun is not the next one's, and the next one sees names. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { Porter } from '../support/porter.ts';

const second = { name: 'Ms Second', password: 'three plain words' };
const desk = { name: 'Ms Desk', pin: '135790' };

let browser: Browser;
let porter: Porter;
let page: Page;
beforeAll(async () => {
  browser = await launchChromium();
  porter = await Porter.start({ clock: '2026-11-23T08:52' });
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
  page = await porter.staffPage(browser, 'administrator');
  await porter.tell('people-add', { ...second, role: 'administrator', pin: null });
  await porter.tell('people-add', { ...desk, role: 'administrator', password: null });
  await porter.tell('people-add', { name: 'Mr Gone', role: 'reception', password: null, pin: '246801' });
  await page.getByRole('link', { name: 'People' }).click();
  await page.getByLabel('Its name').fill('Front desk');
  await page.getByRole('button', { name: 'Register this computer' }).click();
  await page.getByText('This computer is Front desk now.').waitFor();
}, 120_000);
afterAll(async () => {
  await browser.close();
  await porter.stop();
});

async function signIn({ name, password }: { readonly name: string; readonly password: string }): Promise<void> {
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}
/** By the PIN: the password was not entered, so that what is dangerous asks for it. */
async function sitsDown(): Promise<void> {
  await page.getByRole('link', { name: 'Now' }).click();
  await page.getByRole('button', { name: 'Hide names' }).click();
  await page.getByLabel('Your PIN').fill(desk.pin);
  await page.getByRole('button', { name: 'Show names' }).click();
  await page.getByRole('heading', { name: 'Now', exact: true }).waitFor();
}
async function removes(name: string): Promise<void> {
  await page.getByRole('link', { name: 'People' }).click();
  await page.getByText(`Change ${name}`).click();
  await page.getByRole('button', { name: `Remove ${name}` }).click();
  await page.getByRole('button', { name: `Yes, remove ${name}` }).click();
  await page.getByRole('dialog', { name: 'Your password, once more' }).waitFor();
}

test('what waits for the password of one administrator is not run by that of the next', async () => {
  await signIn(second);
  await sitsDown();
  await removes('Mr Gone');
  await porter.tell('people-sign-out', { name: desk.name });
  await signIn(second);
  await page.getByRole('heading', { name: 'People' }).waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
  await page.getByText('Change Mr Gone').waitFor();
});

test('nor does it stand there once names are hidden and somebody sits down by a PIN', async () => {
  await page.clock.install();
  await sitsDown();
  await removes('Mr Gone');
  await page.clock.fastForward(5 * 60_000);
  await page.getByRole('heading', { name: 'Names are hidden' }).waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
});

test('names are hidden: who has no PIN signs in with the password, and sees names', async () => {
  await page.getByRole('button', { name: 'I have no PIN' }).click();
  await signIn(second);
  await page.getByText('Change Mr Gone').waitFor();
  await porter.tell('people-sign-out', { name: second.name });
});

test('the own account of one person is not what the next one comes to', async () => {
  await signIn(second);
  await page.getByRole('button', { name: second.name }).click();
  await page.getByRole('button', { name: 'My password and PIN' }).click();
  await page.getByRole('button', { name: 'Sign me out everywhere' }).click();
  await signIn(await porter.person('reception'));
  await page.getByRole('navigation', { name: 'Views' }).waitFor();
});
