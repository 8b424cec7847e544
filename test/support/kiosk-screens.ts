/** Makes the pictures of test/screens: see scripts/screens. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchChromium } from './chromium.ts';
import { FakeDevice } from './kiosk-fake.ts';
import { arrive, openPage, sizes, stops } from './kiosk-tour.ts';
import { plainPages } from './plain-pages.ts';
import { smallPng } from './small-png.ts';

export async function takeScreens(out: string, names: readonly string[]): Promise<void> {
  const device = new FakeDevice();
  await device.start();
  const browser = await launchChromium();
  const isWanted = ({ name }: { readonly name: string }): boolean => names.length === 0 || names.includes(name);
  const wanted = stops.filter(isWanted);
  const plain = plainPages.filter(isWanted);
  let bytes = 0;
  try {
    for (const viewport of sizes) {
      const folder = join(out, `${viewport.width}x${viewport.height}`);
      mkdirSync(folder, { recursive: true });
      const page = await openPage(browser, viewport);
      const take = async (of: Page, name: string): Promise<void> => {
        const png = smallPng(await of.screenshot({ animations: 'disabled' }));
        bytes += png.length;
        writeFileSync(join(folder, `${name}.png`), png);
      };
      for (const stop of wanted) {
        await arrive(page, device, stop);
        await take(page, stop.name);
      }
      for (const { name, html } of plain) {
        await page.setContent(html);
        await take(page, name);
      }
      await page.close();
    }
  } finally {
    await browser.close();
    await device.stop();
  }
  console.log(
    `${wanted.length + plain.length} screens at ${sizes.length} sizes, ${Math.round(bytes / 1000)} kB in ${out}`,
  );
}
