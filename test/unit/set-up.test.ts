/** What a new box shows the technician: the recovery key until it is written down, the way in, the parts (product.md 8). */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { recoveryOf } from '../../device/first-boot/recovery.ts';
import { listen, localPages } from '../../device/web/kiosk.ts';
import { setUpPages } from '../../device/web/set-up-page.ts';
import type { SetUp } from '../../device/web/set-up-page.ts';

const scratch = mkdtempSync(join(tmpdir(), 'porter-set-up-'));
const closings: (() => void)[] = [];
afterAll(() => {
  for (const close of closings) close();
  rmSync(scratch, { recursive: true, force: true });
});

const firstUse = { code: 'AB12-CD34-EF56', address: 'https://10.1.2.3:8443/' };

async function screen(given: Partial<SetUp> = {}) {
  const [data, box] = [mkdtempSync(join(scratch, 'data-')), mkdtempSync(join(scratch, 'box-'))];
  const pages = mkdtempSync(join(scratch, 'pages-'));
  mkdirSync(pages, { recursive: true });
  writeFileSync(join(pages, 'index.html'), 'the kiosk');
  writeFileSync(join(data, 'recovery-unnoted'), '');
  writeFileSync(join(box, 'recovery-key'), 'ABCD-EFGH\n');
  let tests = 0;
  const setUp: SetUp = {
    title: 'Hill <View> School: Main reception',
    firstUse: () => firstUse,
    selfTest: () => {
      tests += 1;
      return Promise.resolve([
        { part: 'printer', ok: false, words: 'Out of paper' },
        { part: 'lights', ok: true, words: 'Ready' },
      ]);
    },
    known: () => [],
    recovery: recoveryOf(data, box),
    ...given,
  };
  let now = 1_000;
  let isShown = (): boolean => false;
  const http = createServer(
    localPages(pages, (app) => {
      isShown = setUpPages(app, setUp, { mono: () => now });
    }),
  );
  const port = await listen(http, 0, '127.0.0.1');
  closings.push(() => http.close());
  const url = `http://127.0.0.1:${String(port)}`;
  const open = async () => (await fetch(`${url}/set-up`)).text();
  const press = async (path: string, origin = url) =>
    fetch(`${url}${path}`, { method: 'POST', headers: { origin }, redirect: 'manual' });
  const pass = (ms: number): void => void (now += ms);
  return { data, box, open, press, pass, tests: () => tests, isShown: () => isShown() };
}

it('shows the recovery key, address and code, and each part, tested once', async () => {
  const { open, tests } = await screen();
  const page = await open();
  for (const words of [
    'ABCD-EFGH',
    firstUse.code,
    firstUse.address,
    'Out of paper',
    'FAILED',
    'Hill &#60;View&#62; School',
  ])
    expect(page).toContain(words);
  expect(page).not.toMatch(/<script|src=|url\(/);
  await open();
  expect(tests()).toBe(1);
});

it('shows what needs the network as it is now, and what was tried as it was found', async () => {
  const reports = (ok: boolean) => [
    { part: 'camera' as const, ok: true, words: ok ? 'A later picture' : 'A picture was taken' },
    { part: 'mis' as const, ok, words: ok ? 'Everything is well' : 'The MIS has not been asked yet.' },
  ];
  let isOnline = false;
  const { open } = await screen({ selfTest: () => Promise.resolve(reports(false)), known: () => reports(isOnline) });
  expect(await open()).toContain('The MIS has not been asked yet.');
  isOnline = true;
  const page = await open();
  expect(page).toContain('<b>mis</b> works<span>Everything is well');
  expect(page).not.toMatch(/FAILED|A later picture/);
});

it('tests again when it is asked to', async () => {
  const { open, press, tests } = await screen();
  await open();
  await press('/set-up/test');
  await open();
  expect(tests()).toBe(2);
});

it('written down, the recovery key is shown no more, now and after the next start', async () => {
  const { data, box, open, press } = await screen();
  expect((await press('/set-up/noted')).status).toBe(303);
  expect(await open()).not.toContain('ABCD');
  expect(existsSync(join(data, 'recovery-unnoted'))).toBe(false);
  expect(recoveryOf(data, box).key()).toBe(null);
});

it('a page from elsewhere cannot say that it is written down', async () => {
  const { open, press } = await screen();
  expect((await press('/set-up/noted', 'http://evil.example')).status).toBe(403);
  expect(await open()).toContain('ABCD-EFGH');
});

it('with an administrator and the key written down there is nothing to set up: the kiosk', async () => {
  const { open, press } = await screen({ firstUse: () => null });
  expect(await open()).toContain('ABCD-EFGH');
  await press('/set-up/noted');
  expect(await open()).toBe('the kiosk');
});

it('is on a screen as long as one asks for it: an update of a box that is not set up may be kept', async () => {
  const { open, press, pass, isShown } = await screen();
  expect(isShown()).toBe(false);
  await open();
  pass(45_000);
  expect(isShown()).toBe(true);
  pass(30_000);
  expect(isShown()).toBe(false);
  // By itself it asks again sooner.
  expect(Number(/http-equiv="refresh" content="(\d+)"/.exec(await open())?.[1])).toBeLessThan(30);
  await press('/set-up/noted');
  expect(isShown()).toBe(true);
});

it('the kiosk in its place is not it', async () => {
  const { open, press, isShown } = await screen({ firstUse: () => null });
  await press('/set-up/noted');
  expect(await open()).toBe('the kiosk');
  expect(isShown()).toBe(false);
});
