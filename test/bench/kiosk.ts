/** The kiosk's page in Chromium with its CPU slowed: from a tap to the next screen painted, and its first load. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import express from 'express';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { Porter } from '../support/porter.ts';
import type { Bench, Given } from './bench.ts';
import { quantile } from './figures.ts';
import type { Figure } from './figures.ts';
import { freePort } from '../support/free-port.ts';

/** A Pi 3 beside a desktop machine. */
const slowedBy = 6;
const viewport = { width: 800, height: 480 };
const namesOfScreen = 40;
/** Of one run: as many that the slowest of them is not the slowest twentieth. */
const visits = 24;
/** Of each month so many, of the twelve on the first page of its names: enough for five runs. */
const ofAMonth = 10;
const tapsASecond = 8;
const taps = 7;

/** One year group, as many of each month of birth: the longest list that a kiosk shows. */
function roster(): string {
  const rows = Array.from({ length: 12 * namesOfScreen }, (_, n) => {
    const [month, at] = [1 + Math.floor(n / namesOfScreen), n % namesOfScreen];
    const letter = String.fromCharCode(65 + Math.floor(at / 5)) + 'aeiou'.charAt(at % 5);
    return `P${String(n)},${letter}${'mara'.slice(0, 4)},${letter}kafor,Year 9,9A,${String(month)},`;
  });
  return `mis_id,forename,surname,year_group,registration_group,birth_month,flags\n${rows.join('\n')}\n`;
}

async function slowPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ viewport });
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowedBy });
  return page;
}

/** Left in the page: from the event of a click to the frame that shows another heading. */
const watchTaps = `
  window.taps = [];
  document.addEventListener('click', ({ timeStamp }) => {
    const heading = () => document.querySelector('h1')?.textContent;
    const before = heading();
    const watcher = new MutationObserver(() => {
      if (heading() === before) return;
      watcher.disconnect();
      // The first task after the frame's own work: it has been painted.
      requestAnimationFrame(() => setTimeout(() => window.taps.push(performance.now() - timeStamp)));
    });
    watcher.observe(document.body, { childList: true, subtree: true, characterData: true });
  }, { capture: true });
`;

async function tapsTaken(page: Page): Promise<readonly number[]> {
  return page.evaluate(() => (window as unknown as { readonly taps: readonly number[] }).taps);
}

/** One late arrival after the other; ms of each tap, and of those that led to the names. `from`: so many have signed in before. */
async function visitsOf(
  page: Page,
  from: number,
  count: number,
): Promise<{ readonly all: readonly number[]; readonly names: readonly number[] }> {
  const names: number[] = [];
  const before = (await tapsTaken(page)).length;
  let made = before;
  const tap = async (what: string, heading: string): Promise<void> => {
    await press(page.getByRole('button', { name: what, exact: true }));
    await page.getByRole('heading', { name: heading, exact: true }).waitFor();
    made += 1;
    await page.waitForFunction(
      (at) => (window as unknown as { readonly taps: readonly number[] }).taps.length >= at,
      made,
    );
    // The next spot may be the same one: the page shields it for a moment after each screen.
    await page.waitForTimeout(350);
  };
  for (let visit = from; visit < from + count; visit += 1) {
    await tap('Sign in late', 'Which year are you in?');
    await tap('Year 9', 'Which month is your birthday?');
    await tap(months[Math.floor(visit / ofAMonth)] ?? '', 'Who are you?');
    names.push((await tapsTaken(page)).at(-1) ?? NaN);
    const name =
      (await page
        .locator('main button.tile')
        .nth(visit % ofAMonth)
        .textContent()) ?? '';
    await tap(name, 'Why are you late?');
    await tap('Bus or train', "You're signed in");
    await tap('Done', 'Hill View School');
  }
  return { all: (await tapsTaken(page)).slice(before), names };
}

/** As a finger does it: down and up at once, without the library's own looking around. */
async function press(button: ReturnType<Page['getByRole']>): Promise<void> {
  const box = await button.boundingBox();
  if (box === null) throw new Error('a button is not there');
  await button.page().mouse.click(box.x + box.width / 2, box.y + box.height / 2);
}

/** Digits that were typed at that pace and do not stand on the screen. */
async function dropped(page: Page): Promise<number> {
  await press(page.getByRole('button', { name: 'Sign back in', exact: true }));
  const keys: { readonly x: number; readonly y: number }[] = [];
  for (let key = 1; key <= taps; key += 1) {
    const button = page.getByRole('button', { name: String(key), exact: true });
    await button.waitFor();
    const box = await button.boundingBox();
    if (box === null) throw new Error('a digit is not there');
    keys.push({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
  }
  await page.waitForTimeout(350);
  const clicks: Promise<void>[] = [];
  for (const { x, y } of keys) {
    clicks.push(page.mouse.click(x, y));
    await new Promise((resolve) => setTimeout(resolve, 1000 / tapsASecond));
  }
  await Promise.all(clicks);
  await page.waitForTimeout(1_000);
  const shown = (await page.locator('output.digits .slot').allTextContents()).join('').trim();
  await press(page.getByRole('button', { name: 'Start again', exact: true }));
  await page.getByRole('heading', { name: 'Hill View School', exact: true }).waitFor();
  return taps - shown.length;
}

/** From the navigation to the frame with the first screen; of a page without a script, to the end of its load. */
async function load(browser: Browser, url: string, heading: boolean): Promise<number> {
  const page = await slowPage(browser);
  try {
    await page.goto(url, { waitUntil: 'load' });
    if (!heading) return await page.evaluate(() => performance.now());
    return await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const look = (): void => {
            if (document.querySelector('h1') === null) requestAnimationFrame(look);
            else requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
          };
          look();
        }),
    );
  } finally {
    await page.close();
  }
}

/** The same files, but that the page names no script. */
async function withoutScript(folder: string): Promise<{ readonly url: string; readonly close: () => void }> {
  cpSync(join(import.meta.dirname, '../../dist/ui/kiosk'), folder, { recursive: true });
  const page = join(folder, 'index.html');
  writeFileSync(
    page,
    readFileSync(page, 'utf8').replaceAll(/<script[^]*?<\/script>|<link rel="modulepreload"[^>]*>/g, ''),
  );
  const port = await freePort();
  const server = createServer(express().use(express.static(folder)));
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${String(port)}/`, close: () => server.close() };
}

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

async function measure({ runs, quick, folder, nodeFlags, say }: Given): Promise<readonly Figure[]> {
  const csv = join(folder, 'roster.csv');
  writeFileSync(csv, roster());
  const settings = `[roster]\nsource = "csv"\ncsv = "${csv}"\n`;
  const porter = await Porter.start({ clock: '2026-11-23T08:45', nodeFlags, settings });
  const browser = await launchChromium();
  const bare = await withoutScript(join(folder, 'bare'));
  try {
    await porter.until('the roster is there', (state) => state.roster.pupils > 400);
    const loads = { ours: [] as number[], bare: [] as number[] };
    const painted = { all: [] as number[], names: [] as number[], dropped: [] as number[] };
    const page = await slowPage(browser);
    await page.addInitScript(watchTaps);
    await page.goto(porter.kioskUrl);
    await page.getByRole('button', { name: 'Sign in late' }).waitFor();
    for (let run = 0; run < runs; run += 1) {
      loads.bare.push(await load(browser, bare.url, false));
      loads.ours.push(await load(browser, porter.kioskUrl, true));
      const { all, names } = await visitsOf(page, run * visits, quick ? 1 : visits);
      painted.all.push(quantile(all, 0.95));
      painted.names.push(quantile(names, 0.95));
      painted.dropped.push(await dropped(page));
      say(`run ${String(run + 1)} of ${String(runs)}`);
    }
    const slowly = `CPU slowed ${String(slowedBy)}x`;
    return [
      { what: `tap to next screen painted, p95, ${slowly}`, unit: 'ms', runs: painted.all, goal: { most: 100 } },
      {
        what: `the same to the names screen, ${String(namesOfScreen)} pupils`,
        unit: 'ms',
        runs: painted.names,
        goal: { most: 100 },
      },
      {
        what: `taps dropped of ${String(taps)}, ${String(tapsASecond)} a second, ${slowly}`,
        unit: '',
        runs: painted.dropped,
        goal: { most: 0 },
      },
      {
        ...{
          what: `first load of the kiosk, ${slowly}`,
          unit: 'ms',
          runs: loads.ours,
          goal: { times: 1, plus: 1_000 },
        },
        against: { what: 'no script', runs: loads.bare },
      },
    ];
  } finally {
    bare.close();
    await browser.close();
    await porter.stop();
  }
}

export const kiosk: Bench = {
  about:
    'tap to the next screen painted, taps at eight a second, and the first load, in Chromium with its CPU slowed six times',
  runs: 5,
  measure,
};
