/**
 * The box as a pupil meets it: Chromium under cage on its own screen, pressed through to the badge on paper and back again; then
 * with printer and camera that fail.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { words } from '../../../device/contract/words/index.ts';
import type { StaffSnapshot } from '../../../device/contract/staff.ts';
import type { Bench } from './bench.ts';
import { paperOf, rowOf, stands } from './leaving.ts';
import { listed } from './pupils.ts';
import type { Row } from './report.ts';
import { rhythmWords } from './wires.ts';

/** Of ours: the guest slows down beside other work. */
const pressMaxMs = 600_000;
const yearGroup = 'Year 9';
const { months } = words.en;
const home = 'Hill View School';

export async function* kioskScenario(bench: Bench): AsyncGenerator<Row> {
  const { printer, camera } = bench;
  printer.plug();
  camera.plug();
  await bench.startBox('camera.toml');
  await bench.until('printer and camera are well', isWell);
  const { page, seconds } = await screen(bench);
  const from = printer.taken();
  yield await visit(bench, page, seconds);
  const half = Math.floor((printer.taken() - from) / 2);
  const [unplug, plug] = [() => printer.unplug(), () => printer.plug()];
  yield await faulty(bench, page, { fault: 'printer unplugged before', before: unplug, end: plug });
  const inTheMiddle = (strike: () => void) => () => printer.after(half, strike);
  yield await faulty(bench, page, {
    ...{ fault: 'printer unplugged in the middle of the badge', countdown: inTheMiddle(unplug), end: plug },
  });
  yield await faulty(bench, page, {
    fault: 'out of paper in the middle of the badge',
    countdown: inTheMiddle(() => printer.paper('out')),
    end: () => printer.paper('ok'),
  });
  yield await faulty(bench, page, {
    fault: 'camera pulled out in the countdown',
    countdown: () => camera.unplug(),
    end: () => camera.plug(),
  });
}

const isWell = ({ faults }: StaffSnapshot): boolean => faults.length === 0;

/** Starts the screen. Resolves when the page is drawn, with the seconds that took. */
async function screen(bench: Bench): Promise<{ readonly page: Page; readonly seconds: number }> {
  await bench.guest('/late/guest/screen.sh');
  const { value: page, seconds } = await bench.wait('Chromium on the screen', async () => {
    try {
      const browser = await chromium.connectOverCDP(bench.screenUrl, { timeout: pressMaxMs });
      return browser.contexts()[0]?.pages()[0] ?? null;
    } catch {
      return null;
    }
  });
  page.setDefaultTimeout(pressMaxMs);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return { page, seconds };
}

async function press(page: Page, ...names: readonly string[]): Promise<void> {
  for (const name of names) await page.getByRole('button', { name, exact: true }).click();
}
const sees = (page: Page, heading: string): Promise<void> =>
  page.getByRole('heading', { name: heading, exact: true }).waitFor();

async function shoot(bench: Bench, name: string): Promise<void> {
  await sleep(2000); // drawn is not yet on the screen
  await bench.machine.qmp('screendump', { filename: join(bench.pictures, `kiosk-${name}.png`), format: 'png' });
}

/** Somebody presses until the live picture of the countdown is there, if there is to be one. */
async function upToCamera(bench: Bench, page: Page): Promise<void> {
  const socket = await bench.kiosk();
  const { month, label } = await listed(socket, yearGroup);
  socket.close();
  await press(page, 'Sign out early', yearGroup, months[month - 1] ?? '', label, 'Appointment', 'After lunch');
  await sees(page, 'Look at the camera');
  await page.waitForFunction(() => (document.querySelector('img')?.naturalWidth ?? 0) > 0);
}

/** The number on the screen. */
async function shownBadge(page: Page): Promise<string> {
  const number = page
    .locator('main')
    .getByText(/\b\d{4} \d{4}\b/)
    .first();
  const [, one = '', other = ''] = /\b(\d{4}) (\d{4})\b/.exec(await number.innerText()) ?? [];
  return one + other;
}

async function visit(bench: Bench, page: Page, startSeconds: number): Promise<Row> {
  await shoot(bench, '1-home');
  const before = bench.printer.papers.length;
  const began = await bench.seconds();
  await upToCamera(bench, page);
  await shoot(bench, '2-camera');
  await sees(page, 'Your badge is printing');
  const pressed = (await bench.seconds()) - began;
  const badge = await shownBadge(page);
  await shoot(bench, '3-badge');
  const paper = await paperOf(bench, badge, before, 'kiosk');
  const { state } = await bench.until('printed', (now) => rowOf(now, badge)?.badgeState === 'printed');
  const wrong = [...stands(state, badge), ...(rowOf(state, badge)?.photoUrl === null ? ['without a photo'] : [])];
  await sees(page, home);
  await press(page, 'Sign back in', ...badge);
  await sees(page, 'Welcome back');
  await shoot(bench, '4-back');
  await bench.until('nobody is out', (now) => now.out.length === 0);
  await sees(page, home);
  return {
    scenario: 'kiosk',
    fault: 'none',
    pupil: `screen up after ${startSeconds.toFixed(0)} s; signed out with a photo in ${pressed.toFixed(0)} s, badge on paper ${paper.seconds.toFixed(0)} s later; back by its number`,
    staff: `out with a photo, badge printed; then back`,
    lights: rhythmWords(state.lights),
    recovery: null,
    wrong,
  };
}

interface Fault {
  readonly fault: string;
  /** Before anybody touches the screen; staff see it then. */
  readonly before?: () => void;
  /** While the live picture is shown. */
  readonly countdown?: () => void;
  readonly end: () => void;
}

/** The pupil has the number on the screen and is out, staff are told, and all is well once the part is. */
async function faulty(bench: Bench, page: Page, { fault, before, countdown, end }: Fault): Promise<Row> {
  before?.();
  if (before !== undefined) await bench.until('staff see it', (now) => !isWell(now));
  await upToCamera(bench, page);
  countdown?.();
  const badge = await shownBadge(page);
  const headings = watchHeadings(page);
  const { state } = await bench.until('staff see it', (now) => !isWell(now));
  await shoot(bench, fault.replaceAll(' ', '-'));
  end();
  const { seconds } = await bench.until('all is well', (now) => isWell(now) && now.lights.red === 'off');
  const { state: after } = await bench.until('the badge is done with', (now) =>
    ['printed', 'not-printed'].includes(rowOf(now, badge)?.badgeState ?? ''),
  );
  const seen = await headings();
  const photo = rowOf(after, badge)?.photoUrl === null ? 'without a photo' : 'with a photo';
  return {
    scenario: 'kiosk',
    fault,
    pupil: `${seen.join(', then ')}; ID shown`,
    staff: `${state.faults.join(', ')}; out ${photo}, badge ${rowOf(state, badge)?.badgeState ?? 'UNKNOWN'}, afterwards ${rowOf(after, badge)?.badgeState ?? 'UNKNOWN'}`,
    lights: rhythmWords(state.lights),
    recovery: seconds,
    wrong: stands(state, badge),
  };
}

/** What the screen says, one after the other, until it is back at the start. */
function watchHeadings(page: Page): () => Promise<readonly string[]> {
  const watching = (async () => {
    const seen: string[] = [];
    for (;;) {
      const text = await page.getByRole('heading', { level: 1 }).first().innerText();
      if (text === home) return seen;
      if (text !== seen.at(-1)) seen.push(text);
      await sleep(500);
    }
  })();
  watching.catch(() => undefined); // told by whoever asks
  return () => watching;
}
