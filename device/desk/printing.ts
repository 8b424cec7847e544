/**
 * Badges to paper. `print started` is durable before the first byte, and a badge tried more than once says REPRINT
 * (durability.md 26). Whatever happens here, the departure stands.
 */
import { journalNumber, slip } from '../domain/badge.ts';
import { sureDate } from '../domain/clock-trust.ts';
import type { BadgeWords, Bitmap, SlipText } from '../domain/badge.ts';
import type { Badge, Movement } from '../domain/ledger.ts';
import type { Actor, PrintBody, Ref } from '../domain/record.ts';
import type { Result } from '../contract/result.ts';
import { fill, words } from '../contract/words/index.ts';
import type { Words } from '../contract/words/index.ts';
import { canPrint } from '../printer/port.ts';
import type { Printer } from '../printer/port.ts';
import type { Log } from '../system/ports.ts';
import { closedWords } from './closed.ts';
import type { Desk } from './desk.ts';
import { dueBack } from './presence.ts';
import type { School } from './school.ts';
import { clockFace, sureFace, timeOf } from './when.ts';

/** Badges waiting for the printer; more than that are left to "reprint". */
const queueMax = 20;
/** After a restart, or cut off in the middle, a badge this young is printed; an older one is left to staff. Monotonic, this boot. */
const resumeMaxMs = 2 * 60_000;

export interface PrintingPorts {
  readonly school: School;
  readonly desk: Desk;
  readonly printer: Printer;
  readonly log: Log;
  readonly draw: (slip: SlipText, photo: Uint8Array | null) => Promise<Bitmap>;
  readonly photo: (visit: string) => Promise<Uint8Array | null>;
  /** The badge of this visit will not print: the pupil must write the number down. */
  readonly onFailed: (visit: string) => void;
  readonly onBroken: (error: unknown) => void;
}

export class Printing {
  private readonly waiting = new Set<Ref>();
  /** Its turn has come, and no try has begun yet. */
  private next: Ref | null = null;
  /** Cut off in the middle: printed once more as soon as the printer is back. */
  private readonly cutOff = new Set<Ref>();
  /** Who has asked for it once more. */
  private readonly askedBy = new Map<Ref, Actor>();
  private last: Promise<void> = Promise.resolve();
  private stopped = false;
  private readonly ports: PrintingPorts;

  constructor(ports: PrintingPorts) {
    this.ports = ports;
    ports.desk.onDurable((records) => {
      for (const record of records) {
        if (record.type === 'badge' && !this.enqueue(record.ref)) this.writeItDown(record.ref);
        if (record.type === 'print' && record.badge === this.next) this.next = null;
      }
    });
    ports.printer.onChange(({ state }) => {
      if (!canPrint(state)) return;
      const back = [...this.cutOff].filter((ref) => this.isYoung(ref));
      this.cutOff.clear();
      for (const ref of back) this.enqueue(ref);
    });
  }

  /** Badges whose printing the last run did not finish: young ones are printed; of older ones that were begun it is noted that they were not. */
  resume(): void {
    for (const [ref, { print }] of this.ports.desk.durable.badges) {
      const begun = print?.state === 'started';
      if (!this.isWanted(ref) || (print !== null && !begun)) continue;
      if (this.isYoung(ref)) this.enqueue(ref);
      else if (begun) this.note(ref, print.attempt, 'failed', 'Porter was stopped').catch(this.ports.onBroken);
    }
  }

  /** Prints a badge again, with the same ID, marked REPRINT: while it is good and its pupil out. */
  reprint(id: string, by: Actor): Result<null> {
    const ledger = this.ports.desk.durable;
    const [ref] = [...ledger.badges].findLast(([, one]) => one.record.id === id) ?? [];
    if (ref === undefined)
      return { ok: false, error: { code: 'not_found', detail: `no such badge${closedWords(ledger)}` } };
    if (!this.isWanted(ref)) {
      return { ok: false, error: { code: 'wrong_state', detail: 'the badge is void, or its pupil is back' } };
    }
    if (!this.enqueue(ref)) return { ok: false, error: { code: 'busy' } };
    this.askedBy.set(ref, by);
    return { ok: true, value: null };
  }

  /** The badge of a visit as it is drawn for its last try, for screens; null: there is none that is good. */
  async picture(visit: string): Promise<Bitmap | null> {
    const { visits, movements, badges } = this.ports.desk.durable;
    const departure = movements.get(visits.get(visit) ?? '');
    const badge = badges.get(departure?.badge ?? '');
    if (departure === undefined || badge === undefined || badge.void) return null;
    return this.drawn(badge, departure, Math.max(1, badge.print?.attempt ?? 0));
  }

  /** A badge of nobody, with a number that is never given out: shows paper, darkness and cutter. */
  async testPrint(): Promise<Result<null>> {
    const { draw, printer, school } = this.ports;
    const nothing = { registrationGroup: null, out: null, back: null, date: '', number: '', photo: false };
    const picture = await draw(
      {
        ...nothing,
        reprint: 'TEST',
        school: school.settings.school.name,
        name: 'Test print',
        id: '0000 0000',
        qr: 'TEST',
        bring: 'Not a badge',
      },
      null,
    );
    const { outcome, why } = await printer.print({ id: 'test', picture }, new AbortController().signal);
    return outcome === 'printed'
      ? { ok: true, value: null }
      : { ok: false, error: { code: 'wrong_state', detail: why } };
  }

  /** Is it still to come to its next try? */
  waits(badge: Ref): boolean {
    return this.waiting.has(badge) || this.next === badge;
  }

  /** Nothing more is begun; what waits is left as it is, for `resume` after the restart. */
  stop(): void {
    this.stopped = true;
  }

  private isWanted(ref: Ref): boolean {
    const { badges, out } = this.ports.desk.durable;
    const badge = badges.get(ref);
    return !this.stopped && badge !== undefined && !badge.void && out.has(badge.record.movement);
  }

  private isYoung(ref: Ref): boolean {
    const { clock } = this.ports.school;
    const at = this.ports.desk.durable.badges.get(ref)?.record.at;
    return at !== undefined && at.boot === clock.boot && clock.mono() - at.mono < resumeMaxMs;
  }

  /** False: too many wait already. */
  private enqueue(ref: Ref): boolean {
    if (this.waiting.has(ref)) return true;
    if (this.waiting.size >= queueMax) return false;
    this.waiting.add(ref);
    this.last = this.last
      .then(async () => {
        this.waiting.delete(ref);
        this.next = ref;
        if (!(await this.print(ref))) this.writeItDown(ref);
        this.askedBy.delete(ref);
        this.next = null;
      })
      .catch(this.ports.onBroken);
    return true;
  }

  private writeItDown(ref: Ref): void {
    const { movements, badges } = this.ports.desk.durable;
    const departure = movements.get(badges.get(ref)?.record.movement ?? '');
    if (departure !== undefined) this.ports.onFailed(departure.record.visit);
  }

  /** False: it did not print. */
  private async print(ref: Ref): Promise<boolean> {
    const { desk, printer, school, log } = this.ports;
    const badge = desk.durable.badges.get(ref);
    const departure = desk.durable.movements.get(badge?.record.movement ?? '');
    if (badge === undefined || departure === undefined || !this.isWanted(ref)) return true;
    const attempts = badge.print?.attempt ?? 0;
    const status = await printer.status();
    if (!canPrint(status.state)) {
      await this.note(ref, attempts, 'failed', status.words);
      return false;
    }
    const attempt = attempts + 1;
    const picture = await this.drawn(badge, departure, attempt);
    if (!this.isWanted(ref)) return true;
    if (picture === null) {
      await this.note(ref, attempts, 'failed', 'The badge could not be drawn');
      return false;
    }
    if (!(await this.note(ref, attempt, 'started', null))) return false;
    // The printer's own deadline ends the job (printer/port.ts).
    const id = journalNumber(school.settings.box.id, departure.record.n);
    const { outcome, why, cutOff } = await printer.print({ id, picture }, new AbortController().signal);
    log.info('badge', { attempt, outcome });
    const printed = outcome === 'printed';
    await this.note(ref, attempt, printed ? 'printed' : 'failed', printed ? null : why);
    if (cutOff !== true || attempts > 0) return printed;
    // Once more, with the same ID and REPRINT: at once where only the driver ended, else when the printer is back.
    if (canPrint((await printer.status()).state)) return this.print(ref);
    this.cutOff.add(ref);
    return false;
  }

  /** Null where the painter failed: a name that cannot be drawn must not stop the box. */
  private async drawn(badge: Badge, departure: Movement, attempt: number): Promise<Bitmap | null> {
    try {
      return await this.draw(badge, departure, attempt);
    } catch (error) {
      this.ports.log.error('badge-not-drawn', { why: error instanceof Error ? error.name : 'unknown' });
      return null;
    }
  }

  private async draw(badge: Badge, departure: Movement, attempt: number): Promise<Bitmap> {
    const { school, draw, photo } = this.ports;
    const { settings } = school;
    const zone = settings.school.timeZone;
    const pupil = school.roster.byKey(departure.record.pupil ?? '');
    const language = words[settings.school.languages[0] ?? 'en'];
    const at = timeOf(school, departure);
    const due = dueBack(school, departure);
    const { leave, visit } = departure.record;
    const text = slip({
      pupil: pupil ?? { forename: '', surname: '', registrationGroup: null },
      date: sureDate(at, zone),
      out: sureFace(at, zone),
      back: due === null ? (leave?.back ?? null) : { at: clockFace(due, zone) },
      badgeId: badge.record.id,
      token: badge.record.token,
      box: settings.box.id,
      n: departure.record.n,
      attempt,
      school: settings.school.name,
      show: settings.badge,
      words: badgeWords(language),
    });
    return draw(text, settings.badge.photo && leave?.photo === 'taken' ? await photo(visit) : null);
  }

  /** False: it could not be recorded. `attempt` 0: none was begun. */
  private async note(badge: Ref, attempt: number, state: PrintBody['state'], why: string | null): Promise<boolean> {
    const by = this.askedBy.get(badge);
    const asked = by === undefined ? {} : { by };
    const records = await this.ports.desk.record(() => [{ type: 'print', v: 1, badge, attempt, state, why, ...asked }]);
    return records.length > 0;
  }
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The badge's words, from the school's first language. */
function badgeWords(language: Words): BadgeWords {
  const [sunday, ...weekdays] = language.weekdaysShort;
  return {
    out: language.badge.out,
    back: language.badge.back,
    beforeLunch: language.early.beforeLunch,
    afterLunch: language.early.afterLunch,
    notToday: language.early.notToday,
    bring: language.badge.bringBack,
    reprint: language.badge.reprint,
    timeToBeConfirmed: capitalised(language.common.timeToBeConfirmed),
    number: fill(language.badge.number, { number: '' }).trim(),
    weekdays: [...weekdays, sunday ?? ''],
    months: language.monthsShort,
  };
}
