/**
 * Writes the export of each day that a person has closed, and anew where something of that day is recorded later; a day's file goes
 * when its movements may go, and one that tells of an erased pupil is written anew without (product.md 6, 10; durability.md 13).
 */
import type { ExportFolder } from '../copies/export-folder.ts';
import { pupilsOf } from '../domain/personal.ts';
import type { Body, Recorded, Ref } from '../domain/record.ts';
import { cutOff } from '../domain/retention.ts';
import { addDays, localTime, wallToEpoch } from '../domain/school-day.ts';
import type { IsoDate } from '../domain/settings.ts';
import { causeOf } from '../journal/error.ts';
import type { Journal } from '../journal/journal.ts';
import { isStorageTrouble } from '../journal/trouble.ts';
import type { Log } from '../system/ports.ts';
import { isClosed } from './closing.ts';
import type { Desk } from './desk.ts';
import { exported } from './keeping.ts';
import type { School } from './school.ts';
import { today } from './when.ts';

export interface DayExportPorts {
  readonly school: School;
  readonly desk: Desk;
  readonly journal: Pick<Journal, 'id' | 'replay' | 'closed' | 'place' | 'keysOf'>;
  readonly exports: ExportFolder;
  readonly log: Log;
}

const who = 'Porter';
/** While somebody signs in, the day is read again; after that it waits for the next look. */
const triesMax = 3;

export class DayExports {
  private readonly ports: DayExportPorts;
  private looking: Promise<void> | null = null;
  /** So many erasures have been looked for in every file. Where nobody was ever erased, none is read at a start. */
  private erased = 0;
  private files: ReadonlyMap<string, number> = new Map();

  constructor(ports: DayExportPorts) {
    this.ports = ports;
  }

  /** Bytes of the file of a day, as of the last look; null: there is none. */
  size(date: IsoDate): number | null {
    return this.files.get(date) ?? null;
  }

  /** To be called once in a while, and when a day was closed. What the card does not take is tried again with the next look. */
  look(): Promise<void> {
    this.looking ??= this.goThrough().finally(() => {
      this.looking = null;
    });
    return this.looking;
  }

  private async goThrough(): Promise<void> {
    const { school, desk, exports, log } = this.ports;
    try {
      this.files = await exports.days();
      await this.takeAway();
      const ledger = desk.durable;
      for (const date of [...ledger.daysClosed.keys()].sort()) {
        const isThere = this.files.has(date) || date < this.keptFrom();
        if (!(ledger.exported.has(date) && isThere) && isClosed(school, ledger, date)) await this.export(date);
      }
      this.files = await exports.days();
    } catch (error) {
      if (!isStorageTrouble(error)) throw error;
      log.warn('export-put-off', { why: causeOf(error) });
    }
  }

  /** As long as the movements that they tell of, and a month more: time to take the last ones away. */
  private keptFrom(): IsoDate {
    const { school } = this.ports;
    return cutOff(addDays(today(school), -30), school.settings.keep);
  }

  private async takeAway(): Promise<void> {
    const { school, desk, exports } = this.ports;
    const { erasedKeys } = desk.durable;
    if (school.clock.trusted())
      for (const date of this.files.keys()) if (date < this.keptFrom()) await exports.remove(date);
    // Every file is read: a year of them takes a second.
    if (erasedKeys.size !== this.erased) {
      for (const date of this.files.keys()) {
        const text = await exports.text(date);
        if (text === null || [...erasedKeys].some((key) => text.includes(key))) await exports.remove(date);
      }
      this.erased = erasedKeys.size;
    }
    this.files = await exports.days();
  }

  private async export(date: IsoDate): Promise<void> {
    const { school, desk, exports, log } = this.ports;
    for (let tried = 0; tried < triesMax; tried += 1) {
      const upTo = desk.durable.last;
      const lines = await this.linesOf(date);
      await exports.write(date, lines);
      const done = await desk.record((ahead) => {
        // Something was recorded meanwhile that may be of this day.
        if (ahead.last !== upTo) return [];
        return ahead.exported.has(date) ? [] : [exported(school, ahead, { date, by: who })];
      });
      if (done.length > 0 || desk.durable.exported.has(date)) {
        log.info('day-exported', { date, records: lines.length });
        return;
      }
    }
  }

  private async linesOf(date: IsoDate): Promise<readonly object[]> {
    const { school, journal } = this.ports;
    const { timeZone } = school.settings.school;
    const begins = wallToEpoch(date, 0, timeZone);
    const before = (await journal.closed()).filter(({ held }) => held?.unsure === 0 && (held.to ?? 0) < begins);
    const place = await journal.place();
    const records: Recorded[] = [];
    const isOf = belongsTo(date, timeZone);
    for await (const some of journal.replay(
      undefined,
      before.map(({ segment }) => segment),
    ))
      records.push(...some.filter(isOf));
    const keys = [...new Set(records.flatMap((record) => pupilsOf(record)))];
    const pupils = await Promise.all(keys.map((key) => this.pupilLine(key)));
    const { name } = school.settings.school;
    const about = { porter: 'day', v: 1, date, school: name, box: school.settings.box.name, journal: journal.id };
    return [{ ...about, head: place.head, upTo: place.seen }, ...pupils, ...records];
  }

  /** `keys`: by which an erasure finds the files that tell of the pupil. */
  private async pupilLine(pupil: string): Promise<object> {
    const { school, journal } = this.ports;
    const { forename, surname, yearGroup, registrationGroup, misId } = school.roster.byKey(pupil) ?? {};
    return { pupil, forename, surname, yearGroup, registrationGroup, misId, keys: await journal.keysOf([pupil]) };
  }
}

/** Recorded on that day, or about what happened on it. To be asked of every record in its order. */
function belongsTo(date: IsoDate, timeZone: string): (record: Recorded) => boolean {
  const refs = new Set<Ref>();
  return (record) => {
    const { at } = record;
    const touch = record.type === 'movement' || record.type === 'request' ? record.touch : at;
    const days = [at, touch].flatMap((time) => (time.latest === null ? [] : [localTime(time.earliest, timeZone).date]));
    const is =
      days.includes(date) ||
      ('date' in record && record.date === date) ||
      namedBy(record).some((name) => refs.has(name) || name.includes(`|${date}|`));
    if (is) refs.add(record.ref);
    return is;
  };
}

/** Records and marks that a record names. */
function namedBy(record: Body): readonly string[] {
  const named = Object.entries(record).flatMap(([field, value]: [string, unknown]) =>
    ['movement', 'departure', 'request', 'note', 'setting', 'badge', 'key'].includes(field) && typeof value === 'string'
      ? [value]
      : [],
  );
  const rows = record.type === 'report' ? record.rows : record.type === 'sending' ? record.items : [];
  return [...named, ...rows.map(({ key }) => key)];
}
