/** The box as a pupil meets it: Chromium under cage on its own screen, pressed through to the badge on paper and back again. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { words } from '../../../device/contract/words/index.ts';
import type { Bench } from './bench.ts';
import { paperOf, rowOf, stands } from './leaving.ts';
import { listed } from './pupils.ts';
import type { Row } from './report.ts';
import { rhythmWords } from './wires.ts';

/** Of ours: the guest slows down beside other work. */
const pressMaxMs = 600_000;
const yearGroup = 'Year 9';
const { months } = words.en;

export async function* kioskScenario(bench: Bench): AsyncGenerator<Row> {
  bench.printer.plug();
  bench.camera.plug();
  await bench.startBox('camera.toml');
  const well = ({ faults }: { readonly faults: readonly string[] }): boolean => faults.length === 0;
  await bench.until('printer and camera are well', well);
  const socket = await bench.kiosk();
  const somebody = await listed(socket, yearGroup);
  socket.close();
  const { page, seconds } = await screen(bench);
  yield await visit(bench, page, somebody, seconds);
}

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

async function visit(
  bench: Bench,
  page: Page,
  { month, label }: { readonly month: number; readonly label: string },
  startSeconds: number,
): Promise<Row> {
  const press = async (...names: readonly string[]): Promise<void> => {
    for (const name of names) await page.getByRole('button', { name, exact: true }).click();
  };
  const sees = (heading: string): Promise<void> => page.getByRole('heading', { name: heading, exact: true }).waitFor();
  const shoot = async (name: string): Promise<void> => {
    await sleep(2000); // drawn is not yet on the screen
    await bench.machine.qmp('screendump', { filename: join(bench.pictures, `kiosk-${name}.png`), format: 'png' });
  };
  await shoot('1-home');
  const before = bench.printer.papers.length;
  const began = await bench.seconds();
  await press('Sign out early', yearGroup, months[month - 1] ?? '', label, 'Appointment', 'After lunch');
  await sees('Look at the camera');
  // The live picture: its first frame has come.
  await page.waitForFunction(() => (document.querySelector('img')?.naturalWidth ?? 0) > 0);
  await shoot('2-camera');
  await sees('Your badge is printing');
  const pressed = (await bench.seconds()) - began;
  const shown = (await page.locator('main').innerText()).match(/\b(\d{4}) (\d{4})\b/);
  const badge = `${shown?.[1] ?? ''}${shown?.[2] ?? ''}`;
  await shoot('3-badge');
  const paper = await paperOf(bench, badge, before, 'kiosk');
  const { state } = await bench.until('printed', (now) => rowOf(now, badge)?.badgeState === 'printed');
  const wrong = [...stands(state, badge), ...(rowOf(state, badge)?.photoUrl === null ? ['without a photo'] : [])];
  await sees('Hill View School');
  await press('Sign back in', ...badge);
  await sees('Welcome back');
  await shoot('4-back');
  await bench.until('nobody is out', (now) => now.out.length === 0);
  return {
    part: 'kiosk',
    fault: 'none',
    pupil: `screen up after ${startSeconds.toFixed(0)} s; signed out with a photo in ${pressed.toFixed(0)} s, badge on paper ${paper.seconds.toFixed(0)} s later; back by its number`,
    staff: `out with a photo, badge printed; then back`,
    lights: rhythmWords(state.lights),
    recovery: null,
    wrong,
  };
}
