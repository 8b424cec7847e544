/** Every view of the staff page at three sizes, light and dark: axe finds nothing, and nothing is wider than the screen. */
import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import type { FakeStaff } from '../support/staff-fake.ts';
import { arriveAt, openStaff, staffSizes, staffStops } from '../support/staff-tour.ts';

const tourMs = 600_000;

const [phone, tablet, desk] = staffSizes;
/** At each stop in this order, so that little is laid out anew; in the dark nothing but the colours is other than in the light. */
const colours = { runOnly: ['color-contrast', 'link-in-text-block'] };
/** What goes by what lies where: at the least and the greatest width everything is looked at. */
const places = { runOnly: [...colours.runOnly, 'target-size', 'scrollable-region-focusable'] };
const everything = { rules: { 'target-size': { enabled: true } } };
const looks = [
  { size: tablet, colorScheme: 'light', options: places },
  { size: phone, colorScheme: 'light', options: everything },
  { size: phone, colorScheme: 'dark', options: colours },
  { size: desk, colorScheme: 'dark', options: colours },
  { size: desk, colorScheme: 'light', options: everything },
] as const;

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

test(
  'everybody can use every view, light and dark',
  async () => {
    const page = await browser.newPage({ reducedMotion: 'reduce', viewport: tablet });
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
      for (const { size, colorScheme, options } of looks) {
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme });
        const found = [...(await findings(page, options)), ...(await tooWide(page))];
        if (found.length > 0) faults[`${stop.name} at ${String(size.width)}, ${colorScheme}`] = found;
      }
    }
    await page.close();
    expect({ faults, complaints }).toEqual({ faults: {}, complaints: [] });
  },
  tourMs,
);

async function findings(page: Page, what: object): Promise<readonly string[]> {
  // Selectors and style sheets of elsewhere: nothing here reads them, and they take a quarter of the time.
  const options = { ...what, resultTypes: ['violations'], selectors: false, preload: false };
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
