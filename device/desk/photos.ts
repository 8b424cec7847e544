/** Photos of pupils who sign out: taken, kept under the visit, and destroyed when their time is over (product.md 10). */
import type { Camera } from '../camera/port.ts';
import type { Result } from '../contract/result.ts';
import { out } from '../domain/elsewhere.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { Instant, Recorded } from '../domain/record.ts';
import { photoName } from '../domain/expiry.ts';
import { localTime, nextSchoolDay } from '../domain/school-day.ts';
import type { PhotoVault } from '../journal/photo-vault.ts';
import type { Log, Timers } from '../system/ports.ts';
import type { Desk } from './desk.ts';
import { expire } from './expire.ts';
import type { School } from './school.ts';
import { timeOf, today } from './when.ts';

/** The camera's own deadline comes first (camera/port.ts). */
const photoMaxMs = 6_000;

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

  /** Takes one and keeps it until the visit is committed or ends. */
  async take(visit: string): Promise<Result<{ readonly url: string }>> {
    const { camera, photos, timers, log } = this.ports;
    const deadline = new AbortController();
    const cancel = timers.after(photoMaxMs, () => {
      deadline.abort();
    });
    try {
      await photos.put(visit, await camera.take(deadline.signal), today(this.ports.school));
      return { ok: true, value: { url: photoUrl(visit) } };
    } catch (error) {
      log.warn('photo-failed', { why: error instanceof Error ? error.name : 'unknown' });
      return { ok: false, error: { code: 'camera_failed' } };
    } finally {
      cancel();
    }
  }

  /** A visit that went Home uncommitted leaves no photo. */
  async drop(visit: string): Promise<void> {
    const { visits, requests } = this.ports.desk.durable;
    if (!visits.has(visit) && !requests.has(visit)) await this.ports.photos.destroy(visit);
  }

  /** "No" destroys the photo. */
  async destroyRefused(records: readonly Recorded[]): Promise<void> {
    const refused = records.flatMap((record) =>
      record.type === 'answer' && record.answer === 'no' ? [record.request] : [],
    );
    for (const { record } of this.ports.desk.durable.requests.values()) {
      if (refused.includes(record.ref)) await this.ports.photos.destroy(record.visit);
    }
  }

  /**
   * By date in two steps (`expire.ts`); at once what belongs to a no. `atStart`: also what belongs to no movement, left by a visit
   * that a power cut ended.
   */
  async destroyOld(atStart: boolean): Promise<void> {
    const { photos, school, desk } = this.ports;
    const all = (await photos.list()).map((visit) => ({ visit, over: this.isOver(visit) }));
    for (const { visit, over } of all) {
      if (over === 'refused' || (over === 'nobody' && atStart)) await photos.destroy(visit);
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
  private isOver(visit: string): 'date' | 'refused' | 'nobody' | null {
    const { school } = this.ports;
    const ledger = this.ports.desk.durable;
    const kept = keptFor(school, ledger, visit);
    if (kept === null) return 'nobody';
    if (typeof kept === 'string') return kept === 'refused' ? kept : null;
    if (!school.clock.trusted() || kept.latest === null) return null;
    const zone = school.settings.school.timeZone;
    const now = localTime(school.clock.reading().earliest, zone).date;
    const hold = ledger.holds.get(ledger.visits.get(visit) ?? '');
    if (hold !== undefined && hold.until !== null && hold.until >= now) return null;
    const day = localTime(kept.latest, zone).date;
    const last = school.settings.keep.photos === 'same-day' ? day : (nextSchoolDay(day, school.settings) ?? day);
    return now > last ? 'date' : null;
  }
}

/** Bounds a record; the others come with the next look. */
const atOnceMax = 500;

export const photoUrl = (visit: string): string => `/photo/${encodeURIComponent(visit)}`;

/** What the photo of a visit belongs to: the time of a movement, somebody out or waiting, a no; null: nothing. */
function keptFor(school: School, ledger: Ledger, visit: string): Instant | 'open' | 'refused' | null {
  const ref = ledger.visits.get(visit);
  const movement = ledger.movements.get(ref ?? '');
  const request = ledger.requests.get(visit);
  if (request?.answer === null || out(ledger).some(({ record }) => record.ref === ref)) return 'open';
  if (movement !== undefined) return timeOf(school, movement);
  return request === undefined ? null : 'refused';
}
