/** Every screen of the kiosk at every size: axe finds nothing, all targets can be hit, nothing is cut off. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { FakeDevice } from '../support/kiosk-fake.ts';
import { axeFindings, measure } from '../support/kiosk-measure.ts';
import { arrive, hold, openPage, sizes, stops } from '../support/kiosk-tour.ts';

/** Half of the screens, each at three sizes; the two halves share the machine. */
const TOUR_MS = 300_000;

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

describe('everybody can use every screen at every size', () => {
  it.concurrent.each([
    { half: 'one half', screens: stops.filter((_stop, index) => index % 2 === 0) },
    { half: 'the other', screens: stops.filter((_stop, index) => index % 2 === 1) },
  ])(
    '$half',
    async ({ screens }) => {
      const device = new FakeDevice();
      await device.start();
      const page = await openPage(browser, sizes[0]);
      const complaints = listen(page, device.url);
      const faults: Record<string, readonly string[]> = {};
      for (const stop of screens) {
        await page.setViewportSize(sizes[0]);
        await arrive(page, device, stop);
        await hold(page);
        for (const size of sizes) {
          await page.setViewportSize(size);
          const found = [...(await axeFindings(page)), ...(await measure(page, stop.name.endsWith('-aa')))];
          if (found.length > 0) faults[`${stop.name} at ${size.width}x${size.height}`] = found;
        }
      }
      await page.close();
      await device.stop();
      if (complaints.length > 0) faults['the browser says'] = complaints;
      // Concurrent tests share no expect; an error that lists everything says more anyway.
      if (Object.keys(faults).length > 0) throw new Error(JSON.stringify(faults, null, 2));
    },
    TOUR_MS,
  );
});

/** What the browser refused or failed at, the content policy's refusals among it, and requests to anywhere else. */
function listen(page: Page, home: string): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(home)) complaints.push(`asked for ${request.url()}`);
  });
  return complaints;
}
