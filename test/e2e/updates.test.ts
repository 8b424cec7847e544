/**
 * An update as an administrator sees it, with the real daemon: found, asked for, told how it goes; then a version that is tried, which
 * stays only with the kiosk's page there and the same made of the same records (durability.md 29).
 */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepJson, putJson, readJson, beforeSchema, wishSchema } from '../../device/update/places.ts';
import { launchChromium } from '../support/chromium.ts';
import { Porter } from '../support/porter.ts';
import { Signer, UpdateMachine } from '../support/update-machine.ts';

/** Newer than whatever is built here. */
const version = '99.0.0+20991231.1a2b3c4';
const signer = new Signer();
const machine = new UpdateMachine(signer);
const { places, root } = machine;
let browser: Browser;
let porter: Porter;
let page: Page;
beforeAll(async () => {
  browser = await launchChromium();
  // The daemon reads the card where its technician file is.
  porter = await Porter.start({ clock: '2026-11-23T08:52', settings: '', root });
  copyFileSync(places.autoboot, join(porter.folder, 'autoboot.txt'));
  rmSync(join(root, 'config'), { recursive: true });
  symlinkSync(porter.folder, join(root, 'config'));
  await porter.kill('SIGTERM');
  await porter.run();
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
  page = await boxPage('administrator');
});
afterAll(async () => {
  await browser.close();
  await porter.stop();
  machine.close();
  rmSync(signer.folder, { recursive: true });
});

async function boxPage(role: 'administrator' | 'reception'): Promise<Page> {
  const opened = await porter.staffPage(browser, role);
  await opened.getByRole('link', { name: 'Box' }).click();
  return opened;
}
const kept = (name: string): string => join(porter.folder, 'update', name);
const updates = () => page.getByRole('region', { name: 'Updates' });
const found = { from: 'stick', where: '/dev/sda1', file: 'porter.raucb', version, refused: null } as const;

test('found on a stick, asked for by an administrator, followed until it starts anew', async () => {
  await updates().getByText('None was found. Plug in a USB stick with an update.').waitFor();
  mkdirSync(dirname(places.stick), { recursive: true });
  putJson(places.stick, found);
  await updates()
    .getByRole('button', { name: `Install ${version}` })
    .click();
  await page.getByRole('dialog').getByRole('button', { name: 'Install', exact: true }).click();
  await updates().getByText('Installing: Begins.').waitFor();
  expect(readJson(wishSchema, places.wish)).toEqual({ from: 'stick', version, by: 'administrator' });
  putJson(places.progress, { percent: 46, words: 'Copying image to system.1' });
  await updates()
    .getByText('Installing, 46 %: Copying image to system.1. The box goes on working meanwhile.')
    .waitFor();
  expect(await updates().getByRole('button').isDisabled()).toBe(true);
});

test('what came of it, and why one is not taken, is told in words', async () => {
  rmSync(places.progress);
  putJson(places.stick, { ...found, version: '0.0.1', refused: 'It is older than what the box has: 0.0.1.' });
  const why = 'It could not be written: Input/output error.';
  const last = {
    version,
    from: 'stick',
    by: 'Ms Reed',
    at: Date.parse('2026-11-23T09:10Z'),
    outcome: 'not-installed',
    why,
  };
  keepJson(kept('last.json'), last);
  await updates().getByText('On the USB stick: version 0.0.1. It is older than what the box has: 0.0.1.').waitFor();
  await updates()
    .getByText(`Last update: 2026-11-23 09:10, by Ms Reed: ${version} was not installed. ${why}`)
    .waitFor();
  expect(await updates().getByRole('button').count()).toBe(0);
});

test('reception sees it, and may not', async () => {
  const other = await boxPage('reception');
  putJson(places.stick, found);
  await other.getByRole('region', { name: 'Updates' }).getByText(`On the USB stick: version ${version}.`).waitFor();
  expect(await other.getByRole('region', { name: 'Updates' }).getByRole('button').count()).toBe(0);
  await other.close();
});

test('a version that is tried: kept with a kiosk and the same records, not with others', async () => {
  const update = (...words: readonly string[]) =>
    promisify(execFile)(process.execPath, [
      ...[join(import.meta.dirname, '../../dist/porter.js'), 'update', ...words, '--root', root],
      ...['--config', join(porter.folder, 'porter.toml'), '--data', join(porter.folder, 'data')],
    ]).then(
      ({ stdout }) => stdout,
      (error: unknown) => (error instanceof Error && 'stdout' in error ? String(error.stdout) : ''),
    );
  // As the version before leaves it: what is installed is a bundle of this machine's.
  expect(await update('install', signer.bundle(version))).toMatch(/is installed\. The box starts anew/);
  machine.starts('b');
  await porter.kill('SIGTERM');
  await porter.run();
  // Nobody is signed in any more.
  await page.close();
  page = await boxPage('administrator');
  await updates().getByText('This version is being tried.').waitFor();
  await expect(porter.tell('install-update', { from: 'stick', version })).rejects.toThrow(/on trial itself/);
  await expect(porter.tell('vouch')).rejects.toThrow(/page of the kiosk does not come/);

  const before = readJson(beforeSchema, kept('before.json'));
  expect(before?.upTo).toBeGreaterThan(5);
  const autoboot = () => readFileSync(join(porter.folder, 'autoboot.txt'), 'utf8');
  const started = autoboot();
  keepJson(kept('before.json'), { ...before, folds: { ...before?.folds, movements: 'another' } });
  expect(await update('commit')).toMatch(
    /is not kept\. The new version makes something else of the same records: movements/,
  );
  expect(autoboot()).toBe(started);

  keepJson(kept('before.json'), before ?? {});
  const kiosk = await browser.newPage();
  await kiosk.goto(porter.kioskUrl);
  await kiosk.getByRole('button', { name: 'Sign in late' }).waitFor();
  expect(await update('commit')).toMatch(/is kept\.\n$/);
  expect(autoboot()).not.toBe(started);
  await updates()
    .getByText(/Last update: .* was installed and works\./)
    .waitFor();
  // Without another start.
  await updates().getByText('This version is being tried.').waitFor({ state: 'detached' });
  await kiosk.close();
});

test('a box that is not set up yet shows that instead of the kiosk: a version that is tried may stay all the same', async () => {
  const fresh = await Porter.start({ clock: '2026-11-23T08:52', settings: '' });
  await expect(fresh.tell('vouch')).rejects.toThrow(/page of the kiosk does not come/);
  const screen = await browser.newPage();
  await screen.goto(new URL('/set-up', fresh.kioskUrl).href);
  await screen.getByText('The code for the first administrator').waitFor();
  await fresh.tell('vouch');
  await screen.close();
  await fresh.stop();
});
