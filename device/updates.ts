/**
 * What the daemon knows of updates: what root's helper has found and done (`update/places.ts`), read now and then; and what somebody
 * wants, noted for it. The daemon itself installs nothing and has no right to.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { School } from './desk/school.ts';
import type { Actor } from './domain/record.ts';
import { localTime, withinKioskHours } from './domain/school-day.ts';
import type { Timers } from './system/ports.ts';
import { halvesLater, halvesOf, isTrial } from './update/halves.ts';
import { foundSchema, lastSchema, progressSchema, putJson, readJsonLater } from './update/places.ts';
import type { Found, Last, Places, Progress, Source, Wish } from './update/places.ts';

const readEveryMs = 3_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;
/** Local time in which an update from the address is installed without anybody … */
const night = { from: hourMs, to: 5 * hourMs };

export interface UpdateState {
  /** The version that runs is tried: until it is kept, or the machine starts anew. */
  readonly trial: boolean;
  readonly address: string | null;
  readonly found: readonly Found[];
  readonly progress: Progress | null;
  readonly last: Last | null;
}

export interface UpdatesPorts {
  readonly places: Places;
  readonly trial: boolean;
  /** Where updates are looked for; null: nowhere. */
  readonly address: string | null;
  readonly timers: Timers;
}

/** Null: a machine without two halves of a card. */
export function openUpdates(places: Places, timers: Timers): Updates | null {
  const halves = halvesOf(places.slot, places.autoboot);
  if (halves === null) return null;
  const address = existsSync(places.url) ? readFileSync(places.url, 'utf8').trim() : null;
  return new Updates({ places, address, timers, trial: isTrial(halves) });
}

export class Updates {
  private readonly ports: UpdatesPorts;
  private now: UpdateState;
  /** Asked for in this run, until root's helper says what it does. */
  private wish: Wish | null = null;

  constructor(ports: UpdatesPorts) {
    this.ports = ports;
    const { trial, address } = ports;
    this.now = { trial, address, found: [], progress: null, last: null };
  }

  /** Reads now and every few seconds; `changed` is called where it is another. The answer ends that. */
  begin(changed: () => void): () => void {
    const look = (): void => {
      void this.read().then((differs) => {
        if (differs) changed();
      });
    };
    look();
    return this.ports.timers.every(readEveryMs, look);
  }

  private async read(): Promise<boolean> {
    const { places } = this.ports;
    const found = await Promise.all([places.stick, places.found].map((path) => readJsonLater(foundSchema, path)));
    const progress = await readJsonLater(progressSchema, places.progress);
    const last = (await readJsonLater(lastSchema, places.lastHere)) ?? (await readJsonLater(lastSchema, places.last));
    const halves = this.now.trial ? await halvesLater(places.slot, places.autoboot) : null;
    const trial = halves === null ? this.now.trial : isTrial(halves);
    const before = JSON.stringify(this.now);
    // It has begun, or it has ended without having been seen.
    if (progress !== null || JSON.stringify(last) !== JSON.stringify(this.now.last)) this.wish = null;
    this.now = { ...this.now, trial, found: found.filter((one) => one !== null), progress, last };
    return JSON.stringify(this.now) !== before;
  }

  state(): UpdateState {
    return this.wish === null ? this.now : { ...this.now, progress: { percent: null, words: 'Begins' } };
  }

  /** Why this one is not to be installed now; null: it may be. */
  refusal(from: Source, version: string): string | null {
    const { found, progress, trial } = this.state();
    const one = found.find((each) => each.from === from && each.version === version);
    if (progress !== null) return 'an update is being installed';
    if (trial) return 'the version that runs is on trial itself: wait some minutes';
    return one === undefined ? 'it is not there any more' : one.refused;
  }

  install(from: Source, version: string, by: Actor): void {
    this.wish = { from, version, by };
    putJson(this.ports.places.wish, this.wish);
  }

  /** One from the address, where nobody is about; once: what was not taken waits for a person. */
  byItself({ clock, settings }: School): void {
    const local = localTime(clock.now(), settings.school.timeZone);
    if (!clock.trusted()) return;
    const isNight = local.msOfDay >= night.from && local.msOfDay < night.to && !withinKioskHours(local, settings);
    // … and, by a machine that was started after that, as one that is switched off at night, an hour after school.
    const wasOff = clock.mono() < local.msOfDay - night.to;
    const { pm, kiosk } = settings.times;
    const quietFrom = Math.min(kiosk.to, pm.ends + 60);
    if (!isNight && !(wasOff && local.msOfDay >= quietFrom * minuteMs)) return;
    const { found, last } = this.now;
    const version = found.find(({ from }) => from === 'url')?.version ?? null;
    if (version === null || version === last?.version || this.refusal('url', version) !== null) return;
    this.install('url', version, 'Porter');
  }
}
