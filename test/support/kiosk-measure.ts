/** What a screen must keep whatever it shows: look.md's sizes, and what axe finds. */
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** CSS pixels. */
const TARGET_MIN = 60;
const APART_MIN = 12;

/** Every fault in words; none is an empty list. `lowReach`: in Aa every target stands in the lower half. */
export async function measure(page: Page, lowReach: boolean): Promise<string[]> {
  return await page.evaluate(
    ({ least, apart, low }) => {
      const faults: string[] = [];
      const { innerWidth: width, innerHeight: height } = window;
      // Half a pixel is what rounding may cost.
      const slack = 0.5;
      const open = [...document.querySelectorAll('button')].filter((button) => button.closest('[inert]') === null);
      const targets = open.map((button) => ({ name: button.textContent, box: button.getBoundingClientRect() }));
      for (const { name, box } of targets) {
        if (box.width < least - slack || box.height < least - slack) {
          faults.push(`${name} is only ${box.width} x ${box.height}`);
        }
        if (box.left < 0 || box.top < 0 || box.right > width || box.bottom > height) faults.push(`${name} is cut off`);
        if (low && box.top < height / 2 - slack) faults.push(`${name} is not in the lower half`);
      }
      for (const [index, { name, box: a }] of targets.entries()) {
        for (const { name: other, box: b } of targets.slice(index + 1)) {
          const across = Math.max(a.left, b.left) - Math.min(a.right, b.right);
          const down = Math.max(a.top, b.top) - Math.min(a.bottom, b.bottom);
          if (Math.max(across, down) < apart - slack) {
            faults.push(`${name} and ${other} are only ${Math.max(across, down)} apart`);
          }
        }
      }
      for (const element of document.querySelectorAll<HTMLElement>('button, h1, h2, p, output')) {
        if (element.closest('[inert], .for-ears') !== null) continue;
        const box = element.getBoundingClientRect();
        if (box.right > width + slack || box.bottom > height + slack || box.left < -slack || box.top < -slack) {
          faults.push(`${element.textContent} is outside the screen`);
        }
        if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0) {
          faults.push(`${element.textContent} does not fit its width`);
        }
        if (element.tagName === 'BUTTON' && element.scrollHeight > element.clientHeight + 1) {
          faults.push(`${element.textContent} does not fit its height`);
        }
      }
      const words = [...document.querySelectorAll('h1, h2, p, output')].filter(
        (element) => element.closest('[inert], .for-ears, .picture') === null && element.textContent !== '',
      );
      for (const { name, box } of targets) {
        for (const word of words) {
          const other = word.getBoundingClientRect();
          const over = Math.min(box.right, other.right) - Math.max(box.left, other.left) > 1;
          const under = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top) > 1;
          if (over && under) faults.push(`${name} covers ${word.textContent}`);
        }
      }
      return faults;
    },
    { least: TARGET_MIN, apart: APART_MIN, low: lowReach },
  );
}

/** The page's time stands still (`hold`) but for the little that axe's own timers need. */
const STEP_MS = 5;

/** All of axe's rules, with the contrast of AAA. */
export const everyRule = { rules: { 'color-contrast-enhanced': { enabled: true }, 'target-size': { enabled: true } } };
/** Those that go by what lies where: the rest of a screen is the same at every size. */
export const rulesOfPlace = {
  runOnly: ['color-contrast', 'color-contrast-enhanced', 'target-size', 'scrollable-region-focusable'],
};

/** One line per finding. axe is there (`axe.source`, on each new page), and the page is held. */
export async function axeFindings(page: Page, rules: object): Promise<string[]> {
  const running = { ready: false };
  // Selectors and style sheets of elsewhere: nothing here reads them, and they take a quarter of the time.
  const options = { ...rules, resultTypes: ['violations'], selectors: false, preload: false };
  const results = page
    .evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`)
    .finally(() => (running.ready = true));
  while (!running.ready) await page.clock.runFor(STEP_MS);
  const { violations } = await results;
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
  );
}
