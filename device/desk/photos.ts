/** Photos of pupils who sign out: taken, kept under the visit, and destroyed when their time is over (product.md 10). */
import type { Camera } from '../camera/port.ts';
import type { Result } from '../contract/result.ts';
import { out } from '../domain/elsewhere.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { Instant, Recorded } from '../domain/record.ts';
import { photoName } from '../domain/expiry.ts';
import { heldOn } from '../domain/retention-fold.ts';
import { localTime, nextSchoolDay } from '../domain/school-day.ts';
import type { IsoDate } from '../domain/settings.ts';
import type { PhotoVault } from '../journal/photo-vault.ts';
import type { Log, Timers } from '../system/ports.ts';
import type { Desk } from './desk.ts';
import { expire } from './expire.ts';
import type { School } from './school.ts';
import { timeOf, today } from './when.ts';

/** The camera's own deadline comes first (camera/port.ts). */
const photoMaxMs = 6_000;
/** One that belongs to nobody after this long is of a page that broke off; monotonic, of this run. */
const wantedMaxMs = 60 * 60_000;

export interface PhotoPorts {
  readonly school: School;
  readonly desk: Pick<Desk, 'durable' | 'record'>;
  readonly camera: Camera;
  readonly photos: PhotoVault;
  readonly timers: Timers;
  readonly log: Log;
}

export class Photos {
  private readonly ports: PhotoPorts;
  /** Photos that this run took or takes: since when, and whether their visit has let them go. */
  private readonly begun = new Map<string, { readonly since: number; dropped: boolean }>();

  constructor(ports: PhotoPorts) {
    this.ports = ports;
  }

  /** Null: there is none, its time is over (it is locked at once, and destroyed later), or the card does not give it. */
  async get(visit: string): Promise<Uint8Array | null> {
    try {
      if (this.isLocked(visit)) return null;
      return await this.ports.photos.get(visit);
    } catch (error) {
      this.ports.log.warn('photo-unreadable', { why: error instanceof Error ? error.name : 'unknown' });
      return null;
    }
  }

  /** Visits whose photos can be seen. */
  async kept(): Promise<ReadonlySet<string>> {
    const visits = await this.ports.photos.list();
    return new Set(visits.filter((visit) => !this.isLocked(visit)));
  }

  /** Takes one and keeps it until the visit is committed or ends. None stays where nobody wants it any more when it is there. */
  async take(visit: string): Promise<Result<{ readonly url: string }>> {
    const { camera, photos, school, timers, log } = this.ports;
    const taking = { since: school.clock.mono(), dropped: false };
    this.begun.set(visit, taking);
    const deadline = new AbortController();
    const cancel = timers.after(photoMaxMs, () => {
      deadline.abort();
    });
    try {
      await photos.put(visit, await camera.take(deadline.signal), today(school));
      if (taking.dropped || this.isOver(visit) === 'unwanted') {
        await photos.destroy(visit);
        return { ok: false, error: { code: 'wrong_state' } };
      }
      return { ok: true, value: { url: photoUrl(visit) } };
    } catch (error) {
      log.warn('photo-failed', { why: error instanceof Error ? error.name : 'unknown' });
      return { ok: false, error: { code: 'camera_failed' } };
    } finally {
      cancel();
    }
  }

  /** The visit goes back or Home: none stays, not the one either that is being taken, unless the visit is recorded. */
  async drop(visit: string): Promise<void> {
    const { visits, requests } = this.ports.desk.durable;
    if (visits.has(visit) || requests.has(visit)) return;
    const taking = this.begun.get(visit);
    if (taking !== undefined) taking.dropped = true;
    await this.ports.photos.destroy(visit);
  }

  /** A "no", and a visit that was recorded without a photo, destroy it. */
  async destroyUnwanted(records: readonly Recorded[]): Promise<void> {
    const requests = [...this.ports.desk.durable.requests.values()];
    const visits = records.flatMap((record) => {
      if (record.type === 'answer')
        return requests.find((one) => one.record.ref === record.request)?.record.visit ?? [];
      return 'leave' in record ? record.visit : [];
    });
    for (const visit of visits) if (this.isOver(visit) === 'unwanted') await this.ports.photos.destroy(visit);
  }

  /** By date in two steps (`expire.ts`); at once what nobody wants, and what a page or a power cut left behind. */
  async destroyOld(): Promise<void> {
    const { photos, school, desk } = this.ports;
    const longAgo = school.clock.mono() - wantedMaxMs;
    for (const [visit, { since }] of this.begun) if (since <= longAgo) this.begun.delete(visit);
    const all = (await photos.list()).map((visit) => ({ visit, over: this.isOver(visit) }));
    for (const { visit, over } of all) {
      if (over === 'unwanted' || (over === 'nobody' && !this.begun.has(visit))) await photos.destroy(visit);
    }
    const due = new Map(
      all.flatMap(({ visit, over }) => (over === 'date' ? [[photoName(visit), visit] as const] : [])),
    );
    const ripe = (await expire(school, desk, 'photo', new Set(due.keys()))).slice(0, atOnceMax);
    if (ripe.length === 0) return;
    for (const name of ripe) await photos.destroy(due.get(name) ?? '');
    await desk.record(() => [
      { type: 'removed', v: 1, photos: ripe, segments: [], upTo: 0, why: 'retention', by: 'Porter' },
    ]);
  }

  private isLocked(visit: string): boolean {
    return this.ports.desk.durable.expiring.has(photoName(visit)) || this.isOver(visit) === 'date';
  }

  /**
   * The end of the next school day or of the same is past, never while the pupil is out or waits, or the movement is held, never by
   * an untrusted clock.
   */
  private isOver(visit: string): 'date' | 'unwanted' | 'nobody' | null {
    const { school } = this.ports;
    const ledger = this.ports.desk.durable;
    const kept = keptFor(school, ledger, visit);
    if (kept === null) return 'nobody';
    if (typeof kept === 'string') return kept === 'unwanted' ? kept : null;
    if (!school.clock.trusted() || kept.latest === null) return null;
    const zone = school.settings.school.timeZone;
    const now = localTime(school.clock.reading().earliest, zone).date;
    if (isHeld(ledger, visit, now)) return null;
    const day = localTime(kept.latest, zone).date;
    const last = school.settings.keep.photos === 'same-day' ? day : (nextSchoolDay(day, school.settings) ?? day);
    return now > last ? 'date' : null;
  }
}

/** Bounds a record; the others come with the next look. */
const atOnceMax = 500;

export const photoUrl = (visit: string): string => `/photo/${encodeURIComponent(visit)}`;

/** Also by a movement that has since become another pupil's: the photo is of the same visit. */
const isHeld = ({ holds, movements }: Ledger, visit: string, now: IsoDate): boolean =>
  heldOn(holds, now).some((ref) => movements.get(ref)?.record.visit === visit);

/** What the photo of a visit belongs to: the time of a movement, somebody out or waiting, who said no to it; null: nothing. */
function keptFor(school: School, ledger: Ledger, visit: string): Instant | 'open' | 'unwanted' | null {
  const ref = ledger.visits.get(visit);
  const movement = ledger.movements.get(ref ?? '');
  const request = ledger.requests.get(visit);
  const leave = movement?.record.leave ?? request?.record.leave;
  if (leave !== undefined && leave.photo !== 'taken') return 'unwanted';
  if (request?.answer === null || out(ledger).some(({ record }) => record.ref === ref)) return 'open';
  if (movement !== undefined) return timeOf(school, movement);
  return request === undefined ? null : 'unwanted';
}
