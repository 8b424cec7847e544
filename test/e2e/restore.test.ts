/**
 * A backup is restored by the staff page of a real box, in a real browser: refused in words with the box going on, or all is as it was
 * then, and the records say who did it. Also where the box is out of service, and after an erasure.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Result } from '../../device/contract/result.ts';
import { roles } from '../../device/contract/staff.ts';
import { launchChromium } from '../support/chromium.ts';
import { Porter } from '../support/porter.ts';
import { staffRequest, staffSocket } from '../support/staff-client.ts';
import type { StaffClient } from '../support/staff-client.ts';

const password = 'three plain words';
let browser: Browser;
let porter: Porter;
let file: string;
const pupils: string[] = [];
beforeAll(async () => {
  browser = await launchChromium();
  porter = await Porter.start({ clock: '2026-11-23T08:38', env: { INVOCATION_ID: 'a run of systemd' } });
  file = join(porter.folder, 'taken.porter-backup');
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
  const kiosk = await porter.kiosk();
  const names = await kiosk.emitWithAck('names', { visit: 'list', flow: 'late', yearGroup: 'Year 9', month: 3 });
  kiosk.close();
  if (!names.ok) throw new Error(JSON.stringify(names.error));
  pupils.push(...names.value.pupils.map(({ pupil }) => pupil));
  for (const role of roles) await porter.person(role);
  await late(pupils[0]);
  await late(pupils[1]);
});
afterAll(async () => {
  await browser.close();
  await porter.stop();
});

const late = (pupil: string | undefined): Promise<unknown> =>
  porter.tell('record-for', { pupil, at: { minute: '08:30' }, what: { kind: 'late', reason: 'bus' } });
const data = (name = ''): string => join(porter.folder, 'data', name);
const recorded = (box = porter): readonly (string | undefined)[] =>
  box.records().flatMap((one) => (one.type === 'movement' && 'pupil' in one ? [String(one.pupil)] : []));

async function signedIn(box = porter): Promise<Page> {
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
  await page.goto(box.staffUrl);
  await page.getByLabel('Your name').fill('administrator');
  await page.getByLabel('Password').fill('administrator of Hill View');
  await page.getByRole('button', { name: 'Sign in' }).click();
  return page;
}
async function boxView(box = porter): Promise<Page> {
  const page = await signedIn(box);
  await page.getByRole('link', { name: 'Box' }).click();
  await page.getByRole('heading', { name: 'Main reception', level: 1 }).waitFor();
  return page;
}
async function backUp(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Back up', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Password of the file').fill(password);
  await dialog.getByLabel('Once more').fill(password);
  const wanted = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Back up' }).click();
  await (await wanted).saveAs(file);
}
/** The dialog, with this file sent to the box. */
async function send(page: Page, path: string, typed = password): Promise<Locator> {
  const dialog = page.getByRole('dialog');
  if (!(await dialog.isVisible())) await page.getByRole('button', { name: 'Restore a backup' }).click();
  await dialog.getByLabel('File of the backup').setInputFiles(path);
  await dialog.getByLabel('Password of the file').fill(typed);
  await dialog.getByRole('button', { name: 'Send and look at it' }).click();
  return dialog;
}
async function confirm(dialog: Locator, box = porter): Promise<void> {
  await dialog.getByRole('button', { name: 'Restore and restart' }).click();
  expect(await box.ended()).toBe(0);
  await box.run();
  await box.until('it serves', (state) => state.roster.pupils > 1000);
}
const say = (socket: StaffClient, name: string, input: unknown = {}): Promise<Result<unknown>> =>
  new Promise((resolve) => {
    socket.emit('command', name, { commandId: crypto.randomUUID(), ageMs: 0, input }, resolve);
  });
async function ticket(socket: StaffClient): Promise<string> {
  const opened = await say(socket, 'restore-open', { password });
  if (!opened.ok) throw new Error(opened.error.code);
  return (opened.value as { readonly token: string }).token;
}

test('backed up, used on, restored: all is as it was then, and Box and Log say who did it', async () => {
  const page = await boxView();
  await backUp(page);
  for (const pupil of pupils.slice(2, 4)) await late(pupil);
  expect(recorded()).toEqual(pupils.slice(0, 4));
  const letter = join(porter.folder, 'letter.porter-backup');
  writeFileSync(letter, 'Dear parents, ');
  await (await send(page, letter)).getByText('This is no file of Porter').waitFor();
  await (await send(page, file, 'another password')).getByText('It does not open: another key or password').waitFor();
  expect(existsSync(data('restore/making'))).toBe(false);

  const dialog = await send(page, file);
  await dialog.getByText('2 movements').waitFor();
  await dialog.getByText('Main reception, Hill View School').waitFor();
  expect(await dialog.getByLabel('Recovery key').count()).toBe(0);
  // The box goes on while somebody looks at it.
  await late(pupils[4]);
  await confirm(dialog);

  expect(recorded()).toEqual(pupils.slice(0, 2));
  await page.getByText('You are signed out: the box was started again').waitFor();
  await page.context().close();
  const again = await boxView();
  await again
    .getByText(/^Last restore: 2026-11-23 \d\d:\d\d, by administrator: backup of 2026-11-23 .*Hill View School/)
    .waitFor();
  await again.getByText(/lies aside \(\d+ MB\): it is not used, and goes by itself on 2026-12-07/).waitFor();
  await again.getByRole('link', { name: 'Log' }).click();
  await again
    .getByText(/Restored the box \(backup of 2026-11-23/)
    .first()
    .waitFor();
  await again.getByRole('link', { name: 'Box' }).click();
  await again.getByRole('button', { name: 'Destroy what was there before' }).click();
  await again.getByRole('dialog').getByRole('button', { name: 'Destroy for ever' }).click();
  await again.getByText(/lies aside/).waitFor({ state: 'detached' });
  expect(readdirSync(data('restore'))).toEqual([]);
  await again.context().close();
  const told = porter.records().filter(({ type }) => type === 'access');
  expect(told.filter((one) => 'what' in one && one.what === 'restored')).toEqual([
    expect.objectContaining({ by: 'administrator' }),
  ]);
  expect(told).toContainEqual(expect.objectContaining({ what: 'aside-destroyed', by: 'administrator' }));
});

test('who is erased is in nothing that lies aside; who was erased since the backup stays so', async () => {
  const page = await boxView();
  await confirm(await send(page, file));
  await page.context().close();
  expect(readdirSync(data('restore'))).toHaveLength(1);
  const [erased = '', other = ''] = pupils;
  await porter.tell('erase', { pupil: erased, second: 'Mr Shah', why: 'asked for in writing', by: 'Ms Reed' });
  expect(readdirSync(data('restore'))).toEqual([]);

  const later = await boxView();
  await confirm(await send(later, file));
  await later.context().close();
  expect(recorded()).toEqual([other]);
  expect(readdirSync(data('restore'))).toHaveLength(1);
});

describe('the way of the file', () => {
  test('is for the session that asked, from the own page, and for administrators', async () => {
    const socket = await porter.staff('administrator');
    const post = async (headers: Readonly<Record<string, string>>) =>
      (await staffRequest(porter.staffUrl, 'POST', `/restore/${await ticket(socket)}`, 'a file', headers)).status;
    for (const role of roles) expect([role, await post({ cookie: await porter.signIn(role) })]).toEqual([role, 404]);
    expect(await post({})).toBe(404);
    expect(await post({ cookie: await porter.signIn('administrator'), origin: 'https://evil.example' })).toBe(403);
    socket.close();
    expect(existsSync(data('restore/making'))).toBe(false);
  });

  test('a line that is cut off in the middle leaves nothing, and pupils sign in meanwhile', async () => {
    const cookie = await porter.signIn('administrator');
    const socket = await staffSocket(porter.staffUrl, cookie);
    const bytes = readFileSync(file);
    const { hostname, port, origin } = new URL(porter.staffUrl);
    const headers = { origin, cookie, 'content-length': String(bytes.length) };
    const path = `/restore/${await ticket(socket)}`;
    const asked = request({ hostname, port, path, method: 'POST', headers, rejectUnauthorized: false });
    asked.on('error', () => undefined);
    asked.write(bytes.subarray(0, bytes.length - 1_000));
    await expect.poll(() => existsSync(data('restore/making/journal'))).toBe(true);
    const before = recorded().length;
    await late(pupils[5]);
    expect(recorded()).toHaveLength(before + 1);
    expect(await say(socket, 'restore-open', { password })).toMatchObject({ ok: false, error: { code: 'busy' } });
    asked.destroy();
    await expect.poll(() => existsSync(data('restore/making'))).toBe(false);
    const confirmed = await say(socket, 'restore', { recoveryKey: null });
    expect(confirmed).toMatchObject({ ok: false, error: { code: 'wrong_state' } });
    socket.close();
  });
});

test('a box that is out of service is restored by who can still sign in', async () => {
  await porter.kill('SIGTERM');
  // Of a version that nobody has yet: magic, format byte and CRC stay where they are (`frame.ts`).
  const header = Buffer.alloc(128);
  header.write('PORTERJ\n', 'latin1');
  header[8] = 200;
  header.writeUInt32LE(crc32(header.subarray(0, 124)), 124);
  writeFileSync(data('journal/999999-000000999999.pj'), header);
  await porter.run();
  const page = await boxView();
  const dialog = await send(page, file);
  await dialog.getByText('What is on this box cannot be read').waitFor();
  await confirm(dialog);
  await page.context().close();
  expect(recorded()).toEqual(pupils.slice(0, 2));
});

test('another box takes it with the recovery key, and knows the people and movements of this one', async () => {
  const [recoveryKey = ''] = /(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}/.exec(porter.said) ?? [];
  const other = await Porter.start({ clock: '2026-11-23T08:50', env: { INVOCATION_ID: 'a run of systemd' } });
  try {
    await other.person('administrator');
    const page = await boxView(other);
    const dialog = await send(page, file);
    await dialog.getByLabel('Recovery key').fill('0000-0000');
    await dialog.getByRole('button', { name: 'Restore and restart' }).click();
    await dialog.getByText('That is no recovery key').waitFor();
    await dialog.getByLabel('Recovery key').fill(recoveryKey);
    await confirm(dialog, other);
    await page.context().close();
    expect(recorded(other)).toEqual(pupils.slice(0, 2));
    const warden = { name: 'fire-warden', password: 'fire-warden of Hill View' };
    expect((await staffRequest(other.staffUrl, 'POST', '/session', warden)).status).toBe(200);
  } finally {
    await other.stop();
  }
});
