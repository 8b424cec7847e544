/**
 * What a school day costs the card: 100 movements of 1,200 pupils through the whole daemon. `CARD_PAUSE_MS` keeps movements
 * apart, as on a real day (each is then vouched for by a witness of its own); `TMPDIR` on a card of its own counts what reaches it.
 */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EarlyAnswer, LateAnswer, NameEntry, NamesAnswer, ReturnAnswer } from '../../device/contract/kiosk.ts';
import type { Ack, Result } from '../../device/contract/result.ts';
import { Porter } from '../support/porter.ts';
import type { KioskClient } from '../support/porter.ts';

const pauseMs = Number(process.env['CARD_PAUSE_MS'] ?? 0);
const arrivals = 70;
const departures = 15;
let porter: Porter;

beforeAll(async () => {
  porter = await Porter.start({ clock: '2026-11-23T08:52', settings: '[late]\nhold_seconds = 0\n' });
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
});
afterAll(async () => {
  await porter.stop();
});

/** What the kernel counts for the daemon: bytes given to write(2), and bytes that it had written to disks. */
function written(): { readonly asked: number; readonly toDisks: number } {
  const pid = readFileSync(join(porter.folder, 'data/journal/lock'), 'utf8').trim();
  const io = readFileSync(`/proc/${pid}/io`, 'utf8');
  const figure = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(io)?.[1]);
  return { asked: figure('wchar'), toDisks: figure('write_bytes') };
}

/** Bytes of all files below a folder whose names fit. */
function sizeOf(folder: string, fits: RegExp): number {
  const path = join(porter.folder, 'data', folder);
  return readdirSync(path)
    .filter((name) => fits.test(name))
    .reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
}

const command = <T>(input: T) => ({ commandId: `day-${String((commands += 1))}`, ageMs: 0, input });
let commands = 0;

async function value<T>(run: (ack: Ack<T>) => void): Promise<T> {
  const result = await new Promise<Result<T>>((resolve) => {
    run(resolve);
  });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
  return result.value;
}

/** Older pupils, who may leave without approval. */
async function pupils(kiosk: KioskClient): Promise<readonly NameEntry[]> {
  const found: NameEntry[] = [];
  for (const yearGroup of ['Year 8', 'Year 9', 'Year 10', 'Year 11']) {
    for (let month = 1; month <= 12; month += 1) {
      const visit = `list-${yearGroup.slice(5)}-${String(month)}`;
      const ask = { visit, flow: 'late', yearGroup, month } as const;
      const names = await new Promise<Result<NamesAnswer>>((resolve) => kiosk.emit('names', ask, resolve));
      const list = names.ok ? names.value.pupils : [];
      found.push(...list);
      // Choosing keeps the lists from pausing.
      const pupil = list[0]?.pupil ?? '';
      await new Promise((resolve) => kiosk.emit('choose', { visit, flow: 'late', pupil }, resolve));
    }
  }
  return found;
}

test('a school day writes no more than 5 MB to the card', async () => {
  const kiosk = await porter.kiosk();
  const people = await pupils(kiosk);
  const before = written();
  const recordsBefore = sizeOf('journal', /\.pj$/);
  for (const [n, { pupil }] of people.slice(0, arrivals).entries()) {
    const input = { visit: `late-${String(n)}`, pupil, reason: 'bus', touchAgoMs: 1000 };
    await value<LateAnswer>((ack) => kiosk.emit('late', command(input), ack));
  }
  const badges: string[] = [];
  for (const [n, { pupil }] of people.slice(arrivals, arrivals + departures).entries()) {
    const visit = `out-${String(n)}`;
    await value<{ readonly url: string }>((ack) => kiosk.emit('photo', { visit }, ack));
    const answers = { reason: 'medical', back: 'after-lunch', withWhom: null, photo: 'taken', touchAgoMs: 0 } as const;
    const answer = await value<EarlyAnswer>((ack) => kiosk.emit('early', command({ visit, pupil, ...answers }), ack));
    if (answer.state === 'departed') badges.push(answer.badge);
  }
  for (const [n, badge] of badges.entries()) {
    const input = { visit: `back-${String(n)}`, by: 'typed', badge, touchAgoMs: 0 } as const;
    await value<ReturnAnswer>((ack) => kiosk.emit('return', command(input), ack));
  }
  await porter.until('every mark is confirmed', ({ sum }) => sum.recorded >= arrivals && sum.waiting === 0, 90_000);
  const after = written();
  const figures = {
    movements: arrivals + departures + badges.length,
    records: sizeOf('journal', /\.pj$/) - recordsBefore,
    photos: sizeOf('photos', /\.jpg$/),
    badgePictures: sizeOf('badges', /\.png$/), // the simulated printer's
    askedByDaemon: after.asked - before.asked,
    toDisks: after.toDisks - before.toDisks,
    beforeTheDay: before,
  };
  console.log(`a day on the card, bytes: ${JSON.stringify(figures)}`);
  expect(figures.movements).toBe(100);
  expect(figures.toDisks).toBeLessThan(5_000_000);
}, 900_000);
