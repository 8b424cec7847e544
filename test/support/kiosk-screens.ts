/** Makes the pictures of test/screens: see scripts/screens. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchChromium } from './chromium.ts';
import { FakeDevice } from './kiosk-fake.ts';
import { arrive, openPage, sizes, stops } from './kiosk-tour.ts';
import { smallPng } from './small-png.ts';

export async function takeScreens(out: string, names: readonly string[]): Promise<void> {
  const device = new FakeDevice();
  await device.start();
  const browser = await launchChromium();
  const wanted = stops.filter(({ name }) => names.length === 0 || names.includes(name));
  let bytes = 0;
  try {
    for (const viewport of sizes) {
      const folder = join(out, `${viewport.width}x${viewport.height}`);
      mkdirSync(folder, { recursive: true });
      const page = await openPage(browser, viewport);
      for (const stop of wanted) {
        await arrive(page, device, stop);
        const png = smallPng(await page.screenshot({ animations: 'disabled' }));
        bytes += png.length;
        writeFileSync(join(folder, `${stop.name}.png`), png);
      }
      await page.close();
    }
  } finally {
    await browser.close();
    await device.stop();
  }
  console.log(`${wanted.length} screens at ${sizes.length} sizes, ${Math.round(bytes / 1000)} kB in ${out}`);
}
