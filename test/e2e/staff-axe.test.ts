/** Every view of the staff page at three sizes, light and dark: axe finds nothing, and nothing is wider than the screen. */
import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import type { FakeStaff } from '../support/staff-fake.ts';
import { arriveAt, openStaff, staffSizes, staffStops } from '../support/staff-tour.ts';

const tourMs = 300_000;

/** The size at which each stop is reached comes first. */
const [phone, tablet, desk] = staffSizes;
const sizes = [tablet, phone, desk];
/** In the dark nothing but the colours is other than in the light. */
const looksAt = {
  light: { rules: { 'target-size': { enabled: true } } },
  dark: { runOnly: ['color-contrast', 'link-in-text-block'] },
};

let browser: Browser;
let staff: FakeStaff;
beforeAll(async () => {
  browser = await launchChromium();
  staff = await openStaff();
});
afterAll(async () => {
  await browser.close();
  await staff.stop();
});

test.each(['light', 'dark'] as const)(
  'everybody can use every view, %s',
  async (colorScheme) => {
    const page = await browser.newPage({ colorScheme, reducedMotion: 'reduce', viewport: tablet });
    await page.addInitScript(axe.source);
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(staff.url)) complaints.push(`asked for ${request.url()}`);
    });
    const faults: Record<string, readonly string[]> = {};
    for (const stop of staffStops) {
      await page.setViewportSize(tablet);
      await arriveAt(page, staff, stop);
      for (const size of sizes) {
        await page.setViewportSize(size);
        const found = [...(await findings(page, colorScheme)), ...(await tooWide(page))];
        if (found.length > 0) faults[`${stop.name} at ${String(size.width)}`] = found;
      }
    }
    await page.close();
    expect({ faults, complaints }).toEqual({ faults: {}, complaints: [] });
  },
  tourMs,
);

async function findings(page: Page, scheme: 'light' | 'dark'): Promise<readonly string[]> {
  // Selectors and style sheets of elsewhere: nothing here reads them, and they take a quarter of the time.
  const options = { ...looksAt[scheme], resultTypes: ['violations'], selectors: false, preload: false };
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
  );
}

/** What makes the page scroll sideways. */
function tooWide(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > width + 1)
      .slice(0, 5)
      .map((element) => `wider than the screen: ${element.outerHTML.slice(0, 120)}`);
  });
}
