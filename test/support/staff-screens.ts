/** Makes pictures of every view of the staff page: see scripts/screens. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { roles } from '../../device/contract/staff.ts';
import { launchChromium } from './chromium.ts';
import { smallPng } from './small-png.ts';
import { arriveAt, openStaff, staffSizes, stopsOf } from './staff-tour.ts';

export async function takeStaffScreens(out: string, names: readonly string[], as: string): Promise<void> {
  const role = v.parse(v.picklist(roles), as);
  const staff = await openStaff(role);
  const browser = await launchChromium();
  const wanted = stopsOf(role).filter(({ name }) => names.length === 0 || names.includes(name));
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const viewport of staffSizes) {
        const page = await browser.newPage({ viewport, colorScheme, reducedMotion: 'reduce' });
        for (const stop of wanted) {
          await arriveAt(page, staff, stop);
          const png = await page.screenshot({ animations: 'disabled', fullPage: viewport.width < 1900 });
          mkdirSync(out, { recursive: true });
          writeFileSync(join(out, `${stop.name}-${String(viewport.width)}-${colorScheme}.png`), smallPng(png));
        }
        await page.close();
      }
    }
  } finally {
    await browser.close();
    await staff.stop();
  }
}
