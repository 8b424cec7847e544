/** Every screen of the kiosk at every size: axe finds nothing, all targets can be hit, nothing is cut off. */
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { FakeDevice } from '../support/kiosk-fake.ts';
import { axeFindings, everyRule, measure, rulesOfPlace } from '../support/kiosk-measure.ts';
import { arrive, hold, openPage, sizes, stops } from '../support/kiosk-tour.ts';
import { plainPages } from '../support/plain-pages.ts';

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
      await page.addInitScript(axe.source);
      const complaints = listen(page, device.url);
      const faults: Record<string, readonly string[]> = {};
      for (const stop of screens) {
        await page.setViewportSize(sizes[0]);
        await arrive(page, device, stop);
        await hold(page);
        for (const size of sizes) {
          await page.setViewportSize(size);
          const rules = size === sizes[0] ? everyRule : rulesOfPlace;
          const found = [...(await axeFindings(page, rules)), ...(await measure(page, stop.name.endsWith('-aa')))];
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

/** They may be scrolled, and have no targets that a pupil must hit. */
it('everybody can read what the technician is shown', async () => {
  const page = await openPage(browser, sizes[0]);
  await page.addInitScript(axe.source);
  await page.goto('about:blank');
  // No script runs there: coming anew by itself is how it learns of another address.
  const rules = { rules: { ...everyRule.rules, 'meta-refresh': { enabled: false } } };
  const faults: Record<string, readonly string[]> = {};
  for (const { name, html } of plainPages) {
    await page.setContent(html);
    await hold(page);
    for (const size of sizes) {
      await page.setViewportSize(size);
      const isWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      const found = [...(await axeFindings(page, rules)), ...(isWide ? ['wider than the screen'] : [])];
      if (found.length > 0) faults[`${name} at ${size.width}x${size.height}`] = found;
    }
    await page.clock.resume();
  }
  await page.close();
  expect(faults).toEqual({});
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
