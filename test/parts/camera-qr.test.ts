/** Badges as pupils bring them back are read by the camera: from the badge's own drawing to the product's own reader. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBadgePainter } from '../../device/badge/painter.ts';
import { BadgeReader } from '../../device/camera/badge-reader.ts';
import { pictureSize } from '../../device/camera/commands.ts';
import type { Camera } from '../../device/camera/port.ts';
import { parseQr, slip } from '../../device/domain/badge.ts';
import type { Bitmap } from '../../device/domain/badge.ts';
import { machineLog, machineTimers } from '../../device/system/outside.ts';
import { fontFolder, slipInput } from '../support/badges.ts';
import { beforeTheLens, wears } from '../support/worn-badges.ts';

const threadFile = join(import.meta.dirname, '../../dist/qr-thread.js');
let badge: Bitmap;
let reader: BadgeReader | null = null;
beforeAll(async () => {
  badge = await createBadgePainter(fontFolder, 58).paint(slip(slipInput()), null);
});
afterAll(() => {
  reader?.stop();
});

/** A camera that sees these pictures, one after the other, again and again. */
function seeing(pictures: readonly Uint8Array[]): Camera {
  return {
    kind: 'simulated',
    status: () => ({ state: 'ready', words: 'Ready' }),
    take: () => Promise.reject(new Error('nobody takes one')),
    live: async function* (signal) {
      for (let i = 0; !signal.aborted; i++) {
        const picture = pictures[i % pictures.length];
        if (picture !== undefined) yield Uint8Array.from(picture);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    close: () => undefined,
  };
}
function read(...pictures: readonly Uint8Array[]): Promise<string> {
  reader = new BadgeReader({ camera: seeing(pictures), threadFile, timers: machineTimers, log: machineLog });
  return new Promise((resolve) => reader?.start('visit', resolve));
}
const seen = (name: string, seed: number): Uint8Array => {
  const wear = wears[name];
  if (wear === undefined) throw new Error(`no badge is ${name}`);
  return beforeTheLens(badge, wear, pictureSize.width, seed);
};

describe('a badge held up is read', () => {
  it.each([
    'fresh, 30 cm',
    'upside down',
    'tilted by 45 degrees',
    'folded in four',
    'folded three times each way',
    'faded by four fifths',
    'a dim room',
    'light from one side',
    'a little out of focus',
  ])('%s', async (name) => {
    expect(parseQr(await read(seen(name, 1)))).toEqual({ badgeId: '18391270', token: '0123456789abcdef' });
  });

  it('also after many pictures in which there is nothing to read, or that are none', async () => {
    const bad = [
      Uint8Array.of(1, 2, 3),
      seen('fresh, 30 cm', 1).subarray(0, 5_000),
      seen('a thumb over a third of its side', 1),
    ];
    expect(parseQr(await read(...bad, seen('fresh, 20 cm', 1)))?.badgeId).toBe('18391270');
  });
});
