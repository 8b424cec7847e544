/**
 * Badges to paper. `print started` is durable before the first byte, and a badge tried more than once says REPRINT
 * (durability.md 26). Whatever happens here, the departure stands.
 */
import { journalNumber, slip } from '../domain/badge.ts';
import type { BadgeWords, Bitmap, SlipText } from '../domain/badge.ts';
import type { Badge, Movement } from '../domain/ledger.ts';
import type { PrintBody, Recorded, Ref } from '../domain/record.ts';
import type { Result } from '../contract/result.ts';
import { fill, words } from '../contract/words/index.ts';
import type { Words } from '../contract/words/index.ts';
import { canPrint } from '../printer/port.ts';
import type { Printer } from '../printer/port.ts';
import type { Log } from '../system/ports.ts';
import { clockFace } from './arrivals.ts';
import type { Desk } from './desk.ts';
import { dueBack } from './presence.ts';
import type { School } from './school.ts';

/** Badges waiting for the printer; more than that are left to "reprint". */
const queueMax = 20;
/** After a restart, a badge of a departure this young is printed; an older one is left to staff. Monotonic, this boot. */
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
  private readonly queue: Ref[] = [];
  private working = false;
  private readonly ports: PrintingPorts;

  constructor(ports: PrintingPorts) {
    this.ports = ports;
    ports.desk.onDurable((records) => {
      for (const record of records) if (record.type === 'badge') this.enqueue(record.ref);
    });
  }

  /** Badges whose printing the last run did not finish. */
  resume(): void {
    const { school, desk } = this.ports;
    for (const [ref, { record, print, void: gone }] of desk.durable.badges) {
      const young = record.at.boot === school.clock.boot && school.clock.mono() - record.at.mono < resumeMaxMs;
      const unfinished = print === null || print.state === 'started';
      const out = desk.durable.out.has(record.movement);
      if (young && unfinished && out && !gone) this.enqueue(ref);
    }
  }

  /** Prints a badge of today again, with the same ID, marked REPRINT. */
  reprint(id: string): Result<null> {
    const ledger = this.ports.desk.durable;
    const [ref, badge] = [...ledger.badges].findLast(([, one]) => one.record.id === id) ?? [];
    if (ref === undefined || badge === undefined)
      return { ok: false, error: { code: 'not_found', detail: 'no such badge' } };
    if (badge.void) return { ok: false, error: { code: 'wrong_state', detail: 'the badge is void' } };
    this.enqueue(ref);
    return { ok: true, value: null };
  }

  private enqueue(badge: Ref): void {
    if (this.queue.length >= queueMax || this.queue.includes(badge)) return;
    this.queue.push(badge);
    if (this.working) return;
    this.working = true;
    this.work()
      .catch(this.ports.onBroken)
      .finally(() => {
        this.working = false;
      });
  }

  private async work(): Promise<void> {
    for (let ref = this.queue.shift(); ref !== undefined; ref = this.queue.shift()) await this.printOne(ref);
  }

  private async printOne(ref: Ref): Promise<void> {
    const { desk, printer, school, log } = this.ports;
    const badge = desk.durable.badges.get(ref);
    const departure = desk.durable.movements.get(badge?.record.movement ?? '');
    if (badge === undefined || badge.void || departure === undefined) return;
    const attempt = (badge.print?.attempt ?? 0) + 1;
    const status = await printer.status();
    if (!canPrint(status.state)) {
      await this.note(ref, attempt, 'failed', status.words);
      this.ports.onFailed(departure.record.visit);
      return;
    }
    await this.note(ref, attempt, 'started', null);
    const picture = await this.draw(badge, departure, attempt);
    // The printer's own deadline ends the job (printer/port.ts).
    const outcome = await printer.print(
      { id: journalNumber(school.settings.box.id, departure.record.n), picture },
      new AbortController().signal,
    );
    log.info('badge', { attempt, outcome: outcome.outcome });
    const printed = outcome.outcome === 'printed';
    await this.note(ref, attempt, printed ? 'printed' : 'failed', printed ? null : outcome.why);
    if (!printed) this.ports.onFailed(departure.record.visit);
  }

  private async draw(badge: Badge, departure: Movement, attempt: number): Promise<Bitmap> {
    const { school, draw, photo } = this.ports;
    const { settings } = school;
    const zone = settings.school.timeZone;
    const pupil = school.roster.byKey(departure.record.pupil ?? '');
    const language = words[settings.school.languages[0] ?? 'en'];
    const due = dueBack(school, departure);
    const { leave, touch, visit } = departure.record;
    const text = slip({
      pupil: pupil ?? { forename: '', surname: '', registrationGroup: null },
      date: badge.record.date,
      out: touch.latest === null ? null : clockFace(touch.earliest, zone),
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

  private async note(
    badge: Ref,
    attempt: number,
    state: PrintBody['state'],
    why: string | null,
  ): Promise<readonly Recorded[]> {
    return this.ports.desk.commit([{ type: 'print', v: 1, badge, attempt, state, why }]);
  }
}

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
    number: fill(language.badge.number, { number: '' }).trim(),
    weekdays: [...weekdays, sunday ?? ''],
    months: language.monthsShort,
  };
}
